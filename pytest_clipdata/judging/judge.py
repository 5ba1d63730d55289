"""Judge the facts of one source: each rule is asked of Great Expectations once, and becomes a result."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pytest_clipdata.facts.step import Needs
from pytest_clipdata.facts.table import Table
from pytest_clipdata.findings import CheckResult, Outcome
from pytest_clipdata.judging.answers import result_of, said_of_source
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
            results.append(result_of(source, table, rule, count, mine, strict))
        elif error := refused.get(rule.check.id):
            results.append(CheckResult(source, rule.check.id, rule.settings.severity, Outcome.ERROR, count, 0, error))
        else:
            reason = (
                rule.not_judged or said_of_source(table, rule.check) or _why_nothing_to_judge(table, rule.check.needs)
            )
            results.append(CheckResult(source, rule.check.id, rule.settings.severity, Outcome.SKIPPED, 0, 0, reason))
    return Verdict(tuple(results), suite, validation)


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


def _why_nothing_to_judge(table: Table, needs: Needs) -> str:
    """The checks that took the rows away: an item that judged nothing must say so, not pass.

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
    found = ", ".join(f"{check} reports {count}" for check, count in causes.items() if count > 0)
    return "no row could be judged" + (f": {found}" if found else "")


def reported_by(reason: str) -> str | None:
    """The checks that a reason of `_why_nothing_to_judge` names, ``columns, paths``; None for any other reason."""
    return ", ".join(_REPORTS.findall(reason)) or None


_REPORTS = re.compile(r"([a-z_]+) reports \d+(?=, |$)")
