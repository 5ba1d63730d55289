"""The baseline as a file."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from dataclasses import asdict
from typing import Any

from pytest_clipdata.faults import Fault, Side
from pytest_clipdata.findings import Report
from pytest_clipdata.reports.baseline.entries import (
    Baseline,
    ContentOf,
    Entry,
    Picture,
    entry_of,
    judged_different,
    sorted_pair,
)


class BaselineError(ValueError):
    """A baseline file that can't be read; its text says what is wrong and where."""


def dumps(
    report: Report,
    content: ContentOf,
    different: Collection[tuple[Picture, Picture]] = (),
    kept: Collection[Entry] = (),
) -> str:
    """A baseline of every finding of ``report`` and the entries ``kept``, one a line, sorted.

    ``different`` (usually that of the baseline before) is carried over; what it settles is not listed again.
    """
    pairs = sorted({sorted_pair(*pair) for pair in different})
    found = [entry_of(f, content) for f in report.findings if not judged_different(f, content, frozenset(pairs))]
    known = sorted([*kept, *found])
    lists: dict[str, list[Any]] = {
        "different": [list(pair) for pair in pairs],
        "known": [_record(entry) for entry in known],
    }
    parts = [' "version": 2']
    for name, rows in lists.items():
        lines = ",".join(f"\n  {json.dumps(row, ensure_ascii=False)}" for row in rows)
        parts.append(f' "{name}": [{lines}{chr(10) + " " if lines else ""}]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _record(entry: Entry) -> dict[str, Any]:
    record = {name: getattr(entry, name) for name in ("check", "source", "pictures", "text", "label")}
    if entry.faults is not None:  # one that was kept from a file of version 1 still knows none
        record["faults"] = [
            {name: value for name, value in asdict(fault).items() if value is not None} for fault in entry.faults
        ]
    return record | {"message": entry.message}


def load(text: str) -> Baseline:
    """The baseline in ``text``.

    Raises:
        BaselineError: ``text`` is not a baseline of version 1 or 2.
    """
    if re.search(r"^(<{7}|>{7}) ", text, re.MULTILINE):
        raise BaselineError("holds the marks of an unfinished merge (<<<<<<<)")
    try:
        record = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise BaselineError(f"line {error.lineno}: is not JSON: {error.msg}") from None
    except RecursionError:
        raise BaselineError("is nested too deeply") from None
    except ValueError:  # Python refuses to read an integer of more than 4,300 digits; NaN is no JSON
        raise BaselineError("holds a number that is too long or is none") from None
    version = record.get("version") if isinstance(record, dict) else None
    if version not in (1, 2) or isinstance(version, bool):
        raise BaselineError('is not a baseline of version 1 or 2: {"version": 2, "different": [...], "known": [...]}')
    pairs = [_read_pair(row, i) for i, row in enumerate(_read_list(record, "different"), 1)]
    known = [_read_entry(row, i, version) for i, row in enumerate(_read_list(record, "known"), 1)]
    return Baseline(tuple(sorted(known)), tuple(sorted(set(pairs))), version)


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number")


def _read_list(record: dict[str, Any], name: str) -> list[Any]:
    rows = record.get(name, [])
    if not isinstance(rows, list):
        raise BaselineError(f'"{name}" is not a list')
    return rows


def _read_pair(row: object, number: int) -> tuple[Picture, Picture]:
    if not isinstance(row, list) or len(row) != 2 or not all(isinstance(key, str) for key in row):
        raise BaselineError(f'"different", entry {number}: is not a pair of picture keys, ["sha256:...", "sha256:..."]')
    return sorted_pair(*row)


def _read_entry(row: object, number: int, version: int) -> Entry:
    source = "csv" if version == 1 and isinstance(row, dict) and "csv" in row else "source"
    names = ("check", "text", "label", source, "message")
    where = f'"known", entry {number}'
    if not isinstance(row, dict):
        raise BaselineError(f"{where}: is not an object")
    for name in names:
        if not isinstance(row.get(name), str):
            raise BaselineError(f'{where}: "{name}" is missing or not a string')
    pictures = row.get("pictures")
    if not isinstance(pictures, list) or not all(isinstance(key, str) for key in pictures):
        raise BaselineError(f'{where}: "pictures" is missing or not a list of strings')
    fields = {"source" if name == "csv" else name: row[name] for name in names}
    faults = row.get("faults")
    if version == 2 and faults is not None:
        if not isinstance(faults, list):
            raise BaselineError(f'{where}: "faults" is not a list')
        return Entry(pictures=tuple(sorted(pictures)), faults=tuple(_read_fault(f, where) for f in faults), **fields)
    return Entry(pictures=tuple(sorted(pictures)), **fields)


def _read_fault(row: object, where: str) -> Fault:
    if not isinstance(row, dict) or not isinstance(row.get("kind"), str):
        raise BaselineError(f'{where}: a fault is an object with a "kind"')
    value, figure, side = row.get("value"), row.get("figure"), row.get("side")
    right = value is None or isinstance(value, str)
    right &= figure is None or (isinstance(figure, (int, float)) and not isinstance(figure, bool))
    if not right or side not in (None, *map(str, Side)):
        raise BaselineError(f'{where}: of a fault, "value" is a string, "figure" a number, "side" below or above')
    try:
        return Fault(
            row["kind"], value, None if figure is None else float(figure), None if side is None else Side(side)
        )
    except OverflowError:
        raise BaselineError(f"{where}: a figure is too large") from None
