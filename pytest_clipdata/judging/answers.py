"""An answer of Great Expectations becomes a result with its findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_clipdata.checks.check import Check, Expectation, Row
from pytest_clipdata.facts.table import Table
from pytest_clipdata.findings import CheckResult, Finding, Outcome, Place, Severity
from pytest_clipdata.judging.faults import fault_of
from pytest_clipdata.judging.rule import Rule


def result_of(
    source: str,
    table: Table,
    rule: Rule,
    evaluated: int,
    answers: Sequence[tuple[Expectation, Mapping[str, Any]]],
    strict: bool,
) -> CheckResult:
    """The result of one rule from the answers to its expectations; ``evaluated`` rows could be judged."""
    check, severity = rule.check, rule.settings.severity
    for _, answer in answers:
        error = error_words(answer.get("exception_info") or {})
        if error:
            return CheckResult(source, check.id, severity, Outcome.ERROR, evaluated, 0, error)
    found: dict[tuple[int | None, str | None], Finding] = {}
    for expectation, answer in answers:
        for row in _unexpected_rows(table, check, expectation, answer):
            finding = _finding(source, table, rule, expectation, row)
            column = finding.column if finding.place.row is not None else expectation.kwargs.get("column")
            before = found.setdefault((finding.place.row, column), finding)
            if before is not finding:  # one finding for all that is wrong with a cell, in the words of the first
                found[finding.place.row, column] = replace(before, faults=before.faults + finding.faults)
    holds = all(answer["success"] for _, answer in answers)
    failed = Outcome.FAILED if strict or severity is Severity.CRITICAL else Outcome.WARNED
    first = -1  # a finding about the whole source comes before those of rows
    findings = tuple(
        sorted(found.values(), key=lambda f: (first if f.place.row is None else f.place.row, f.column or ""))
    )
    unexpected = len({finding.place.row for finding in findings})
    return CheckResult(
        source, check.id, severity, Outcome.PASSED if holds else failed, evaluated, unexpected, findings=findings
    )


def said_of_source(table: Table, check: Check) -> str | None:
    """What the column ``said`` of a check says of the whole source."""
    return next((words for (words,) in table.columns([check.said]) if words), None) if check.said else None


def error_words(info: Mapping[str, Any]) -> str | None:
    """The message of an expectation that raised; ``exception_info`` is flat or keyed by metric."""
    infos = [info] if "raised_exception" in info else list(info.values())
    messages = [part.get("exception_message") or "unknown error" for part in infos if part.get("raised_exception")]
    return f"Great Expectations could not judge: {messages[0]}" if messages else None


def _unexpected_rows(table: Table, check: Check, expectation: Expectation, answer: Mapping[str, Any]) -> Iterator[Row]:
    column = expectation.kwargs.get("column")
    result = answer["result"]
    if "unexpected_count" not in result and not answer["success"]:
        observed = result.get("observed_value")
        observed = observed.item() if hasattr(observed, "item") else observed
        said = {check.said: said_of_source(table, check)} if check.said else {}
        yield {"row": None, "column": column, "observed": observed, **said}
        return
    numbers = result["unexpected_index_list"]
    if not numbers:
        if not answer["success"]:
            raise RuntimeError(f"{check.id}: Great Expectations says that rows are wrong, but not which")
        return  # most checks of most sources: a frame made for nothing costs 10 ms
    for row in table.rows(numbers):
        yield {**row, "column": column}


def _finding(source: str, table: Table, rule: Rule, expectation: Expectation, row: Row) -> Finding:
    check, options = rule.check, rule.settings.options
    number = row["row"]
    place = Place.whole(source) if number is None else Place(source, row["file"], row["line"], row["key"], number)
    other = table.related(check.refers_to).get(number) if check.refers_to and number is not None else None
    value = row.get(expectation.shows) if expectation.shows else None
    words = check.message({**row, "related": other}, options)
    return Finding(
        place=place,
        check=check.id,
        severity=rule.settings.severity,
        column=expectation.shows,
        value=None if value is None else str(value),
        words=(words,) if isinstance(words, str) else words,
        grade=row.get(f"{check.grade}_grade") if check.grade else None,
        transform=row.get(f"{check.grade}_transform") if check.grade else None,
        related=() if other is None else (other,),
        faults=(fault_of(expectation, row),),
    )
