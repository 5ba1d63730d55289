"""No empty image_path, text or label.

A cell that is empty or holds only white space is missing. Words such as ``NA``, ``None`` and ``null`` are text, not
missing values. A row with a missing value is left out of the checks that need that value.

Bad::

    images/a.jpg,,match

Good::

    images/a.jpg,Red cotton t-shirt with round neck,match

Why: A trainer that meets an empty cell skips the row, stops, or trains on the word "nan" as a caption (Breck et al.
2019, "Data Validation for Machine Learning").

Fix: fill the cell or delete the row; ``--clip-quarantine`` writes a copy without it.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where

#: Rows that did not parse have no cells to judge; ``columns`` reports them.
_PARSED = {"column": {"name": "row_problem"}, "is_null": True, "type": "nullity"}


def _message(row: Row, options: Options) -> str:
    return f"{row['column']} is empty"


CHECK = Check(
    id="missing_values",
    manual=__doc__,
    expectations=lambda options: [
        rows_where("not_be_null", column, row_condition=_PARSED) for column in ("image_path", "text", "label")
    ],
    message=_message,
    judges=("split",),
)
