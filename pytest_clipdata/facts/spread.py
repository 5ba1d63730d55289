"""Facts are measured once for each distinct value of a column and spread over the rows that hold it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pytest_clipdata.facts.step import Context, Step


def spread(values: Sequence[str | None], steps: Iterable[Step], context: Context) -> dict[str, Any]:
    """The columns of ``steps`` (all over the column that holds ``values``) as pandas arrays; null stays null."""
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(np.array(values, dtype=object))
    columns: dict[str, Any] = {}
    for step in steps:
        measured = step.measure(list(distinct), context) if len(distinct) else [()] * len(step.facts)
        for fact, column in zip(step.facts, measured, strict=True):
            columns[fact.name] = as_array(column, fact.dtype).take(codes, allow_fill=True)
    return columns


def as_array(values: Any, dtype: str) -> Any:
    """``values`` as a pandas array of ``dtype``; an array is taken as it is."""
    import pandas as pd

    return values if isinstance(values, pd.api.extensions.ExtensionArray) else pd.array(values, dtype=dtype)
