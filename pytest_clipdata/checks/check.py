"""What a check is: plain data and two small functions. Nothing here imports more than the standard library."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from pytest_clipdata.facts.columns import COLUMNS, Column
from pytest_clipdata.facts.step import Needs
from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import Option, Table
from pytest_clipdata.settings.options import RunOptions

Options = Mapping[str, Any]
#: One row of the facts table by column and the other row as ``related``; for a finding about a whole source, whose
#: ``row`` is None: ``column``, ``observed`` and some values of the column that are ``unexpected`` or ``missing``.
Row = Mapping[str, Any]
#: The message of a finding: one text, or the pieces between which the places of other rows stand.
Words = str | tuple[str, ...]


class Splits(Enum):
    """The splits whose CSVs a check can judge."""

    ANY = "any"
    TRAINING = "training"
    HELD_OUT = "held out"  #: any split but the training split
    APART = "apart"  #: a split that may share nothing with another one: see `Dataset.apart`
    ALL = "all"  #: the whole dataset at once, at its training split


@dataclass(frozen=True, slots=True)
class Expectation:
    """A Great Expectations expectation as plain data; ``shows`` is the column that its findings quote."""

    type: str
    kwargs: Mapping[str, Any]
    shows: str | None = None
    severity: Severity | None = None  #: None: that of the check
    counts: bool = False  #: judges nothing: it says how many rows the others could judge


@dataclass(frozen=True, slots=True)
class Check:
    """One rule.

    ``expectations`` turns the options into expectations over the facts table; ``message`` words one finding: one text,
    or the pieces between which the place of the other row stands. ``judges`` names the facts without which a row
    cannot be judged. ``refers_to`` names the column that names the other row and ``grade`` the prefix of the columns
    that say how alike two pictures are. ``said`` names a column with one value for the whole source, which words a
    finding about it, or why it was not judged.
    """

    id: str
    manual: str | None
    expectations: Callable[[Options], Sequence[Expectation]]
    message: Callable[[Row, Options], Words]
    judges: tuple[str, ...]
    severity: Severity = Severity.CRITICAL
    options: Mapping[str, Option] = field(default_factory=dict)
    limit: str = ""  #: the default in words, for tables: ``>= {min_side}``
    per_row: bool = True
    splits: Splits = Splits.ANY
    refers_to: str | None = None
    grade: str | None = None
    said: str | None = None
    of_labels: bool = False  #: judges labels, and is left out where every row is a match
    by_model: bool = False  #: a model answers it, not an expectation: see `pytest_clipdata.judging.by_model`
    #: Whether the command line leaves it in.
    wanted: Callable[[RunOptions], bool] = lambda options: True
    #: The columns that there are: ours, and those of the plugins of the run. The registry fills it in.
    columns: Mapping[str, Column] = field(default_factory=lambda: COLUMNS, repr=False, compare=False)

    @property
    def facts(self) -> set[str]:
        """The columns that the check names: what it judges by, what it refers to, how alike it says pictures are."""
        asked = self.expectations({name: option.default for name, option in self.options.items()})
        named = {name for asking in asked for name in columns_in(asking.kwargs, self.columns)} | set(self.judges)
        named |= {name for name in (self.refers_to, self.said) if name}
        return named | ({f"{self.grade}_grade"} if self.grade else set())

    @property
    def needs(self) -> Needs:
        """How far rows must be measured for it, which follows from the facts that it names."""
        return max((self.columns[name].needs for name in self.facts), default=Needs.TEXT)

    @property
    def summary(self) -> str:
        """The first line of the manual page: what must hold."""
        return (self.manual or self.id).strip().splitlines()[0].rstrip(".")

    @property
    def default(self) -> str:
        """The default limit in words, for tables; empty if there is none to state."""
        return self.limit.format(**{name: option.default for name, option in self.options.items()})

    @property
    def table(self) -> Table:
        """What this check's table of the settings may hold."""
        return Table(self.options, self.severity, self.per_row)


def rows_where(kind: str, column: str, shows: str | None = None, **kwargs: Any) -> Expectation:
    """An expectation on each value of one column: ``rows_where("be_between", "word_count", min_value=5)``."""
    return Expectation(f"expect_column_values_to_{kind}", {"column": column, **kwargs}, shows or column)


#: How much a copy weighs that was told by looking, never more than the check itself.
PERCEPTUAL = Option(
    "critical",
    "severity of copies that are the same to the eye alone",
    choices=tuple(severity.value for severity in Severity),
)


def no_copies(prefix: str, options: Options) -> list[Expectation]:
    """Expectations that a row has no match; ``prefix`` is that of the columns with the match's figures."""
    column = f"{prefix}_grade"
    exact = rows_where("not_be_in_set", column, "image_path", value_set=["bytes", "pixels"])
    if options["perceptual"] == Severity.OFF:
        return [exact]
    to_the_eye = rows_where("not_be_in_set", column, "image_path", value_set=["perceptual"])
    # None is the check's own, which "critical" must not exceed.
    warning = options["perceptual"] == Severity.WARNING
    return [exact, replace(to_the_eye, severity=Severity.WARNING) if warning else to_the_eye]


def same_picture(row: Row, prefix: str) -> Words:
    """The words for a copy: name the other picture and why it is the same.

    ``prefix`` is that of the columns with the match's figures.
    """
    other = row["related"]
    if other.value == row["image_path"]:
        return f"{row['image_path']} is the same file as in ", ""
    message = f"{row['image_path']} is the same picture as {other.value} ("
    grade, transform, distance = (row[f"{prefix}_{part}"] for part in ("grade", "transform", "distance"))
    if grade != "perceptual":
        return message, f"), same {grade}"
    return message, f"), {transform + ', ' if transform else ''}{distance} of 255 bits differ"


def about_nulls(expectation_type: str) -> bool:
    """Whether an expectation judges missing values, so that every row can be judged."""
    return expectation_type.endswith("_be_null") or "_non_null_" in expectation_type


def other_file(row: Row) -> str:
    """The other row's file in words, where it is another file with the same picture; else nothing."""
    other = row["related"].value
    return "" if other == row["image_path"] else f"; its file is {other}"


def columns_in(value: Any, columns: Collection[str]) -> set[str]:
    """Those of ``columns`` that are named anywhere in an expectation's arguments, conditions included."""
    if isinstance(value, str):
        return {value} if value in columns else set()
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
    return {name for part in parts for name in columns_in(part, columns)}
