"""Which datasets a commit touches, or paths belong to. Imports stand where they are needed: a hook must be quick."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_clipdata.reading.staged import Staged


@dataclass(slots=True)
class Touched:
    """All sources of the datasets to test, and what is to be said of what is not tested."""

    sources: list[Path] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def by_commit(overrides: Sequence[str]) -> Touched:
    """What the next commit touches, see `owners`. ``overrides`` are settings as ``KEY=VALUE``.

    Raises StagedError if the files that are judged are not as they are staged; DatasetError, SettingsError.
    """
    from pytest_clipdata.reading.staged import staged

    change = staged()
    files = change.there | change.deleted
    if not files:
        return Touched(words=["nothing is staged: nothing to check"])
    from pytest_clipdata.reading.kinds import concerns_data

    data = [path for path in files if concerns_data(path.name)]
    touched = Touched()
    if data:
        from pytest_clipdata.reading.owners import owners

        touched = _chosen(owners(data, change.top), [], overrides)
    if not touched.sources:
        touched.words.append("no dataset is touched: nothing to check")
    elif change.in_index:
        _refuse_differences(change, data, touched.sources)
    return touched


def _refuse_differences(change: Staged, data: Sequence[Path], sources: Sequence[Path]) -> None:
    """Raise StagedError if what is on disk, where it is judged, is not what will be committed."""
    from pytest_clipdata.reading.kinds import is_image
    from pytest_clipdata.reading.owners import named_files
    from pytest_clipdata.reading.staged import StagedError, not_in_index

    changed, untracked = not_in_index(change)
    read = {*data, *sources}
    missing = {*(untracked & read & change.deleted)}
    missing |= {*named_files([*{*sources} - untracked], [path for path in untracked if is_image(path.name)])}
    for files, words in ((changed & read, "is not what is staged"), (missing, "is not staged")):
        if files:
            more = f" (and {len(files) - 1:,} more)" if len(files) > 1 else ""
            first = min(files).relative_to(change.top)
            raise StagedError(f"{first} on disk {words}{more}, and what is on disk would be judged: stage or stash it")


def by_paths(paths: Sequence[Path], overrides: Sequence[str]) -> Touched:
    """The datasets of folders and sources, and those that images belong to. Raises DatasetError, SettingsError."""
    from pytest_clipdata.reading.dataset import absolute_path
    from pytest_clipdata.reading.kinds import is_image
    from pytest_clipdata.reading.owners import owners

    images = [path for path in paths if is_image(path.name) and path.is_file()]
    named = [path for path in paths if path not in images]
    touched = _chosen(owners([absolute_path(image) for image in images], Path.cwd()), named, overrides)
    if not touched.sources:
        touched.words.append(f"no CSV names {' or '.join(map(str, paths[:3]))}: nothing to check")
    return touched


def _chosen(touched: Sequence[Path], named: Sequence[Path], overrides: Sequence[str]) -> Touched:
    if not (touched or named):
        return Touched()
    from pytest_clipdata.reading.seen_from import seen_from
    from pytest_clipdata.running.choice import choose
    from pytest_clipdata.settings.options import RunOptions

    options = RunOptions(top=Path.cwd(), bounded=False, here=Path.cwd(), overrides=tuple(overrides))
    choice = choose([*touched, *named], options, named=named)
    sources = [source.path for dataset, _ in choice.datasets for source in dataset.sources]
    within = {source.parent for source in sources} | {dataset.root for dataset, _ in choice.datasets}
    # What lies within the datasets the plugin says.
    beside = [note for note in choice.notes if note.path.parent not in within]
    return Touched(sources, [f"{seen_from(note.path)} {note.words}" for note in beside])
