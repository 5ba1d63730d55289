"""Whether a setting may have a value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import (
    SHARED_KEYS,
    Option,
    SettingsError,
    Table,
    suggest,
)
from pytest_clipdata.settings.labels import normalise_label
from pytest_clipdata.settings.toml import plain, refuse_infinite


def shown(value: Any) -> str:
    """A value of the settings as messages quote it: in one line, and not a megabyte of it."""
    return plain(repr(value))


def option_of(table_id: str, name: str, table: Table, where: str) -> Option:
    if table.severity is not None and name == "severity":
        return Option(str(table.severity), "", choices=tuple(Severity))
    if table.per_row and name == "mostly":
        return Option(1.0, "", at_least=1e-9, at_most=1.0)
    if name not in table.options:
        shared = SHARED_KEYS if table.per_row else SHARED_KEYS[:1] if table.severity is not None else ()
        raise SettingsError(
            f"{where}: unknown key {shown(table_id + '.' + name)}{suggest(name, [*table.options, *shared])}"
        )
    return table.options[name]


def valid_value(key: str, value: Any, option: Option, where: str) -> Any:
    kind = type(option.default)
    if kind is float and type(value) is int:
        value = float(value)
    if kind is list and isinstance(value, str):
        value = [value]
    if type(value) is bool and str(value).lower() in option.choices:  # "auto", true or false
        value = str(value).lower()
    wrong_type = type(value) is not kind or (kind is list and not all(isinstance(part, str) for part in value))
    if wrong_type:
        names = {list: "a list of strings", str: "a string", bool: "true or false", int: "a whole number"}
        raise SettingsError(f"{where}: {key} must be {names.get(kind, 'a number')}, not {shown(value)}")
    if option.choices and not all(part in option.choices for part in (value if kind is list else [value])):
        raise SettingsError(f"{where}: {key} must be one of {', '.join(option.choices)}, not {shown(value)}")
    if (option.at_least is not None and not value >= option.at_least) or (
        option.at_most is not None and not value <= option.at_most
    ):
        bounds = [f">= {option.at_least:g}"] if option.at_least is not None else []
        bounds += [f"<= {option.at_most:g}"] if option.at_most is not None else []
        raise SettingsError(f"{where}: {key} must be {' and '.join(bounds)}, not {shown(value)}")
    refuse_infinite(value, f"{where}: {key}")
    return value


def check_order(check_id: str, values: Mapping[str, Any]) -> None:
    """Great Expectations accepts min > max and then finds every row wrong: refuse it here."""
    for name in values:
        low, high = name, name.replace("min", "max", 1)
        if name.startswith("min") and high in values and values[low] > values[high]:
            raise SettingsError(f"{check_id}.{low} = {values[low]} is over {check_id}.{high} = {values[high]}")


def check_labels(match: Sequence[str] = (), mismatch: Sequence[str] = ()) -> None:
    for word in match:
        if normalise_label(word) in map(normalise_label, mismatch):
            raise SettingsError(f"labels: {word!r} is a word of both labels")
