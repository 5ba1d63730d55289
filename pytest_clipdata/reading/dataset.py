"""Which sources make up a dataset, and which split each of them is."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pytest_clipdata.reading.folders import Folders, Note, is_source
from pytest_clipdata.reading.kinds import is_container
from pytest_clipdata.reading.readers import FORMATS, sources_of
from pytest_clipdata.reading.shards import in_sources
from pytest_clipdata.reading.sidecars import NAME as SIDECARS
from pytest_clipdata.reading.source import Source
from pytest_clipdata.reading.splits import split_in_stem, split_of_folder

_RANK = {"train": 0, "val": 1, "test": 2}  #: the others follow, by name


class DatasetError(ValueError):
    """A path names no dataset. The words are one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """The sources of one root: the training split first, then val, test and the others, by name.

    ``selected`` are the names that were asked for; the others are their siblings, there to be compared with.
    """

    root: Path
    sources: tuple[Source, ...]
    selected: frozenset[str]

    @property
    def training_split(self) -> str | None:
        """The split that is trained on: ``train``, or the only split unless that is for validation or test."""
        splits = {source.split for source in self.sources}
        if "train" in splits:
            return "train"
        return next(iter(splits)) if len(splits) == 1 and not splits & {"val", "test"} else None

    def apart(self, *, held_out: bool) -> dict[str, tuple[str, ...]]:
        """For each split those with which it may share no picture: the training split first, then, with ``held_out``,
        the held-out splits that come before it.

        Held-out is what is not trained on; without a training split only what is named as validation or test.
        """
        splits = list(dict.fromkeys(source.split for source in self.sources))
        training = self.training_split
        held = [split for split in splits if split in ("val", "test") or training not in (None, split)]
        first = () if training is None else (training,)
        return {
            split: first + tuple(held[: held.index(split)] if held_out else ()) if split in held else ()
            for split in splits
        }


@dataclass(frozen=True, slots=True)
class Found:
    """The datasets that paths name, by root; and what lies there that is not read, or not what its place says."""

    datasets: tuple[Dataset, ...]
    notes: tuple[Note, ...]


def discover(paths: Sequence[Path]) -> list[Dataset]:
    """The datasets of `find_datasets`."""
    return list(find_datasets(paths).datasets)


def find_datasets(paths: Sequence[Path]) -> Found:
    """The datasets that folders and sources name, by root; a dataset holds its unnamed sources as well.

    Folders are searched without hidden ones, see `folders.Folders` for symbolic links. The root of a source is its
    folder; folders that are named like splits have the folder above as their root, so that those beside each other are
    one dataset whatever else lies in them. Raises DatasetError.
    """
    folders = Folders()
    try:
        wanted = {source for path in paths for source in _named(path, folders)}
        roots: dict[Path, set[Path]] = {}
        for source in wanted:
            roots.setdefault(_root(source.parent, folders), set()).add(source)
        datasets = tuple(_dataset(root, roots[root], folders) for root in sorted(roots))
    except OSError as error:
        raise DatasetError(f"{error.filename} cannot be read: {error.strerror}") from None
    return Found(datasets, tuple(sorted(folders.notes)))


def absolute_path(path: Path) -> Path:
    """Absolute and without ``..``, symlinks left as they are: names stay the ones that the user knows."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def _named(path: Path, folders: Folders) -> Iterator[Path]:
    """The sources that one path names."""
    absolute = absolute_path(path)
    if absolute.is_dir():
        found = list(folders.walk(absolute))
        if not found:
            folders.note_unread(absolute)
            notes = [f"; {note.path.relative_to(absolute)} {note.words}" for note in sorted(folders.notes)[:1]]
            raise DatasetError(f"no dataset ({FORMATS}) under {path}{''.join(notes)}")
        yield from found
    elif absolute.name == SIDECARS and absolute.parent.is_dir():
        if absolute not in folders.sources(absolute.parent):
            raise DatasetError(f"{absolute.parent} holds no pictures with texts beside them that no table names")
        yield absolute
    elif not os.path.lexists(absolute):
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+:/", str(path)):
            raise DatasetError("a URL is taken by pytest --clip-dataset and by clipdata check alone")
        if "#" in absolute.name and absolute.parent.is_dir() and (shards := _shards(absolute, folders)):
            yield from shards
            return
        raise DatasetError(f"no such path: {str(path)!r}{_did_you_mean(absolute)}")
    elif not is_source(absolute.name.lstrip(".")):
        raise DatasetError(f"{path} is neither a folder nor a dataset ({FORMATS})")
    else:
        yield absolute


def _shards(path: Path, folders: Folders) -> tuple[Path, ...]:
    """The files of the source that is called so, with ``#`` for the number."""
    return in_sources(file for file in folders.sources(path.parent) if is_container(file.name)).get(path, ())


def _did_you_mean(path: Path) -> str:
    """`` (did you mean X?)`` for a slip in the last part of a path that exists otherwise."""
    try:
        names = {name.casefold(): name for name in sorted(os.listdir(path.parent))}  # noqa: PTH208
    except OSError:
        return ""
    close = get_close_matches(path.name.casefold(), names, n=1)
    return f" (did you mean {path.parent / names[close[0]]}?)" if close else ""


def _root(folder: Path, folders: Folders) -> Path:
    """The dataset root of the sources of a folder: it, or the folder above if this one is named like a split.

    A folder named like a split is a dataset of its own only if it holds other splits and either nothing of its own
    split but a training split and another one, or nothing that lies around it could belong to it.
    """
    split = split_of_folder(folder.name)
    if split is None:
        return folder
    held = {split_in_stem(source.stem) or split for source in folders.sources(folder)}
    if held <= {split}:
        return folder.parent
    whole = split not in held and "train" in held and len(held) > 1
    beside = [other for other in folders.splits(folder.parent) if other != folder and folders.sources(other)]
    around = beside or folders.sources(folder.parent)
    if whole and around:
        folders.note(folder, f"is a dataset of its own: it holds {' and '.join(sorted(held))}")
    return folder if whole or not around else folder.parent


def _dataset(root: Path, wanted: Collection[Path], folders: Folders) -> Dataset:
    paths = set(wanted)
    if _root(root, folders) == root:
        paths.update(folders.sources(root))
        folders.note_unread(root)
    for folder in folders.splits(root):
        if _root(folder, folders) == root:
            paths.update(folders.sources(folder))
            folders.note_unread(folder)
    files_of = sources_of(paths, root)
    sources = list(files_of)
    sources.sort(key=lambda source: (_RANK.get(source.split, len(_RANK)), source.split, source.name))
    for source in sources:
        around = split_of_folder(source.path.parent.name)
        if source.path.parent != root and around not in (None, source.split):
            folders.note(source.path, f"is {source.split} by its name, though its folder is {around}")
    asked = set(wanted)
    names = frozenset(source.name for source, files in files_of.items() if asked.intersection(files))
    return Dataset(root, tuple(sources), names)
