"""The facts table: everything measured about a row is a column, nothing is judged.

`COLUMNS` documents every column and its dtype; users write expectations on them. A value that could not be measured
(the file is missing, the picture does not decode, the cell is empty) is null, and Great Expectations leaves nulls out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.images.facts import ImageFacts
from pytest_clipdata.reading.dataset import Csv
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.reading.source import CsvRows

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
from pytest_clipdata.facts.columns import COLUMNS
from pytest_clipdata.facts.labels import label_columns
from pytest_clipdata.facts.of_pictures import image_columns
from pytest_clipdata.facts.of_texts import text_columns
from pytest_clipdata.facts.spread import as_array


@dataclass(frozen=True, slots=True)
class Measured:
    """What was read of one CSV: its rows and, by the text of the cell, the files that they name."""

    csv: Csv
    rows: CsvRows
    files: Mapping[str, FileFacts]


def table(
    measured: Measured,
    images: Mapping[Path, ImageFacts],
    relations: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]],
    labels: Mapping[str, str],
) -> pd.DataFrame:
    """The facts of one CSV; the index is unnamed and equals the column ``line``.

    ``relations`` holds the columns that compare rows (see `relations`), parallel to the parsed rows.
    """
    import pandas as pd

    rows = measured.rows
    columns: dict[str, Any] = {
        "image_path": rows.image_paths,
        "text": rows.texts,
        "label": rows.labels,
        "split": [measured.csv.split] * len(rows.lines),
        **label_columns(rows.labels, labels),
        **text_columns(rows.texts),
        **image_columns(rows.image_paths, measured.files, images),
        **relations,
    }
    index = pd.Index(rows.lines, dtype="int64")
    series = {
        name: pd.Series(as_array(columns[name], column.dtype) if name in columns else None, index, column.dtype)
        for name, column in COLUMNS.items()
        if name not in ("line", "row_problem")
    }
    frame = pd.DataFrame(series, index=index)
    problems = dict(rows.problems)
    if problems:
        frame = frame.reindex(sorted({*rows.lines, *problems}))
    frame.insert(0, "line", frame.index.to_numpy(dtype="int64"))
    frame.insert(1, "row_problem", pd.Series(problems, frame.index, COLUMNS["row_problem"].dtype))
    return frame
