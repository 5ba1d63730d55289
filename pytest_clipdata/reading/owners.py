"""To which sources a file belongs that changed, or is no longer there."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path

from pytest_clipdata.reading.dataset import DatasetError, discover
from pytest_clipdata.reading.folders import Folders, is_source
from pytest_clipdata.reading.kinds import SETTINGS, is_container, is_image
from pytest_clipdata.reading.naming import last_word, words_in
from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.sidecars import NAME as SIDECARS
from pytest_clipdata.reading.splits import split_of_folder

#: How many folders above an image may hold the sources that name it, where ``top`` is not one of them.
_LEVELS = 4


def owners(files: Collection[Path], top: Path) -> list[Path]:
    """A source, there now, of each dataset that the absolute paths ``files`` belong to.

    A source belongs to its own dataset, one that is gone to the dataset around. A picture belongs to the sources that
    name it, in the nearest folder above it that has any; one that nobody names to the dataset in the nearest folder
    above that has one. A text belongs to the pictures that it lies beside. Settings belong to every dataset below
    them. Folders above ``top`` are not looked at.
    """
    folders = Folders()
    found: dict[Path, None] = {}
    for path in sorted(file for file in files if is_source(file.name)):
        found |= dict.fromkeys([path] if os.path.lexists(path) else _around(path.parent, folders))
    for folder in sorted({file.parent for file in files if file.name.lower().endswith(".txt")}):
        found |= dict.fromkeys(source for source in _around(folder, folders) if source.name == SIDECARS)
    for path in sorted(file for file in files if file.name == SETTINGS and file.parent.is_dir()):
        found |= dict.fromkeys(folders.walk(path.parent))
    images = {file for file in files if is_image(file.name)}
    naming, unnamed = _naming(images, top)
    found |= dict.fromkeys(naming)
    for folder in sorted({image.parent for image in unnamed}):
        nearest = (_around(above, folders) for above in _above(folder, top))
        found |= dict.fromkeys(next((sources for sources in nearest if sources), []))
    return list(found)


def _around(folder: Path, folders: Folders) -> list[Path]:
    """The sources of the dataset whose root is ``folder``, or the one above if it is named like a split."""
    found = []
    for root in [folder, *([folder.parent] if split_of_folder(folder.name) else [])]:
        if root.is_dir():
            found += folders.sources(root)
            found += [source for split in folders.splits(root) for source in folders.sources(split)]
    return found


def _naming(images: Collection[Path], top: Path) -> tuple[list[Path], set[Path]]:
    """The sources that name one of ``images``, and the images that none names.

    The words of a source are compared with the names of the files. It need not be exact: a source too many is checked
    for nothing, and one that spells the name otherwise is wrong whatever the image holds.
    """
    found: dict[Path, None] = {}
    unnamed: set[Path] = set()
    words: dict[Path, set[bytes]] = {}
    near: dict[Path, list[Path]] = {}
    for folder in sorted({image.parent for image in images}):
        left = {last_word(image.name): image for image in sorted(images) if image.parent == folder}
        for above in _above(folder, top):
            if above not in near:
                near[above] = _sources_below(above)
            for source in near[above]:
                words[source] = words[source] if source in words else _words(source)
            owning = [source for source in near[above] if words[source] & left.keys()]
            found |= dict.fromkeys(owning)
            for word in set().union(*(words[source] for source in owning)) & left.keys():
                del left[word]
            if not left:
                break
        unnamed |= set(left.values())
    return list(found), unnamed


def _sources_below(folder: Path) -> list[Path]:
    try:
        return [file for dataset in discover([folder]) for source in dataset.sources for file in source.files]
    except DatasetError:
        return []


def named_files(sources: Collection[Path], files: Collection[Path]) -> list[Path]:
    """Those of ``files`` whose names stand in one of ``sources``."""
    words = set().union(*map(_words, sources))
    return [file for file in files if last_word(file.name) in words]


def _words(source: Path) -> set[bytes]:
    """The words of a table; of pictures with texts beside them their names; none of a container, which holds its
    pictures itself or is not made of words."""
    if is_container(source.name):
        return set()
    try:
        if source.name == SIDECARS:
            return {last_word(name) for name in os.listdir(source.parent) if is_image(name)}  # noqa: PTH208
        with open_regular(source) as file:
            return words_in(file.readall())
    except OSError:
        return set()


def _above(folder: Path, top: Path) -> Iterator[Path]:
    """The folders that may hold the sources for the images in ``folder``: up to ``top``, or a few levels."""
    folders = [folder, *folder.parents]
    within = folders[: folders.index(top) + 1] if top in folders else folders[:_LEVELS]
    return (above for above in within if above.is_dir())
