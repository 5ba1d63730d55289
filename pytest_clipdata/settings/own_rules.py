"""The rules of the user's own: ``[[expectations]]``."""

from __future__ import annotations

import re
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
from pytest_clipdata.settings.toml import refuse_infinite
from pytest_clipdata.settings.valid import shown, valid_value


def own_rules(raw: Any, tables: Mapping[str, Table], where: str) -> tuple[UserExpectation, ...]:
    if not isinstance(raw, list) or not all(isinstance(entry, Mapping) for entry in raw):
        raise SettingsError(f"{where}: write each expectation as a table [[expectations]]")
    seen: set[str] = set()
    found = []
    for entry in raw:
        valid = ("id", "type", "kwargs", "severity", "message")
        for key in entry:
            if key not in valid:
                raise SettingsError(f"{where}: unknown key {shown(key)} in [[expectations]]{suggest(key, valid)}")
        check_id, kind, kwargs = entry.get("id"), entry.get("type"), entry.get("kwargs", {})
        if not isinstance(check_id, str) or not check_id.isidentifier():
            raise SettingsError(
                f"{where}: an expectation's id must be a name like 'mentions_colour', not {shown(check_id)}"
            )
        if check_id in tables or check_id in seen:
            raise SettingsError(f"{where}: the expectation id {shown(check_id)} is already taken")
        if not isinstance(kind, str) or not kind.startswith("expect_"):
            raise SettingsError(f"{where}: the expectation {check_id!r} needs a type like 'expect_column_...'")
        if not isinstance(kwargs, Mapping):
            raise SettingsError(f"{where}: the kwargs of the expectation {check_id!r} must be a table")
        message = entry.get("message")
        if not (message is None or (isinstance(message, str) and message.strip())):
            raise SettingsError(f"{where}: the message of the expectation {check_id!r} must be a text")
        _check_arguments(check_id, kwargs, where)
        if "row_condition" in kwargs and _may_run_code(kwargs["row_condition"]):
            raise SettingsError(f"{where}: the row_condition of {check_id!r} must be a condition object, not a string")
        severity = valid_value(
            f"{check_id}.severity", entry.get("severity", "critical"), Option("", "", choices=tuple(Severity)), where
        )
        seen.add(check_id)
        found.append(UserExpectation(check_id, kind, dict(kwargs), Severity(severity), message))
    return tuple(found)


def _check_arguments(check_id: str, kwargs: Mapping[str, Any], where: str) -> None:
    """What Great Expectations accepts and then stumbles over, or finds every row wrong by."""
    if "severity" in kwargs:
        raise SettingsError(f"{where}: write the severity of {check_id!r} beside its kwargs, not in them")
    refuse_infinite(kwargs, f"{where}: {check_id}")
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and low > high:
        raise SettingsError(f"{where}: {check_id}: min_value = {low} is over max_value = {high}")
    several = kwargs.get("regex_list")
    for regex in [kwargs.get("regex"), *(several if isinstance(several, list) else [])]:
        try:
            re.compile(regex if isinstance(regex, str) else "")
        except (re.error, RecursionError, OverflowError) as error:
            raise SettingsError(f"{where}: {check_id}: {shown(regex)} is no regular expression: {error}") from None


def _may_run_code(condition: Any) -> bool:
    """Great Expectations hands a string condition to ``DataFrame.query``, which can run code, also from within an
    object of the type ``pass_through``."""
    if not isinstance(condition, Mapping):
        return True
    inner = condition.get("conditions", [])
    return condition.get("type") not in ("comparison", "nullity", "and", "or") or not (
        isinstance(inner, list) and not any(map(_may_run_code, inner))
    )
