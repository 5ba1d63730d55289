"""The folder that relative image paths start from."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

from pytest_clipdata.reading.coco import CocoSource
from pytest_clipdata.reading.dataset import (
    Dataset,
    absolute_path,
)
from pytest_clipdata.reading.image_folder import is_imagefolder
from pytest_clipdata.reading.sidecars import SidecarSource
from pytest_clipdata.reading.source import Source

FOLDER = "{folder}"


def image_roots(dataset: Dataset, image_paths: Mapping[str, Collection[str]], top: Path) -> dict[str, Path]:
    """The folder that the relative image paths of each source start from, by its name.

    It is what the format says, and else, or if none of the paths exists there, the folder of `choose_image_root`.
    ``image_paths`` gives the paths by the name of the source.
    """
    fixed = {source.name: _best(own_roots(source), image_paths.get(source.name, ())) for source in dataset.sources}
    free = {name: paths for name, paths in image_paths.items() if fixed[name] is None}
    level = choose_image_root(dataset, free, top)
    return {source.name: fixed[source.name] or source.path.parents[level] for source in dataset.sources}


def named_root(image_root: str, dataset: Dataset, source: Source) -> Path:
    """The folder that the setting ``image_root`` names for a source.

    It is relative to the dataset root, and ``{folder}`` in it stands for the source's own folder as seen from there.
    """
    folder = source.path.parent.relative_to(dataset.root)
    return dataset.root / image_root.replace(FOLDER, folder.as_posix())


def own_roots(source: Source) -> tuple[Path, ...]:
    """The folders of which the paths in a source start from one, where its format says which."""
    if isinstance(source, CocoSource):
        return source.roots
    return (source.path.parent,) if isinstance(source, SidecarSource) or is_imagefolder(source.path) else ()


def _best(folders: Collection[Path], image_paths: Collection[str]) -> Path | None:
    """The folder under which most of the paths exist, the first of equals; None if none exists under any."""
    relative = {path for path in map(_relative, image_paths) if path}
    best, best_folder = 0, None
    for folder in folders:
        found = _count(folder, relative)
        if found > best:
            best, best_folder = found, folder
        if found == len(relative):
            break
    return best_folder


def choose_image_root(dataset: Dataset, image_paths: Mapping[str, Collection[str]], top: Path) -> int:
    """How many levels above each CSV's folder its relative image paths start: one number for the whole dataset.

    ``image_paths`` gives the paths by the name of the CSV. It is the number under which most distinct paths exist, the
    smallest of equals. It goes no higher than ``top``, or than the folder above the dataset root if that lies outside
    of ``top``. 0 if no path exists anywhere.
    """
    sought: dict[Path, set[str]] = {}
    for source in dataset.sources:
        relative = sought.setdefault(source.path.parent, set())
        relative.update(path for path in (_relative(path) for path in image_paths.get(source.name, ())) if path)
    top = absolute_path(top)
    ceiling = top if dataset.root.is_relative_to(top) else dataset.root.parent
    best = best_level = 0
    total = sum(map(len, sought.values()))
    for level in range(max((len(folder.parents) for folder in sought), default=0) + 1):
        bases = [(_above(folder, level), paths) for folder, paths in sought.items()]
        found = sum(_count(base, paths) for base, paths in bases if base is not None and base.is_relative_to(ceiling))
        if found > best:
            best, best_level = found, level
        if best == total:
            break
    return best_level


def _relative(path: str) -> str | None:
    r"""An image path in the system's own spelling; None if it is absolute (``/a``, ``\\server``, ``C:``)."""
    path = path.strip().replace("\\", "/")
    return None if path.startswith("/") or path[1:2] == ":" else path


def _above(folder: Path, level: int) -> Path | None:
    if level == 0:
        return folder
    return folder.parents[level - 1] if level <= len(folder.parents) else None


def _count(base: Path, paths: Collection[str]) -> int:
    """How many of the paths exist under ``base``."""
    prefix = str(base) + "/"
    return sum(_exists(prefix + path) for path in paths)


def _exists(path: str) -> bool:
    try:
        os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):  # ValueError: a NUL or lone surrogate, which no file name can hold
        return False
    return True
