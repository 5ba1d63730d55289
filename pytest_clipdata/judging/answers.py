"""The answers of Great Expectations to one rule become a result with its findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_clipdata.checks.check import Check, Expectation, Row
from pytest_clipdata.facts.table import Table
from pytest_clipdata.findings import CheckResult, Finding, Outcome, Place, Severity
from pytest_clipdata.judging.faults import fault_of
from pytest_clipdata.judging.rule import Rule
from pytest_clipdata.settings.toml import plain

Answer = Mapping[str, Any]


def result_of(
    source: str,
    table: Table,
    rule: Rule,
    evaluated: int,
    answers: Sequence[tuple[Expectation, Answer]],
    strict: bool,
) -> CheckResult:
    """The result of one rule from the answers to its expectations; ``evaluated`` rows could be judged.

    Great Expectations says of each expectation whether it holds and which rows are wrong. What is decided here is the
    share of rows that may be wrong (``mostly``): bad rows over judged rows, over all expectations of the check.
    """
    for _, answer in answers:
        if error := _unanswered(answer):
            return _without_findings(source, rule, Outcome.ERROR, evaluated, error)
    for expectation, answer in answers:
        if expectation.counts:
            evaluated = answer["result"]["observed_value"]
    answers = [(expectation, answer) for expectation, answer in answers if not expectation.counts]
    if not evaluated:
        reason = "no row could be judged: none meets the row condition and has a value"
        return _without_findings(source, rule, Outcome.SKIPPED, 0, reason)
    found: dict[tuple[int | None, str | None], Finding] = {}
    bad: set[int | None] = set()
    for expectation, answer in answers:
        for row in _unexpected_rows(table, rule.check, expectation, answer):
            finding = _finding(source, table, rule, expectation, row)
            column = finding.column if finding.place.row is not None else expectation.kwargs.get("column")
            before = found.setdefault((finding.place.row, column), finding)
            if before is not finding:  # one finding for all that is wrong with a cell, in the words of the first
                found[finding.place.row, column] = replace(before, faults=before.faults + finding.faults)
            if expectation.severity == rule.settings.severity:
                bad.add(finding.place.row)
    broken = {expectation.severity for expectation, answer in answers if not answer["success"]}
    if rule.settings.mostly < 1.0 and None not in bad and (evaluated - len(bad)) / evaluated >= rule.settings.mostly:
        broken.discard(rule.settings.severity)
    outcome = Outcome.PASSED
    if broken:
        outcome = Outcome.FAILED if strict or Severity.CRITICAL in broken else Outcome.WARNED
    findings = tuple(sorted(found.values(), key=_in_order))
    unexpected = len({finding.place.row for finding in findings})
    return CheckResult(source, rule.check.id, rule.settings.severity, outcome, evaluated, unexpected, findings=findings)


def said_of_source(table: Table, check: Check) -> str | None:
    """What the column ``said`` of a check says of the whole source."""
    return next((words for (words,) in table.columns([check.said]) if words), None) if check.said else None


def error_words(info: Mapping[str, Any]) -> str | None:
    """The message of an expectation that raised; ``exception_info`` is flat or keyed by metric."""
    infos = [info] if "raised_exception" in info else list(info.values())
    messages = [part.get("exception_message") or "unknown error" for part in infos if part.get("raised_exception")]
    return f"Great Expectations could not judge: {plain(messages[0], 1000)}" if messages else None


def _without_findings(source: str, rule: Rule, outcome: Outcome, evaluated: int, reason: str) -> CheckResult:
    return CheckResult(source, rule.check.id, rule.settings.severity, outcome, evaluated, 0, reason)


def _unanswered(answer: Answer) -> str | None:
    """Why an answer says nothing, if so."""
    if error := error_words(answer.get("exception_info") or {}):
        return error
    if not answer["success"] and _by_row(answer) and not answer["result"]["unexpected_index_list"]:
        return "Great Expectations says that rows are wrong, but not which"
    return None


def _by_row(answer: Answer) -> bool:
    """Whether an answer is about rows; one about distinct values counts values, and of no element."""
    return "unexpected_count" in answer["result"] and "element_count" in answer["result"]


def _unexpected_rows(table: Table, check: Check, expectation: Expectation, answer: Answer) -> Iterator[Row]:
    column, result = expectation.kwargs.get("column"), answer["result"]
    if not _by_row(answer):
        if not answer["success"]:
            values = {kind: result.get(f"partial_{kind}_list") or [] for kind in ("unexpected", "missing")}
            observed = result.get("observed_value")
            observed = observed.item() if hasattr(observed, "item") else observed
            said = {check.said: said_of_source(table, check)} if check.said else {}
            yield {"row": None, "column": column, "observed": observed, **values, **said}
        return
    numbers = result["unexpected_index_list"]
    if numbers:  # most checks of most sources have none: a frame made for nothing costs 10 ms
        for row in table.rows(numbers):
            yield {**row, "column": column}


def _in_order(finding: Finding) -> tuple[int, str]:
    """By row and column; a finding about the whole source comes before those of rows."""
    return (-1 if finding.place.row is None else finding.place.row), finding.column or ""


def _finding(source: str, table: Table, rule: Rule, expectation: Expectation, row: Row) -> Finding:
    check, options = rule.check, rule.settings.options
    number = row["row"]
    place = Place.whole(source) if number is None else Place(source, row["file"], row["line"], row["key"], number)
    other = table.related(check.refers_to, number) if check.refers_to and number is not None else None
    value = row.get(expectation.shows) if expectation.shows else None
    words = check.message({**row, "related": other}, options)
    return Finding(
        place=place,
        check=check.id,
        severity=expectation.severity or rule.settings.severity,
        column=expectation.shows,
        value=None if value is None else str(value),
        words=(words,) if isinstance(words, str) else words,
        grade=row.get(f"{check.grade}_grade") if check.grade else None,
        transform=row.get(f"{check.grade}_transform") if check.grade else None,
        related=() if other is None else (other, *table.group(str(check.refers_to), number)),
        faults=(fault_of(expectation, row),),
    )
