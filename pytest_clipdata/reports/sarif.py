"""``findings.sarif``: SARIF 2.1.0, as code scanning, editors and other tools read it.

Sections named here are those of the OASIS standard, SARIF Version 2.1.0 Plus Errata 01.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from pytest_clipdata.findings import Finding, Outcome, Place, Report, Severity
from pytest_clipdata.reports.manual import markdown
from pytest_clipdata.reports.rule import RuleText
from pytest_clipdata.reports.view import View
from pytest_clipdata.reports.visible import visible

#: GitHub refuses a file with more results in one run; the critical ones are kept.
LIMIT = 25_000
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

_LEVELS = {Severity.CRITICAL: "error", Severity.WARNING: "warning", Severity.OFF: "none"}


def dumps(
    report: Report,
    rules: Mapping[str, RuleText],
    view: View,
    *,
    version: str | None = None,
    documentation: str | None = None,
) -> str:
    """The report as SARIF, the same bytes for the same findings.

    ``rules`` maps check ids to their texts; a check that is not in it (a user's own rule) gets a bare entry.
    The folder of ``view`` is the repository's: URIs are relative to it. Known findings are marked as suppressed.
    ``documentation`` is the address below which each of our checks has its page, ``checks/resolution.html``.
    """
    ids = sorted({result.check for result in report.checks} | {finding.check for finding in report.findings})
    texts = [rules.get(name) or RuleText(name, _severity(report, name), name, name) for name in ids]
    findings = report.findings
    kept = sorted(range(len(findings)), key=lambda i: (findings[i].severity is not Severity.CRITICAL, i))[:LIMIT]
    marks = _fingerprints(findings)
    results = []
    for i in sorted(kept):
        record = _result(findings[i], ids.index(findings[i].check), marks[i], view)
        if view.compared or view.known:  # all or none, 3.27.23 and 3.27.24
            known = findings[i] in view.known
            record |= {"suppressions": [_SUPPRESSED] if known else [], "baselineState": _STATES[known]}
        results.append(record)
    driver = _driver(version, documentation) | {"rules": [_rule(text, documentation) for text in texts]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, len(findings) - len(results), view.prefix)],
        "results": results,
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1, ensure_ascii=True) + "\n"


_STATES = {False: "new", True: "unchanged"}
_SUPPRESSED = {"kind": "external", "status": "accepted", "justification": "known from the baseline"}


def _severity(report: Report, check: str) -> Severity:
    severities = {result.severity for result in report.checks if result.check == check}
    return Severity.WARNING if severities == {Severity.WARNING} else Severity.CRITICAL


def _driver(version: str | None, documentation: str | None) -> dict[str, Any]:
    """The tool (3.19)."""
    driver: dict[str, Any] = {"name": "pytest-clipdata", "language": "en-US"}
    driver["shortDescription"] = {"text": "Tests image-text datasets for CLIP before they are trained on."}
    if version is not None:
        driver |= {"fullName": f"pytest-clipdata {version}", "version": version}
        if re.fullmatch(r"\d+\.\d+\.\d+", version):  # what Python calls a version may be no semantic one
            driver["semanticVersion"] = version
    return driver if documentation is None else driver | {"informationUri": documentation}


def _rule(text: RuleText, documentation: str | None) -> dict[str, Any]:
    there = documentation is not None and not text.own
    return {
        "id": text.id,
        "name": "".join(part.capitalize() for part in text.id.split("_")),
        "shortDescription": {"text": visible(text.short)},
        "fullDescription": {"text": visible(text.short)},
        "help": {"text": text.full, "markdown": markdown(text.full)},
        **({"helpUri": f"{documentation}/checks/{quote(text.id, safe='')}.html"} if there else {}),
        "defaultConfiguration": {"level": _LEVELS[text.severity]},
        "properties": {"tags": ["data-quality"], "problem.severity": _LEVELS[text.severity]},
    }


def _result(finding: Finding, index: int, fingerprint: str, view: View) -> dict[str, Any]:
    record: dict[str, Any] = {
        "ruleId": finding.check,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _plain(view.message(finding))},
        "locations": [_location(finding.place, view.prefix)],
        # GitHub reads the second name only.
        "partialFingerprints": {"content/v1": fingerprint, "primaryLocationLineHash": fingerprint},
    }
    if finding.related:
        record["relatedLocations"] = [
            {
                "id": i,
                **_location(other.place, view.prefix),
                "message": {"text": _plain(other.value or "")},
            }
            for i, other in enumerate(finding.related, 1)
        ]
    marks = {"column": finding.column, "grade": finding.grade, "transform": finding.transform}
    if properties := {name: visible(value) for name, value in marks.items() if value is not None}:
        record["properties"] = properties
    return record


def _location(place: Place, prefix: str) -> dict[str, Any]:
    # A finding about a whole source is shown at its header: code scanning wants a line.
    region = {"startLine": place.line or 1}
    return {"physicalLocation": {"artifactLocation": _artifact(place.file, prefix), "region": region}}


def _artifact(file: str, prefix: str) -> dict[str, str]:
    scheme, _, place = prefix.rpartition("://")
    parts = [part for part in f"{place}/{file}".split("/") if part not in ("", ".")]
    # Every reserved character is encoded, so that "a:b.csv" has no scheme; surrogateescape gives back the bytes
    # that a file name has on disk.
    encoded = (
        quote(part.encode("utf-8", "surrogateescape" if _is_name(part) else "replace"), safe="") for part in parts
    )
    uri = "/".join(encoded)
    return {"uri": f"{scheme}://{uri}"} if scheme else {"uri": uri, "uriBaseId": "%SRCROOT%"}


def _is_name(text: str) -> bool:
    """Whether the lone surrogates of ``text``, if any, stand for the undecodable bytes of a file name (PEP 383)."""
    return not re.search("[\ud800-\udc7f\udd00-\udfff]", text)


def _plain(text: str) -> str:
    """``text`` with no embedded link in it: "[words](target)" would be one (3.11.6)."""
    return re.sub(r"\[(?=.*\]\()", r"\\[", visible(text))  # an escaped bracket between does not end the words


def _fingerprints(findings: list[Finding]) -> list[str]:
    """A mark per finding that stays when its row moves: what was found, of what, not in which line.

    Equal findings (one picture used by several rows) are numbered, as GitHub's own fingerprints are.
    """
    seen: Counter[str] = Counter()
    marks = []
    for finding in findings:
        related = [(other.place.source, other.value) for other in finding.related[:1]]
        words = finding.told(lambda place: place.source)
        source = finding.place.source
        content = [finding.check, source, finding.column, finding.value, finding.grade, words, related]
        digest = hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]
        seen[digest] += 1
        marks.append(f"{digest}:{seen[digest]}")
    return marks


def _invocation(report: Report, cut: int, prefix: str) -> dict[str, Any]:
    notes = []
    for result in report.checks:
        if result.outcome in (Outcome.ERROR, Outcome.SKIPPED):
            words = f"{result.check}: {result.reason or result.outcome}"
            location = {"physicalLocation": {"artifactLocation": _artifact(result.source, prefix)}}
            level = "error" if result.outcome is Outcome.ERROR else "note"
            notes.append({"level": level, "message": {"text": _plain(words)}, "locations": [location]})
    if report.in_part is not None:
        notes.append({"level": "error", "message": {"text": report.in_part}})
    if cut:
        words = f"{cut} of {cut + LIMIT} findings are left out here; findings.json has them all"
        notes.append({"level": "warning", "message": {"text": words}})
    successful = report.complete and all(result.outcome is not Outcome.ERROR for result in report.checks)
    return {"executionSuccessful": successful, "toolExecutionNotifications": notes}
