"""What the reports say of a check beside its findings."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_clipdata.findings import Severity


@dataclass(frozen=True, slots=True)
class RuleText:
    """One check's manual page: ``short`` is its first sentence, ``full`` the whole page, both plain text."""

    id: str
    severity: Severity
    short: str
    full: str
