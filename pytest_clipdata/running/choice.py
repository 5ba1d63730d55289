"""Which of the datasets that lie under paths are tested, with the settings of each."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_clipdata.checks.registry import REGISTRY, Registry
from pytest_clipdata.reading.dataset import Dataset, DatasetError, absolute_path, find_datasets
from pytest_clipdata.reading.exclude import Exclude
from pytest_clipdata.reading.folders import Note
from pytest_clipdata.reading.foreign import is_foreign
from pytest_clipdata.reading.readers import without
from pytest_clipdata.reading.seen_from import seen_from
from pytest_clipdata.reading.sidecars import SidecarSource
from pytest_clipdata.reading.source import Source
from pytest_clipdata.reading.splits import split_in_stem, split_of_folder
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.settings.declared import Settings
from pytest_clipdata.settings.options import RunOptions


@dataclass(frozen=True, slots=True)
class Choice:
    """The datasets to test with their settings, and what lies beside them that is not tested, or needs a word."""

    datasets: tuple[tuple[Dataset, Settings], ...]
    notes: tuple[Note, ...]


def choose(
    paths: Sequence[Path],
    options: RunOptions,
    *,
    named: Collection[Path] | None = None,
    registry: Registry = REGISTRY,
) -> Choice:
    """What `--clip-dataset` names, each with its settings. Raises DatasetError and SettingsError.

    Left out and noted is what the setting ``exclude`` names, and a table that has to do with no picture: no column of
    pictures, no label, no split in its name or folder's, and no sibling that is a source. A path of ``named``
    (default: all of ``paths``) is what the user asked for: it is never left out itself, and one that leaves nothing
    is an error.
    """
    named = {absolute_path(path) for path in (paths if named is None else named)}
    found = find_datasets(paths)
    notes = list(found.notes)
    chosen = []
    for dataset in found.datasets:
        settings = load_settings(dataset, options, registry)
        kept = _kept(dataset, settings, options.top, named, notes)
        if options.confine:
            _refuse_outside(kept)
        if kept.selected:
            chosen.append((kept, settings))
    tested = [
        file
        for dataset, _ in chosen
        for source in dataset.sources
        if source.name in dataset.selected
        for file in (source.path, *source.files)
    ]
    for path in sorted(named):
        if not any(file.is_relative_to(path) for file in tested):
            why = next((f": {seen_from(n.path, path)} {n.words}" for n in notes if path in n.path.parents), "")
            raise DatasetError(f"{path} holds nothing to test{why}")
    return Choice(tuple(chosen), tuple(sorted(notes)))


def _kept(dataset: Dataset, settings: Settings, top: Path, named: Set[Path], notes: list[Note]) -> Dataset:
    """The dataset without the sources that are left out."""
    folder = top if settings.source is None else settings.source.parent
    exclude = Exclude(settings.general["exclude"], folder)
    kept = [left for source in dataset.sources if (left := _included(source, exclude, named, notes)) is not None]
    columns = settings.checks["columns"].options
    if not any(_has_split(source.path) or not is_foreign(source.head(), columns) for source in kept):
        words = "is left out: it has no column of pictures, no label, and no split in its name"
        asked = [source for source in kept if not named.isdisjoint((source.path, *source.files))]
        notes += [Note(source.path, words) for source in kept if source not in asked]
        kept = asked
    names = frozenset(source.name for source in kept) & dataset.selected
    return replace(dataset, sources=tuple(kept), selected=names)


def _included(source: Source, exclude: Exclude, named: Set[Path], notes: list[Note]) -> Source | None:
    """What ``exclude`` leaves of a source: all, all but some of its shards, or nothing. The user names it all by its
    path or by a folder above, or a shard by its own path."""
    if any(path in named and exclude.named_by(path) for path in (source.path, *source.path.parents)):
        return source
    glob = exclude.named_by(source.path)
    out = {path: found for path in source.files if path not in named and (found := glob or exclude.named_by(path))}
    if len(out) == len(source.files):
        notes.append(Note(source.path, f"is left out: exclude names {next(iter(out.values()))}"))
        return None
    for found in dict.fromkeys(out.values()):
        paths = [path for path in out if out[path] == found]
        one = len(paths) == 1
        words = "is left out" if one else f"is read without {len(paths):,} of its shards"
        notes.append(Note(paths[0] if one else source.path, f"{words}: exclude names {found}"))
    return without(source, out.keys()) if out else source


def _has_split(path: Path) -> bool:
    return (split_in_stem(path.stem) or split_of_folder(path.parent.name)) is not None


def _refuse_outside(dataset: Dataset) -> None:
    """Raise DatasetError for a source that a symbolic link takes out of the dataset."""
    root = os.path.realpath(dataset.root)
    texts = [text for source in dataset.sources if isinstance(source, SidecarSource) for text in source.texts()]
    for path in [*(path for source in dataset.sources for path in source.files), *texts]:
        if not Path(os.path.realpath(path)).is_relative_to(root):
            raise DatasetError(f"--clip-confine: {path} is reached through a symbolic link out of the dataset")
