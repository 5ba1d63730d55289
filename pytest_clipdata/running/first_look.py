"""What can be seen of datasets before there are settings, and the settings that fit them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_clipdata.reading.columns import Columns, Wanted, choose_columns, told
from pytest_clipdata.reading.dataset import Dataset, DatasetError, absolute_path, find_datasets
from pytest_clipdata.reading.image_root import image_roots, own_roots
from pytest_clipdata.reading.seen_from import seen_from
from pytest_clipdata.reading.source import Rows
from pytest_clipdata.settings.labels import MEANINGS, normalise_label

_SHOWN = 6  # labels that are named


@dataclass(frozen=True, slots=True)
class Look:
    """Settings by table (``""``: of no table) and name, and what was seen, a line each."""

    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seen: Sequence[str] = ()


def first_look(path: Path, folder: Path) -> Look:
    """Look at the datasets of ``path``; the settings are to lie in ``folder``.

    Nothing is set that is not needed, and nothing that datasets below one folder do not agree on. Where there is no
    dataset, there is nothing to be seen. Raises DatasetError for a path that is not there.
    """
    try:
        datasets = find_datasets([path]).datasets
    except DatasetError as error:
        if not path.is_dir():
            raise
        return Look(seen=[str(error)])
    looks = [_look(dataset, folder) for dataset in datasets]
    seen = [line for look in looks for line in look.seen]
    if any(look.settings != looks[0].settings for look in looks):
        return Look(seen=[*seen, "these datasets want different settings: write a file into each of their folders"])
    return Look(looks[0].settings, seen)


def _look(dataset: Dataset, folder: Path) -> Look:
    heads = {source.name: source.head() for source in dataset.sources}
    chosen = choose_columns(heads, Wanted())
    guesses = {role: name for columns in chosen.values() for role, name in columns.guesses.items()}
    read = choose_columns(heads, Wanted(named=guesses)) if guesses else chosen
    settings: dict[str, dict[str, Any]] = {}
    seen = []
    for source in dataset.sources:
        columns = chosen[source.name]
        seen.append(f"{seen_from(source.path, Path.cwd())}: {source.split}{_said(columns)}")
    seen += [f"  {line}" for line in told(chosen)]
    if guesses:
        settings["columns"] = guesses
    if all(columns.label is None for columns in read.values()):
        settings["labels"] = {"required": False}
    rows = {source.name: source.rows(read[source.name]) for source in dataset.sources}
    if any(columns.label is not None for columns in read.values()):
        words = _words_of(rows, read)
        seen += [f"  labels: {words.shown}"] if words.shown else []
        settings |= {"labels": words.settings} if words.settings else {}
    if root := _root(dataset, rows, folder):
        settings[""] = {"image_root": root}
        seen.append(f"  image paths start from {root}")
    return Look(settings, seen)


def _said(columns: Columns) -> str:
    return "" if columns.problem is None else f"; {columns.problem}"


@dataclass(frozen=True, slots=True)
class _Words:
    shown: str
    settings: dict[str, Any]


def _words_of(rows: Mapping[str, Rows], columns: Mapping[str, Columns]) -> _Words:
    """The labels that are there, and the settings that they take if all of them have a usual meaning."""
    labelled = [name for name in rows if columns[name].label is not None]
    counts = Counter(label for name in labelled for label in rows[name].labels if label is not None)
    shown = ", ".join(f"{label!r} ({count:,})" for label, count in counts.most_common(_SHOWN))
    there = {normalise_label(label) for label in counts}
    known = {kind: sorted(there & {*words}) for kind, words in MEANINGS.items()}
    plain = there <= {"match", "mismatch"}
    numbered = all(columns[name].label in ("match", "is_match", "matches") for name in labelled) and there <= {"0", "1"}
    if plain or numbered or there - {word for words in known.values() for word in words}:
        return _Words(shown, {})
    return _Words(shown, {kind: words or [kind] for kind, words in known.items()})


def _root(dataset: Dataset, rows: Mapping[str, Rows], folder: Path) -> str | None:
    """The folder from which image paths start, if it is one for all, not where everybody would look, and not said by
    the format."""
    if any(own_roots(source) for source in dataset.sources):
        return None
    paths = {name: {path for path in table.image_paths if path is not None} for name, table in rows.items()}
    roots = set(image_roots(dataset, paths, absolute_path(Path())).values())
    own = {source.path.parent for source in dataset.sources}
    if len(roots) != 1 or roots == own:
        return None
    return seen_from(roots.pop(), absolute_path(folder))
