"""Findings: what is wrong with the data, as plain values that cross processes and files.

Everything a report needs is here and nothing else: no frame, no picture, no exception.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
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
class Related:
    """Another row that a finding speaks of: its CSV (relative to the dataset root), line and value."""

    csv: str
    line: int
    value: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with the words that say so.

    ``csv`` is relative to the dataset root and ``/``-separated; ``line`` is the physical line on which the row
    starts, counted from 1 (the header's), or None for a finding about a whole CSV. ``grade`` is ``bytes``,
    ``pixels`` or ``perceptual`` where pictures are compared, and ``transform`` (``mirrored``, ``rotated 90``, ...)
    says how the copy was turned.
    """

    csv: str
    line: int | None
    check: str
    severity: Severity
    column: str | None
    value: str | None
    message: str
    grade: str | None = None
    transform: str | None = None
    related: tuple[Related, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The finding as one object of ``findings.json``."""
        record: dict[str, Any] = {"csv": self.csv, "line": self.line, "check": self.check}
        record |= {"severity": str(self.severity), "column": self.column, "value": self.value}
        record |= {"message": self.message, "grade": self.grade}
        if self.transform is not None:
            record["transform"] = self.transform
        return record | {"related": [asdict(related) for related in self.related]}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Finding:
        related = tuple(Related(**related) for related in record["related"])
        return cls(**{**record, "severity": Severity(record["severity"]), "related": related})


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check of one CSV ended.

    ``evaluated`` counts the rows that could be judged, ``unexpected`` those of them that are findings. ``reason``
    says why a check was skipped or what went wrong. ``smoke`` holds the figures of the smoke test.
    """

    csv: str
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
        record: dict[str, Any] = {"csv": self.csv, "check": self.check}
        record |= {"severity": str(self.severity), "outcome": str(self.outcome)}
        record |= {"evaluated": self.evaluated, "unexpected": self.unexpected, "reason": self.reason}
        return record if self.smoke is None else record | {"smoke": dict(self.smoke)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any], findings: Iterable[Finding]) -> CheckResult:
        enums = {"severity": Severity(record["severity"]), "outcome": Outcome(record["outcome"])}
        return cls(**{**record, **enums}, findings=tuple(findings))

    def dumps(self) -> str:
        """The result with its findings as one JSON text, for the cache and for other processes."""
        return json.dumps({"result": self.to_json(), "findings": [finding.to_json() for finding in self.findings]})

    @classmethod
    def loads(cls, text: str) -> CheckResult:
        record = json.loads(text)
        return cls.from_json(record["result"], map(Finding.from_json, record["findings"]))


@dataclass(frozen=True, slots=True)
class SplitSummary:
    """One CSV of a dataset: its name relative to the dataset root, its split, and how much it holds."""

    csv: str
    split: str
    rows: int
    images: int
    match_share: float | None = None  #: share of match among the rows whose label is known

    def to_json(self) -> dict[str, Any]:
        return {"csv": self.csv, "split": self.split, "rows": self.rows, "images": self.images}


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
        return sorted(findings, key=lambda f: (f.csv, f.line or 0, f.check, f.column or "", f.message))

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
