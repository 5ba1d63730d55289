"""Findings and their places from short arguments: rows of CSVs of one file, the first of which is in line 2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_clipdata.findings import Finding, Place, Related, Severity


def place(source: str, line: int | None = None) -> Place:
    """A row by its line, or all of ``source``."""
    return Place.whole(source) if line is None else Place(source, source, line, None, line - 2)


def related(source: str, line: int | None, value: str | None) -> Related:
    return Related(place(source, line), value)


def finding(
    source: str,
    line: int | None,
    check: str,
    severity: Severity,
    column: str | None,
    value: str | None,
    message: str,
    grade: str | None = None,
    transform: str | None = None,
    related: Sequence[Related] = (),
) -> Finding:
    """A finding whose words are ``message`` without the places of ``related``, which must stand in it in this order."""
    words = []
    for other in related:
        before, named, message = message.partition(str(other.place))
        assert named, f"the message does not name {other.place}"
        words.append(before)
    words.append(message)
    at = place(source, line)
    return Finding(at, check, severity, column, value, tuple(words), grade, transform, tuple(related))


def located(sources: Sequence[str], lines: Sequence[int]) -> dict[str, list[Any]]:
    """The columns that say where rows are, as `build_profile` wants them."""
    places = [place(source, line) for source, line in zip(sources, lines, strict=True)]
    columns = {name: [getattr(at, name) for at in places] for name in ("file", "line", "key", "row")}
    return {"csv": list(sources), **columns}
