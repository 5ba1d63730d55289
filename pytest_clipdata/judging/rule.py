"""A check as it is to be judged, and what was said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_clipdata.checks.check import Check, Expectation
from pytest_clipdata.findings import CheckResult
from pytest_clipdata.settings.declared import CheckSettings

if TYPE_CHECKING:
    pass


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
    """Every expectation of the rules under a key that its answer will carry: ``resolution/0``."""
    return {
        f"{rule.check.id}/{number}": _with_mostly(expectation, rule)
        for rule in rules
        for number, expectation in enumerate(rule.check.expectations(rule.settings.options))
    }


def _with_mostly(expectation: Expectation, rule: Rule) -> Expectation:
    if rule.settings.mostly == 1.0 or not rule.check.per_row:
        return expectation
    return Expectation(expectation.type, {**expectation.kwargs, "mostly": rule.settings.mostly}, expectation.shows)
