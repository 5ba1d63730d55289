"""A check as it is to be judged, and what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pytest_clipdata.checks.check import Check, Expectation, about_nulls
from pytest_clipdata.findings import CheckResult
from pytest_clipdata.settings.declared import CheckSettings


@dataclass(frozen=True, slots=True)
class Rule:
    """One check as it is to be judged: with its settings, and the reason why it cannot be, if there is one."""

    check: Check
    settings: CheckSettings
    not_judged: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Great Expectations said of one CSV: our results, its suite and its validation result as JSON."""

    results: tuple[CheckResult, ...]
    suite: dict[str, Any]
    validation: dict[str, Any]


def expectations_of(rules: Sequence[Rule]) -> dict[str, Expectation]:
    """Every expectation of the rules under a key that its answer will carry (``resolution/0``), with its severity."""
    return {
        f"{rule.check.id}/{number}": replace(
            expectation, kwargs={**expectation.kwargs, **share}, severity=expectation.severity or rule.settings.severity
        )
        for rule in rules
        for expectations in [rule.check.expectations(rule.settings.options)]
        for share in [_share(rule, expectations)]
        for number, expectation in enumerate(expectations)
    }


def _share(rule: Rule, expectations: Sequence[Expectation]) -> dict[str, float]:
    """``mostly``, where Great Expectations can take it over.

    A check's share is bad rows over judged rows, over all of its expectations together. Great Expectations knows a
    share of one expectation, over the rows in which its column is not null. The two are the same thing for a check of
    one expectation on the one column that it judges by, which is then told. Of every other check Great Expectations is
    asked about each row, and `answers` counts the rows that any of its expectations called wrong.
    """
    if rule.settings.mostly == 1.0 or not rule.check.per_row or len(expectations) != 1:
        return {}
    (only,) = expectations
    same = (only.kwargs.get("column"),) == rule.check.judges and not about_nulls(only.type)
    return {"mostly": rule.settings.mostly} if same and "row_condition" not in only.kwargs else {}
