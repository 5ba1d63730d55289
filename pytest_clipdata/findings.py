"""Findings: what is wrong with the data, as plain values that cross processes and files.

Everything a report needs is here and nothing else: no frame, no picture, no exception.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from pytest_clipdata.faults import Fault, Side


def counted(count: int, noun: str) -> str:
    """``1 row``, ``2 rows``, ``1,234 rows``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


class Severity(StrEnum):
    """How much a finding weighs, in Great Expectations' words."""

    CRITICAL = "critical"  #: fails the item
    WARNING = "warning"  #: passes it with a pytest warning; fails it under ``--clip-strict``
    OFF = "off"  #: leaves the check out


class Outcome(StrEnum):
    """How one check of one source ended."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    SKIPPED = "skipped"
    ERROR = "error"
    NOT_RUN = "not run"  #: it belongs to the dataset, and this run did not come to it


#: What a `CheckResult` is kept as; higher whenever its fields change, so that an old cache is not misread.
FORMAT = 2


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row is, as a value that is never parsed out of words.

    ``source`` is relative to the dataset root and ``/``-separated; ``file`` is the file of it that holds the row (the
    source itself, but for a source of several shards). ``line`` is the physical line of a text file on which the row
    starts, counted from 1 (the header's), or the row's number in formats without lines; None stands for the whole
    source. ``key`` is the row's own name, in formats that have one. ``row`` is the row's number in the source, from 0:
    it tells apart the rows that share a line.
    """

    source: str
    file: str
    line: int | None = None
    key: str | None = None
    row: int | None = None

    @classmethod
    def whole(cls, source: str) -> Place:
        """The place of what is said about a source as a whole."""
        return cls(source, source)

    def __str__(self) -> str:
        """``train.csv:17``, or ``train.csv`` for the whole of it: for reading, not for taking apart again."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Related:
    """Another row that a finding speaks of: its place and its image path."""

    place: Place
    value: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with the words that say so.

    ``faults`` say the same as values, one for each expectation that the row breaks.

    ``words`` are the pieces of the message between which the places of the first ``related`` rows stand, in order: one
    piece if the message names no other row. Further ``related`` rows are of the same group. ``grade`` is ``bytes``,
    ``pixels`` or ``perceptual`` where pictures are compared, and ``transform`` (``mirrored``, ``rotated 90``, ...) says
    how the copy was turned.
    """

    place: Place
    check: str
    severity: Severity
    column: str | None
    value: str | None
    words: tuple[str, ...]
    grade: str | None = None
    transform: str | None = None
    related: tuple[Related, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def message(self) -> str:
        """The words, with other rows named by their places in the dataset."""
        return self.told(str)

    def told(self, named: Callable[[Place], str]) -> str:
        """The words, with other rows named as ``named`` says."""
        parts = [self.words[0]]
        for related, words in zip(self.related, self.words[1:], strict=False):
            parts += [named(related.place), words]
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check of one CSV ended.

    ``evaluated`` counts the rows that could be judged, ``unexpected`` those of them that are findings. ``reason``
    says why a check was skipped or what went wrong; ``blocked_by`` are the checks whose findings left it no row to
    judge. ``smoke`` holds the figures of the smoke test.
    """

    source: str
    check: str
    severity: Severity
    outcome: Outcome
    evaluated: int
    unexpected: int
    reason: str | None = None
    findings: tuple[Finding, ...] = ()
    smoke: Mapping[str, Any] | None = None
    blocked_by: tuple[str, ...] = ()

    def dumps(self) -> str:
        """The result with its findings as one JSON text, for the cache and for other processes."""
        return json.dumps([_list(self, _RESULT), self.smoke, [_record(finding) for finding in self.findings]])

    @classmethod
    def loads(cls, text: str) -> CheckResult:
        """The result that `dumps` wrote."""
        values, smoke, findings = json.loads(text)
        fields = dict(zip(_RESULT, values, strict=True))
        fields |= {"severity": Severity(fields["severity"]), "outcome": Outcome(fields["outcome"])}
        fields["blocked_by"] = tuple(fields["blocked_by"])
        return cls(findings=tuple(_finding(*finding) for finding in findings), smoke=smoke, **fields)


#: The order in which a result, a finding and its places are written for other processes: lists, for there may be
#: millions.
_RESULT = ("source", "check", "severity", "outcome", "evaluated", "unexpected", "reason", "blocked_by")
_FIELDS = ("check", "severity", "column", "value", "words", "grade", "transform")
_PLACE = ("source", "file", "line", "key", "row")
_FAULT = ("kind", "value", "figure", "side")


def _record(finding: Finding) -> list[Any]:
    related = [[_list(other.place, _PLACE), other.value] for other in finding.related]
    faults = [_list(fault, _FAULT) for fault in finding.faults]
    return [_list(finding.place, _PLACE), related, faults, *_list(finding, _FIELDS)]


def _list(value: Any, names: Sequence[str]) -> list[Any]:
    return [getattr(value, name) for name in names]


def _finding(place: list[Any], related: list[Any], faults: list[Any], *values: Any) -> Finding:
    fields = dict(zip(_FIELDS, values, strict=True))
    fields |= {"severity": Severity(fields["severity"]), "words": tuple(fields["words"])}
    others = tuple(Related(Place(*other), value) for other, value in related)
    known = tuple(Fault(kind, value, figure, side and Side(side)) for kind, value, figure, side in faults)
    return Finding(place=Place(*place), related=others, faults=known, **fields)


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """One source of a dataset: its name relative to the dataset root, its split, and how much it holds."""

    source: str
    split: str
    rows: int
    images: int
    match_share: float | None = None  #: share of match among the rows whose label is known


def in_order(finding: Finding) -> tuple[str, str, int, str, str, str]:
    """The order of findings: by source, file, line and check; those about a whole source come before its lines."""
    place = finding.place
    return place.source, place.file, place.line or 0, finding.check, finding.column or "", finding.message


@dataclass(frozen=True)
class Report:
    """Everything one run says about one dataset; every report is a pure function of it and of a View.

    ``checks`` holds every check of every source of the dataset; those that the run did not come to are NOT_RUN.
    """

    dataset: str
    splits: tuple[SplitSummary, ...]
    checks: tuple[CheckResult, ...] = field(default=())

    @property
    def findings(self) -> list[Finding]:
        """All findings by source, line and check; those about a whole source come before its lines."""
        findings = [finding for result in self.checks for finding in result.findings]
        return sorted(findings, key=in_order)

    @property
    def complete(self) -> bool:
        """Whether the dataset was judged whole: no check of it is left that did not run."""
        return all(result.outcome is not Outcome.NOT_RUN for result in self.checks)

    @property
    def in_part(self) -> str | None:
        """``Judged in part: 2 of 46 tests``; None if the dataset was judged whole."""
        if self.complete:
            return None
        ran = sum(result.outcome is not Outcome.NOT_RUN for result in self.checks)
        return f"Judged in part: {ran:,} of {counted(len(self.checks), 'test')}"
