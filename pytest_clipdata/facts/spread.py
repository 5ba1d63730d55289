"""Facts are measured once for each distinct value of a column and spread over the rows that hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.step import Context, Step

if TYPE_CHECKING:
    import numpy as np

#: Measures distinct values by a step, as the step's own ``measure`` does, here or elsewhere.
Measuring = Callable[[Step, Sequence[str], Context], Sequence[Sequence[Any]]]


def here(step: Step, values: Sequence[str], context: Context) -> Sequence[Sequence[Any]]:
    """The `Measuring` of this process."""
    return step.measure(values, context)


class Spread:
    """A column by its distinct values and, for each row, the number of its value (-1: null).

    A slice of it is a pandas array, so that a column of many rows is never there whole unless asked for.
    """

    def __init__(self, distinct: Any, codes: np.ndarray[Any, Any]) -> None:
        self._distinct, self._codes = distinct, codes

    def __getitem__(self, part: slice) -> Any:
        return self._distinct.take(self._codes[part], allow_fill=True)


def spread(
    values: Sequence[str | None], steps: Iterable[Step], context: Context, measuring: Measuring = here
) -> dict[str, Spread]:
    """The columns of ``steps`` (all over the column that holds ``values``); null stays null."""
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(np.array(values, dtype=object))
    columns: dict[str, Spread] = {}
    for step in steps:
        measured = measuring(step, list(distinct), context) if len(distinct) else [()] * len(step.facts)
        for fact, column in zip(step.facts, measured, strict=True):
            columns[fact.name] = Spread(as_array(column, fact.dtype), codes)
    return columns


def as_array(values: Any, dtype: str) -> Any:
    """``values`` as a pandas array of ``dtype``; an array is taken as it is."""
    import pandas as pd

    return values if isinstance(values, pd.api.extensions.ExtensionArray) else pd.array(values, dtype=dtype)
