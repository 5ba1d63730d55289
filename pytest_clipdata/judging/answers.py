"""An answer of Great Expectations becomes a result with its findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_clipdata.checks.check import Check, Expectation, Row
from pytest_clipdata.findings import CheckResult, Finding, Outcome, Related, Severity

if TYPE_CHECKING:
    import pandas as pd
from pytest_clipdata.judging.rule import Rule


def result_of(
    csv: str,
    facts: pd.DataFrame,
    rule: Rule,
    evaluated: int,
    answers: Sequence[tuple[Expectation, Mapping[str, Any]]],
    strict: bool,
    refer: Callable[[str], Related],
) -> CheckResult:
    check, severity = rule.check, rule.settings.severity
    for _, answer in answers:
        error = _error(answer.get("exception_info") or {})
        if error:
            return CheckResult(csv, check.id, severity, Outcome.ERROR, evaluated, 0, error)
    found: dict[tuple[int | None, str | None], Finding] = {}
    for expectation, answer in answers:
        for row in _unexpected_rows(facts, check, expectation, answer):
            finding = _finding(csv, rule, expectation, row, refer)
            column = finding.column if finding.line is not None else expectation.kwargs.get("column")
            found.setdefault((finding.line, column), finding)
    holds = all(answer["success"] for _, answer in answers)
    if holds and (doubt := check.unsure()):
        return CheckResult(csv, check.id, severity, Outcome.SKIPPED, 0, 0, doubt)
    failed = Outcome.FAILED if strict or severity is Severity.CRITICAL else Outcome.WARNED
    findings = tuple(sorted(found.values(), key=lambda finding: (finding.line or 0, finding.column or "")))
    unexpected = len({finding.line for finding in findings})
    return CheckResult(
        csv, check.id, severity, Outcome.PASSED if holds else failed, evaluated, unexpected, findings=findings
    )


def _error(info: Mapping[str, Any]) -> str | None:
    """The message of an expectation that raised; ``exception_info`` is flat or keyed by metric."""
    infos = [info] if "raised_exception" in info else list(info.values())
    messages = [part.get("exception_message") or "unknown error" for part in infos if part.get("raised_exception")]
    return f"Great Expectations could not judge: {messages[0]}" if messages else None


def _unexpected_rows(
    facts: pd.DataFrame, check: Check, expectation: Expectation, answer: Mapping[str, Any]
) -> Iterator[Row]:
    column = expectation.kwargs.get("column")
    result = answer["result"]
    if "unexpected_count" not in result and not answer["success"]:
        observed = result.get("observed_value")
        yield {"line": None, "column": column, "observed": observed.item() if hasattr(observed, "item") else observed}
        return
    lines = result["unexpected_index_list"]
    if not lines:
        if not answer["success"]:
            raise RuntimeError(f"{check.id}: Great Expectations says that rows are wrong, but not which")
        return  # most checks of most CSVs: a frame made for nothing costs 10 ms
    rows = facts.loc[lines]
    plain = rows.astype(object).where(rows.notna(), None)
    for row in plain.to_dict("records"):
        yield {**{str(name): value for name, value in row.items()}, "column": column}


def _finding(csv: str, rule: Rule, expectation: Expectation, row: Row, refer: Callable[[str], Related]) -> Finding:
    check, options = rule.check, rule.settings.options
    related = (refer(row[check.refers_to]),) if check.refers_to and row.get(check.refers_to) else ()
    value = row.get(expectation.shows) if expectation.shows else None
    return Finding(
        csv=csv,
        line=row["line"],
        check=check.id,
        severity=rule.settings.severity,
        column=expectation.shows,
        value=None if value is None else str(value),
        message=check.message({**row, "related": related[0] if related else None}, options),
        grade=row.get(f"{check.grade}_grade") if check.grade else None,
        transform=row.get(f"{check.grade}_transform") if check.grade else None,
        related=related,
    )
