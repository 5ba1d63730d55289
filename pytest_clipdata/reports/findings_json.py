"""``findings.json``, version 2: every check of a dataset, and its findings, for programs."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from pytest_clipdata.findings import CheckResult, Finding, Place, Report, SplitSummary, in_order

VERSION = 2
#: Findings of one check of one source unless the setting ``report.max_findings`` says otherwise.
MAX_FINDINGS = 10_000


def findings_json(report: Report, known: Collection[Finding] = (), limit: int = MAX_FINDINGS) -> dict[str, Any]:
    """The content of ``findings.json``: at most ``limit`` findings of each check of a source, new ones first.

    ``known`` are those that a baseline knows. ``unexpected`` and ``known`` of a check count all of its findings.
    """
    shown = [finding for result in report.checks for finding in _first(result.findings, known, limit)]
    return {
        "version": VERSION,
        "tool": "pytest-clipdata",
        "dataset": report.dataset,
        "complete": report.complete,
        "splits": [_split(split) for split in report.splits],
        "checks": [_check(result, known) for result in report.checks],
        "findings": [finding_json(finding, known) for finding in sorted(shown, key=in_order)],
    }


def dumps(report: Report, known: Collection[Finding] = (), limit: int = MAX_FINDINGS) -> str:
    """``findings.json`` as ASCII text: the same for the same data, one finding a line so that a diff reads well."""
    record = findings_json(report, known, limit)
    parts = []
    for name, value in record.items():
        text = json.dumps(value)
        if isinstance(value, list):
            text = "[" + ",".join("\n  " + json.dumps(row) for row in value) + "\n ]"
        parts.append(f'"{name}": {text}')
    return "{" + ",\n ".join(parts) + "}\n"


def finding_json(finding: Finding, known: Collection[Finding] = ()) -> dict[str, Any]:
    """One object of ``findings``."""
    own = {"check": finding.check, "severity": str(finding.severity), "column": finding.column, "value": finding.value}
    told = {"message": finding.message, "known": finding in known}
    looks = {"grade": finding.grade, "transform": finding.transform}
    others = [_where(other.place) | {"value": other.value} for other in finding.related]
    return _where(finding.place) | own | told | looks | {"related": others}


def _where(place: Place) -> dict[str, Any]:
    return {"source": place.source, "file": place.file, "line": place.line, "key": place.key}


def _split(split: SplitSummary) -> dict[str, Any]:
    return {"source": split.source, "split": split.split, "rows": split.rows, "images": split.images}


def _check(result: CheckResult, known: Collection[Finding]) -> dict[str, Any]:
    record: dict[str, Any] = {"source": result.source, "check": result.check}
    record |= {"severity": str(result.severity), "outcome": str(result.outcome)}
    record |= {"evaluated": result.evaluated, "unexpected": result.unexpected}
    record |= {"known": sum(finding in known for finding in result.findings), "reason": result.reason}
    return record if result.smoke is None else record | {"smoke": dict(result.smoke)}


def _first(findings: Sequence[Finding], known: Collection[Finding], limit: int) -> Sequence[Finding]:
    """At most ``limit`` findings: a thousand known ones must not crowd out the one that is new."""
    if len(findings) <= limit:
        return findings
    return sorted(findings, key=lambda finding: (finding in known, in_order(finding)))[:limit]
