"""Facts are measured once for each distinct value and spread over the rows that hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass
from pytest_clipdata.facts.columns import COLUMNS


def as_array(values: Any, dtype: str) -> Any:
    import pandas as pd

    return values if isinstance(values, pd.api.extensions.ExtensionArray) else pd.array(values, dtype=dtype)


def by_distinct(
    values: Sequence[str | None], names: Sequence[str], measure: Callable[[list[str]], Iterable[Sequence[Any]]]
) -> dict[str, Any]:
    """Measure each distinct value once, column by column, and spread the results over the rows; null stays null."""
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(np.array(values, dtype=object))
    columns = measure(list(distinct)) if len(distinct) else [()] * len(names)
    return {
        name: as_array(column, COLUMNS[name].dtype).take(codes, allow_fill=True)
        for name, column in zip(names, columns, strict=True)
    }
