"""What the reports say of a check beside its findings."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_clipdata.findings import Severity
from pytest_clipdata.running.run import DatasetRun


@dataclass(frozen=True, slots=True)
class RuleText:
    """One check's manual page: ``short`` is its first sentence, ``full`` the whole page, both plain text."""

    id: str
    severity: Severity
    short: str
    full: str


def rule_texts(run: DatasetRun) -> dict[str, RuleText]:
    """The manual page of every check of a run, for reports."""
    checks = {check_id: run.check(check_id) for check_id in run.check_ids()}
    return {
        check_id: RuleText(check_id, check.severity, check.summary, (check.manual or check_id).strip())
        for check_id, check in checks.items()
    }
