"""Findings: what is wrong with the data, as plain values that cross processes and files.

Everything a report needs is here and nothing else: no frame, no picture, no exception.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """How much a finding weighs, in Great Expectations' words."""

    CRITICAL = "critical"  #: fails the item
    WARNING = "warning"  #: passes it with a pytest warning; fails it under ``--clip-strict``
    OFF = "off"  #: leaves the check out


class Outcome(StrEnum):
    """How one check of one CSV ended."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    SKIPPED = "skipped"
    ERROR = "error"


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

    ``words`` are the pieces of the message between which the places of the first ``related`` rows stand, in order: one
    piece if the message names no other row. ``grade`` is ``bytes``, ``pixels`` or ``perceptual`` where pictures are
    compared, and ``transform`` (``mirrored``, ``rotated 90``, ...) says how the copy was turned.
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

    def to_json(self) -> dict[str, Any]:
        """The finding as one object of ``findings.json``."""
        record: dict[str, Any] = {"csv": self.place.source, "line": self.place.line, "check": self.check}
        record |= {"severity": str(self.severity), "column": self.column, "value": self.value}
        record |= {"message": self.message, "grade": self.grade}
        if self.transform is not None:
            record["transform"] = self.transform
        others = [{"csv": other.place.source, "line": other.place.line, "value": other.value} for other in self.related]
        return record | {"related": others}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check of one CSV ended.

    ``evaluated`` counts the rows that could be judged, ``unexpected`` those of them that are findings. ``reason``
    says why a check was skipped or what went wrong. ``smoke`` holds the figures of the smoke test.
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

    def to_json(self) -> dict[str, Any]:
        """The result as one object of ``checks`` in ``findings.json`` (its findings stand apart)."""
        record: dict[str, Any] = {"csv": self.source, "check": self.check}
        record |= {"severity": str(self.severity), "outcome": str(self.outcome)}
        record |= {"evaluated": self.evaluated, "unexpected": self.unexpected, "reason": self.reason}
        return record if self.smoke is None else record | {"smoke": dict(self.smoke)}

    def dumps(self) -> str:
        """The result with its findings as one JSON text, for the cache and for other processes."""
        return json.dumps({"result": self.to_json(), "findings": [_record(finding) for finding in self.findings]})

    @classmethod
    def loads(cls, text: str) -> CheckResult:
        record = json.loads(text)
        result, findings = record["result"], tuple(_finding(*finding) for finding in record["findings"])
        result |= {"severity": Severity(result["severity"]), "outcome": Outcome(result["outcome"])}
        return cls(source=result.pop("csv"), findings=findings, **result)


#: The order in which a finding and its places are written for other processes: lists, for there may be millions.
_FIELDS = ("check", "severity", "column", "value", "words", "grade", "transform")
_PLACE = ("source", "file", "line", "key", "row")


def _record(finding: Finding) -> list[Any]:
    related = [[_list(other.place, _PLACE), other.value] for other in finding.related]
    return [_list(finding.place, _PLACE), related, *_list(finding, _FIELDS)]


def _list(value: Any, names: Sequence[str]) -> list[Any]:
    return [getattr(value, name) for name in names]


def _finding(place: list[Any], related: list[Any], *values: Any) -> Finding:
    fields = dict(zip(_FIELDS, values, strict=True))
    fields |= {"severity": Severity(fields["severity"]), "words": tuple(fields["words"])}
    others = tuple(Related(Place(*other), value) for other, value in related)
    return Finding(place=Place(*place), related=others, **fields)


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """One CSV of a dataset: its name relative to the dataset root, its split, and how much it holds."""

    source: str
    split: str
    rows: int
    images: int
    match_share: float | None = None  #: share of match among the rows whose label is known

    def to_json(self) -> dict[str, Any]:
        return {"csv": self.source, "split": self.split, "rows": self.rows, "images": self.images}


def in_order(finding: Finding) -> tuple[str, str, int, str, str, str]:
    """The order of findings: by source, file, line and check; those about a whole source come before its lines."""
    place = finding.place
    return place.source, place.file, place.line or 0, finding.check, finding.column or "", finding.message


@dataclass(frozen=True)
class Report:
    """Everything one run says about one dataset; every report is a pure function of it."""

    dataset: str
    splits: tuple[SplitSummary, ...]
    checks: tuple[CheckResult, ...] = field(default=())

    @property
    def findings(self) -> list[Finding]:
        """All findings by CSV, line and check; those about a whole CSV come before its lines."""
        findings = [finding for result in self.checks for finding in result.findings]
        return sorted(findings, key=in_order)

    def to_json(self) -> dict[str, Any]:
        """The content of ``findings.json``."""
        return {
            "version": 1,
            "tool": "pytest-clipdata",
            "dataset": self.dataset,
            "splits": [split.to_json() for split in self.splits],
            "checks": [result.to_json() for result in self.checks],
            "findings": [finding.to_json() for finding in self.findings],
        }

    def dumps(self) -> str:
        """``findings.json``: the same bytes for the same data, one finding a line so that a diff reads well."""
        record = self.to_json()
        lists = {
            name: "[" + ",".join("\n  " + json.dumps(row, ensure_ascii=True) for row in record[name]) + "\n ]"
            for name in ("splits", "checks", "findings")
        }
        head = [f'"{name}": {json.dumps(record[name])}' for name in ("version", "tool", "dataset")]
        return "{" + ",\n ".join(head + [f'"{name}": {text}' for name, text in lists.items()]) + "}\n"
