"""A rule of the user's own, from ``[[expectations]]`` of the settings, as a check like any other."""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Expectation, Options, Row
from pytest_clipdata.facts.columns import COLUMNS
from pytest_clipdata.settings.declared import SettingsError, UserExpectation, suggest


def user_check(expectation: UserExpectation) -> Check:
    """A rule of the settings as a check like any other. Raises SettingsError if it names a column that is not there."""
    kwargs = expectation.kwargs
    named = [kwargs[name] for name in ("column", "column_A", "column_B") if name in kwargs]
    several = kwargs.get("column_list", [])
    named += several if isinstance(several, list) else [several]
    for name in named:
        # Great Expectations would stumble over it three times, and say so in its own words.
        if not isinstance(name, str) or name not in COLUMNS:
            raise SettingsError(
                f"{expectation.id}: the facts table has no column {name!r}{suggest(str(name), COLUMNS)}"
            )
    shows = kwargs.get("column")
    said = ", ".join(f"{name}={value!r}" for name, value in kwargs.items())
    about_nulls = expectation.type.endswith("_be_null")

    def message(row: Row, options: Options) -> str:
        subject = f"{shows} {row[shows]!r}" if row["row"] is not None and shows else f"observed {row.get('observed')!r}"
        return f"{subject} breaks {expectation.type}({said})"

    return Check(
        id=expectation.id,
        manual=f"{expectation.type}({said})",
        expectations=lambda options: [Expectation(expectation.type, kwargs, shows)],
        message=message,
        judges=("row",) if about_nulls or not named else tuple(named),
        severity=expectation.severity,
        per_row=False,
    )
