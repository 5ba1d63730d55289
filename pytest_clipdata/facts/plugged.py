"""The columns of plugins: their steps are called with care, so that what one of them raises costs its own checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_clipdata.facts.coded_rows import Measured
from pytest_clipdata.facts.columns import Column
from pytest_clipdata.facts.spread import as_array, spread
from pytest_clipdata.facts.step import Context, Fact, Needs, PictureStep, Plugged, Step
from pytest_clipdata.images.facts import Value
from pytest_clipdata.reading.further import Further
from pytest_clipdata.settings.toml import plain

#: The columns of ours that a step may be over; any other is a column of the source.
_OURS = ("label", "image_path", "text")
#: What a picture step measured of each picture, by its resolved path; or why it could not, in words.
Pictures = Mapping[Path, Sequence[Value]] | str


@dataclass(frozen=True, slots=True)
class PluggedFacts:
    """The columns that plugins declare, the values of those that could be measured, and why others could not."""

    columns: Mapping[str, Column] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    failed: Mapping[str, str] = field(default_factory=dict)


NONE_PLUGGED = PluggedFacts()


def plugged_facts(
    measured: Measured,
    plugged: Sequence[Plugged],
    columns: Mapping[str, Column],
    context: Context,
    needs: Needs,
    pictures: Callable[[Plugged], Pictures],
) -> PluggedFacts:
    """The ``columns`` of plugins over the parsed rows of a source, as far as ``needs`` says.

    ``pictures`` gives what a step measured of pictures.
    """
    values: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for each in plugged:
        if each.step.needs > needs:
            continue
        try:
            step = _looked_up(each.step, pictures(each)) if isinstance(each.step, PictureStep) else each.step
            values |= spread(_cells(measured, step.over), [_sound(step)], context)
        except Exception as error:
            words = str(error) if isinstance(error, _ToldError) else f"raised {type(error).__name__}: {error}"
            names = [fact.name for fact in each.step.facts]
            failed |= dict.fromkeys(names, f"{each.plugin}: what measures {names[0]!r} {plain(words)}")
    return PluggedFacts(columns, values, failed)


class _ToldError(Exception):
    """What went wrong, in words that need no more."""


def _cells(measured: Measured, over: str) -> Sequence[str | None]:
    """The cells of the column that a step is over; all None if the source has none of that name."""
    rows = measured.rows
    ours = dict(zip(_OURS, (rows.labels, rows.image_paths, rows.texts), strict=True))
    if over in ours:
        return ours[over]
    source: object = measured.source
    found = source.cells([over], rows) if isinstance(source, Further) else {}
    return found.get(over) or [None] * len(rows.lines)


def _looked_up(step: PictureStep, pictures: Pictures) -> Step:
    """A step over image paths that finds what was measured of the pictures."""
    if isinstance(pictures, str):
        raise _ToldError(pictures)

    def measure(paths: Sequence[str], context: Context) -> Sequence[Sequence[Any]]:
        files = [context.files.get(path) for path in paths]
        found = [None if file is None or file.path is None else pictures.get(file.path) for file in files]
        return [[None if values is None else values[at] for values in found] for at in range(len(step.facts))]

    return Step("image_path", step.needs, step.facts, measure)


def _sound(step: Step) -> Step:
    """The same step, whose answers are held to what it promises: a value for each fact of each thing it was asked."""

    def measure(cells: Sequence[str], context: Context) -> Sequence[Sequence[Any]]:
        columns = list(step.measure(cells, context))
        lengths = [len(column) for column in columns]
        if lengths != [len(cells)] * len(step.facts):
            raise _ToldError(f"gave {lengths} values for {len(step.facts)} facts of {len(cells)} cells")
        return [_array(fact, column) for fact, column in zip(step.facts, columns, strict=True)]

    return Step(step.over, step.needs, step.facts, measure)


def _array(fact: Fact, column: Sequence[Any]) -> Any:
    """The values of a fact as an array in which nothing is missing but what is None: NaN would not be judged."""
    import pandas as pd

    made = as_array(column, fact.dtype)
    if int(made.isna().sum()) > sum(value is None or value is pd.NA for value in column):
        raise _ToldError(f"gave NaN for {fact.name!r}, which is neither a number nor None")
    return made
