"""A rule of the user's own, from ``[[expectations]]`` of the settings, as a check like any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_clipdata.checks.check import Check, Expectation, Options, Row, about_nulls
from pytest_clipdata.facts.columns import COLUMNS
from pytest_clipdata.settings.declared import SettingsError, UserExpectation, suggest
from pytest_clipdata.settings.toml import plain

#: Columns of which a finding names the value.
_SHOWN = 6


def user_check(expectation: UserExpectation) -> Check:
    """A rule of the settings as a check like any other. Raises SettingsError if it names a column that is not there."""
    kwargs = expectation.kwargs
    named = [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
    several = kwargs.get("column_list", [])
    named += several if isinstance(several, list) else [several]
    condition = kwargs.get("row_condition")
    for name in [*named, *_columns_of(condition)]:
        # Great Expectations would stumble over it three times, and say so in its own words.
        if not isinstance(name, str) or name not in COLUMNS:
            raise SettingsError(
                f"{expectation.id}: the facts table has no column {name!r}{suggest(str(name), COLUMNS)}"
            )
    rule = plain(f"{expectation.type}({', '.join(f'{name}={value!r}' for name, value in kwargs.items())})")
    breaks = f" breaks {rule}" if expectation.message is None else f": {expectation.message}"

    def message(row: Row, options: Options) -> str:
        return plain(_subject(row, named), 2000) + breaks

    needs_value = [] if about_nulls(expectation.type) else named
    asked = [Expectation(expectation.type, kwargs, named[0] if named else None)]
    if condition is not None and named:
        asked.append(_count(condition, needs_value))
    return Check(
        id=expectation.id,
        manual=rule if expectation.message is None else expectation.message,
        expectations=lambda options: asked,
        message=message,
        judges=tuple(needs_value) or ("row",),
        severity=expectation.severity,
        per_row=False,
    )


def _subject(row: Row, named: Sequence[str]) -> str:
    """What broke the rule: the values of a row, or what is observed of the whole source."""
    if row["row"] is not None:
        return ", ".join(f"{name} {row[name]!r}" for name in named[:_SHOWN]) or "the row"
    said = [f"observed {row['observed']!r}"] if row["observed"] is not None else []
    said += [f"{kind} {', '.join(map(repr, row[kind]))}" for kind in ("unexpected", "missing") if row[kind]]
    of = f"{row['column']}: " if row["column"] and said and row["observed"] is None else ""
    return of + ("; ".join(said) or "the whole")


def _count(condition: Mapping[str, Any], columns: Sequence[str]) -> Expectation:
    """An expectation whose answer says how many rows meet ``condition`` and have a value in each of ``columns``."""
    values = [{"type": "nullity", "column": {"name": name}, "is_null": False} for name in columns]

    def also(part: Mapping[str, Any]) -> Mapping[str, Any]:
        parts = part["conditions"] if part.get("type") == "and" else [part]
        return {"type": "and", "conditions": [*parts, *values]}

    if condition.get("type") == "or":  # Great Expectations takes no "or" within an "and"
        met: Mapping[str, Any] = {"type": "or", "conditions": [also(part) for part in condition["conditions"]]}
    else:
        met = also(condition)
    counted = {"min_value": 1, "row_condition": met if values else condition}
    return Expectation("expect_table_row_count_to_be_between", counted, counts=True)


def _columns_of(condition: Any) -> Iterator[Any]:
    """The columns that a row condition compares."""
    if isinstance(condition, Mapping):
        column = condition.get("column")
        yield from [column.get("name")] if isinstance(column, Mapping) else []
        for part in condition.get("conditions", []):
            yield from _columns_of(part)
