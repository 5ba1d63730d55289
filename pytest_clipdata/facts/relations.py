"""What rows have to do with each other by their texts and their number: repeats, shared texts, shares of the splits.

Rows are compared over the whole dataset; "first" is the order of its sources (the training split leads) and then of
rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.coded_rows import CodedRows, first_with
from pytest_clipdata.facts.step import Fact, Needs, Relation

if TYPE_CHECKING:
    import numpy as np

SHARED = Relation(
    Needs.TEXT,
    (
        Fact("text_leaks_from", "str", "file:line of the training row with the same match text"),
        Fact("training_share", "Float64", "share of the dataset's rows that the training split holds"),
        Fact(
            "label_share_gap",
            "Float64",
            "largest gap between the splits' shares of match rows; 0 without labels",
        ),
    ),
    references=frozenset({"text_leaks_from"}),
)


def shared_columns(rows: CodedRows, training: str | None) -> dict[str, Any]:
    """The columns of ``SHARED`` over all rows of a dataset; a reference as the position of the other row, or -1."""
    return {"text_leaks_from": _text_leaks(rows, training), **_shares(rows, training)}


def _text_leaks(rows: CodedRows, training: str | None) -> np.ndarray[Any, Any]:
    import numpy as np

    if training is None:
        return np.full(len(rows), -1)
    trained = rows.split == rows.splits.index(training)
    first = first_with(rows.text, trained & (rows.label == 1))
    return np.where(~trained & (rows.label == 1), first[rows.text], -1)


def _shares(rows: CodedRows, training: str | None) -> dict[str, Any]:
    """``training_share`` and ``label_share_gap``: one value for the dataset, null where it has but one split."""
    import numpy as np
    import pandas as pd

    share = gap = None
    if training is not None and len(rows.splits) > 1 and len(rows):
        share = float(np.mean(rows.split == rows.splits.index(training)))
        counted = rows.labelled & (rows.label >= 0)
        judged = [rows.label[(rows.split == split) & counted] for split in range(len(rows.splits))]
        means = [float(labels.mean()) for labels in judged if len(labels)]
        gap = max(means) - min(means) if len(means) > 1 else None if rows.labelled.all() else 0.0
    values = {"training_share": share, "label_share_gap": gap}
    everywhere = np.zeros(len(rows), dtype=np.intp)
    return {name: pd.array([value], dtype="Float64").take(everywhere) for name, value in values.items()}
