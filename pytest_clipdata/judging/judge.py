"""Judge the facts of one source: each rule is asked of Great Expectations once, and becomes a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pytest_clipdata.checks.check import Expectation
from pytest_clipdata.checks.plugged.sound import PluginFault
from pytest_clipdata.facts.step import Needs
from pytest_clipdata.facts.table import Table
from pytest_clipdata.findings import CheckResult, Outcome
from pytest_clipdata.judging.answers import Answer, result_of, said_of_source
from pytest_clipdata.judging.great_expectations import answers_by_key, refused_by_check, validate
from pytest_clipdata.judging.rule import Rule, Verdict, expectations_of
from pytest_clipdata.settings.toml import plain


def judge(source: str, table: Table, rules: Sequence[Rule], strict: bool) -> Verdict:
    """Judge the facts of one source by ``rules``.

    A rule that could not be judged is SKIPPED, an expectation that errors is an ERROR. Raises RuntimeError if Great
    Expectations does not answer for every expectation exactly once.
    """
    evaluated = {rule.check.id: table.judged(rule.check.judges) for rule in rules}
    asked = [rule for rule in rules if rule.not_judged is None and evaluated[rule.check.id] and not rule.check.by_model]
    refused = refused_by_check(expectations_of(asked))
    asked = [rule for rule in asked if rule.check.id not in refused]
    try:
        suite, validation = _ask(source, table, asked)
    except Exception:  # of one rule, most likely of somebody's own class: it must not take the others with it
        refused |= _raised_by_check(source, table, asked)
        asked = [rule for rule in asked if rule.check.id not in refused]
        suite, validation = _ask(source, table, asked)
    expectations = expectations_of(asked)
    answers = answers_by_key(expectations, validation.get("results", []))
    results = []
    for rule in rules:
        count = evaluated[rule.check.id]
        if rule in asked:
            mine = [
                (expectations[key], answer) for key, answer in answers.items() if key.split("/")[0] == rule.check.id
            ]
            results.append(_result(source, table, rule, count, mine, strict))
        elif error := refused.get(rule.check.id):
            results.append(CheckResult(source, rule.check.id, rule.settings.severity, Outcome.ERROR, count, 0, error))
        else:
            results.append(_skipped(source, table, rule))
    return Verdict(tuple(results), suite, validation)


def _result(
    source: str,
    table: Table,
    rule: Rule,
    evaluated: int,
    answers: Sequence[tuple[Expectation, Answer]],
    strict: bool,
) -> CheckResult:
    """The result of a rule; if a plugin cannot word its findings, an ERROR that says so."""
    try:
        return result_of(source, table, rule, evaluated, answers, strict)
    except PluginFault as fault:
        severity = rule.settings.severity
        return CheckResult(source, rule.check.id, severity, Outcome.ERROR, evaluated, 0, str(fault))


def _ask(source: str, table: Table, rules: Sequence[Rule]) -> tuple[dict[str, Any], dict[str, Any]]:
    return validate(source, table, expectations_of(rules)) if rules else ({}, {})


def _raised_by_check(source: str, table: Table, rules: Sequence[Rule]) -> dict[str, str]:
    """The rules over which Great Expectations stumbles when it is asked about each alone, and what it says."""
    raised = {}
    for rule in rules:
        try:
            _ask(source, table, [rule])
        except Exception as error:
            words = plain(f"{type(error).__name__}: {error}", 1000)
            raised[rule.check.id] = f"Great Expectations could not judge: {words}"
    return raised


def _skipped(source: str, table: Table, rule: Rule) -> CheckResult:
    """The result of a rule that was asked of no row: an item that judged nothing must say so, not pass."""
    reason = rule.not_judged or said_of_source(table, rule.check)
    causes = {} if reason else _reported_rows(table, rule.check.needs)
    found = ", ".join(f"{check} reports {count}" for check, count in causes.items())
    reason = reason or ("no row could be judged" + (f": {found}" if found else ""))
    skipped = CheckResult(source, rule.check.id, rule.settings.severity, Outcome.SKIPPED, 0, 0, reason)
    return replace(skipped, blocked_by=tuple(causes))


def _reported_rows(table: Table, needs: Needs) -> dict[str, int]:
    """How many rows each check takes away from those that stand on it.

    Only what a check ``needs`` is looked at: what else was measured, because another check wanted it, says nothing
    about this one.
    """
    unread = table.judged(["row_problem"])
    causes = {
        "columns": unread,
        "missing_values": len(table) - unread - table.judged(["image_path", "text", "label"]),
        "labels": table.judged(["label_norm"]) - table.judged(["is_match"]),
    }
    if needs >= Needs.FILES:
        causes["paths"] = table.judged(["path_status"]) - table.judged(["image_key"])
    if needs == Needs.HEADER:
        causes["decodable"] = table.judged(["image_key"]) - table.judged(["image_width"])
    elif needs >= Needs.PIXELS:
        causes["decodable"] = table.judged(["image_error"])
    return {check: count for check, count in causes.items() if count > 0}
