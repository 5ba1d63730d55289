"""The rules of the user's own: ``[[expectations]]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import (
    Option,
    SettingsError,
    Table,
    UserExpectation,
    suggest,
)
from pytest_clipdata.settings.valid import valid_value


def own_rules(raw: Any, tables: Mapping[str, Table], where: str) -> tuple[UserExpectation, ...]:
    if not isinstance(raw, list) or not all(isinstance(entry, Mapping) for entry in raw):
        raise SettingsError(f"{where}: write each expectation as a table [[expectations]]")
    seen: set[str] = set()
    found = []
    for entry in raw:
        valid = ("id", "type", "kwargs", "severity")
        for key in entry:
            if key not in valid:
                raise SettingsError(f"{where}: unknown key {key!r} in [[expectations]]{suggest(key, valid)}")
        check_id, kind, kwargs = entry.get("id"), entry.get("type"), entry.get("kwargs", {})
        if not isinstance(check_id, str) or not check_id.isidentifier():
            raise SettingsError(f"{where}: an expectation's id must be a name like 'mentions_colour', not {check_id!r}")
        if check_id in tables or check_id in seen:
            raise SettingsError(f"{where}: the expectation id {check_id!r} is already taken")
        if not isinstance(kind, str) or not kind.startswith("expect_"):
            raise SettingsError(f"{where}: the expectation {check_id!r} needs a type like 'expect_column_...'")
        if not isinstance(kwargs, Mapping):
            raise SettingsError(f"{where}: the kwargs of the expectation {check_id!r} must be a table")
        if "row_condition" in kwargs and _may_run_code(kwargs["row_condition"]):
            raise SettingsError(f"{where}: the row_condition of {check_id!r} must be a condition object, not a string")
        severity = valid_value(
            f"{check_id}.severity", entry.get("severity", "critical"), Option("", "", choices=tuple(Severity)), where
        )
        seen.add(check_id)
        found.append(UserExpectation(check_id, kind, dict(kwargs), Severity(severity)))
    return tuple(found)


def _may_run_code(condition: Any) -> bool:
    """Great Expectations hands a string condition to ``DataFrame.query``, which can run code, also from within an
    object of the type ``pass_through``."""
    if not isinstance(condition, Mapping):
        return True
    inner = condition.get("conditions", [])
    return condition.get("type") not in ("comparison", "nullity", "and", "or") or not (
        isinstance(inner, list) and not any(map(_may_run_code, inner))
    )
