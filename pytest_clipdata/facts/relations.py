"""What rows have to do with each other: repeats, contradictions, shared texts, copies of pictures, leaks.

Everything here is a column of the facts table that takes more than one row to fill. Rows are compared over the whole
dataset; "first" is the order of `Dataset.csvs` (the training split leads) and then of lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.table import Measured
from pytest_clipdata.images.facts import ImageFacts

if TYPE_CHECKING:
    from pytest_clipdata.similarity.match import SamePicture
from pytest_clipdata.facts.coded_rows import CodedRows, first_with
from pytest_clipdata.facts.copies import picture_columns


def relate(
    dataset: Sequence[Measured],
    training: str | None,
    images: Mapping[Path, ImageFacts] | None,
    rules: SamePicture | None,
    labels: Mapping[str, str],
) -> dict[str, dict[str, Any]]:
    """The relational columns of every CSV, by CSV name and column, parallel to its parsed rows.

    Without ``images`` (the run needs no similarity) only the columns that compare texts and counts are there.
    """
    rows = CodedRows(dataset, labels)
    columns = {"text_leaks_from": _text_leaks(rows, training), **_shares(rows, training)}
    if images is not None and rules is not None:
        columns |= picture_columns(rows, dataset, training, images, rules)
    return {
        measured.csv.name: {name: values[rows.slices[number]] for name, values in columns.items()}
        for number, measured in enumerate(dataset)
    }


def _text_leaks(rows: CodedRows, training: str | None) -> Any:
    import numpy as np

    if training is None:
        return rows.refer(np.full(len(rows.line), -1))
    trained = rows.split == rows.splits.index(training)
    first = first_with(rows.text, trained & (rows.label == 1))
    return rows.refer(np.where(~trained & (rows.label == 1), first[rows.text], -1))


def _shares(rows: CodedRows, training: str | None) -> dict[str, Any]:
    """``training_share`` and ``label_share_gap``: one value for the dataset, null where it has but one split."""
    import numpy as np
    import pandas as pd

    share = gap = None
    if training is not None and len(rows.splits) > 1 and len(rows.line):
        share = float(np.mean(rows.split == rows.splits.index(training)))
        judged = [rows.label[(rows.split == split) & (rows.label >= 0)] for split in range(len(rows.splits))]
        means = [float(labels.mean()) for labels in judged if len(labels)]
        gap = max(means) - min(means) if len(means) > 1 else None
    values = {"training_share": share, "label_share_gap": gap}
    everywhere = np.zeros(len(rows.line), dtype=np.intp)
    return {name: pd.array([value], dtype="Float64").take(everywhere) for name, value in values.items()}
