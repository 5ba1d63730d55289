"""Which CSVs make up a dataset, which split each of them is, and where their pictures lie."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from pytest_clipdata.reading.readers import READERS
from pytest_clipdata.reading.source import Source

_SPLITS = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test", "holdout": "test", "eval": "test",
}  # fmt: skip
_RANK = {"train": 0, "val": 1, "test": 2}  #: the others follow, by name


class DatasetError(ValueError):
    """A path names no dataset. The words are one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """The CSVs of one root: the training split first, then val, test and the others, by name.

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


def discover(paths: Sequence[Path]) -> list[Dataset]:
    """The datasets that folders and CSVs name, by root; a dataset holds its unnamed CSVs as well.

    Folders are searched for ``*.csv`` and ``*.tsv`` without hidden and symlinked folders. The root of a CSV is its
    folder, or the folder above if its folder is named like a split. Raises DatasetError.
    """
    try:
        wanted = {source for path in paths for source in _named(path)}
        roots: dict[Path, set[Path]] = {}
        for source in wanted:
            roots.setdefault(_root(source.parent), set()).add(source)
        return [_dataset(root, roots[root]) for root in sorted(roots)]
    except OSError as error:
        raise DatasetError(f"{error.filename} cannot be read: {error.strerror}") from None


def split_of(stem: str, folder: str) -> str:
    """The split that a CSV's stem names, else its folder, else the stem itself."""
    return _split_word(stem) or _SPLITS.get(folder.casefold()) or stem


def _split_word(stem: str) -> str | None:
    """``train``, ``val`` or ``test`` if the stem is such a word, or has exactly one among its words."""
    words = re.split(r"[\W_]+", stem.casefold())
    splits = [_SPLITS[word] for word in words if word in _SPLITS]
    return splits[0] if len(splits) == 1 else None


def absolute_path(path: Path) -> Path:
    """Absolute and without ``..``, symlinks left as they are: names stay the ones that the user knows."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def _is_source(path: Path) -> bool:
    return path.suffix.lower() in READERS


def _named(path: Path) -> Iterator[Path]:
    """The CSVs that one path names."""
    absolute = absolute_path(path)
    if absolute.is_dir():
        found = list(_walk(absolute))
        if not found:
            raise DatasetError(f"no CSV (*.csv, *.tsv) under {path}")
        yield from found
    elif not os.path.lexists(absolute):
        raise DatasetError(f"no such path: {str(path)!r}{_did_you_mean(absolute)}")
    elif not _is_source(absolute):
        raise DatasetError(f"{path} is neither a folder nor a CSV (*.csv, *.tsv)")
    else:
        yield absolute


def _walk(folder: Path) -> Iterator[Path]:
    """The CSVs under a folder, sorted. A folder that the system refuses to list is an error, not an empty folder."""

    def refuse(error: OSError) -> None:
        raise error

    for parent, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(files) if _is_source(Path(name)) and not name.startswith("."))


def _did_you_mean(path: Path) -> str:
    """`` (did you mean X?)`` for a slip in the last part of a path that exists otherwise."""
    try:
        names = {name.casefold(): name for name in sorted(os.listdir(path.parent))}  # noqa: PTH208
    except OSError:
        return ""
    close = get_close_matches(path.name.casefold(), names, n=1)
    return f" (did you mean {path.parent / names[close[0]]}?)" if close else ""


def _sources_in(folder: Path) -> list[Path]:
    """The CSVs that lie in one folder, sorted."""
    visible = (path for path in folder.iterdir() if _is_source(path) and not path.name.startswith("."))
    return sorted(path for path in visible if not path.is_dir())


def _root(folder: Path) -> Path:
    """The dataset root of the CSVs of a folder: it, or the folder above if this one is named like a split."""
    split = _SPLITS.get(folder.name.casefold())
    if split is None or any((_split_word(source.stem) or split) != split for source in _sources_in(folder)):
        return folder
    return folder.parent


def _dataset(root: Path, wanted: Collection[Path]) -> Dataset:
    paths = set(wanted) | set(_sources_in(root) if _root(root) == root else ())
    for folder in sorted(root.iterdir()):
        if folder.name.casefold() in _SPLITS and folder.is_dir() and not folder.is_symlink() and _root(folder) == root:
            paths.update(_sources_in(folder))
    sources = [
        READERS[path.suffix.lower()](path, path.relative_to(root).as_posix(), split_of(path.stem, path.parent.name))
        for path in paths
    ]
    sources.sort(key=lambda source: (_RANK.get(source.split, len(_RANK)), source.split, source.name))
    names = frozenset(source.name for source in sources if source.path in wanted)
    return Dataset(root, tuple(sources), names)
