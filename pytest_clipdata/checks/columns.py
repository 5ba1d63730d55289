"""The table parses and has the required columns.

Columns are found under their names, those of the settings, or one of the usual others (``filepath``, ``caption``,
``is_match``); without a label column a table is pairs, where every row is a match, if nothing says otherwise. The
finding of a table that is not understood shows what is there and the line of settings that helps. All formats, names
and rules are in docs/formats.md.

A CSV is read strictly: UTF-8 with or without a byte order mark, every row with as many cells as the header,
quotes that close, no NUL bytes, no column twice, a header and at least one row. A line of spaces and tabs alone is
blank; one of any other white space (U+2028, a no-break space) is a row to pandas and the csv module, and a broken one.
A row that breaks this is named by the line on which it starts and is left out of every other check; write the file with
Python's ``csv`` module or pandas and this check holds. Other formats are read as strictly.

Bad::

    image_path,text,label
    images/a.jpg,Red shirt, round neck,match        <- 4 cells, the header has 3: quote the text

Good::

    image_path,text,label
    images/a.jpg,"Red shirt, round neck",match

Why: A reader that guesses shifts cells, drops rows or reads a caption as a path, and nobody sees it: errors in the data
are the last thing looked for when a model is bad (Breck et al. 2019, "Data Validation for Machine Learning").

Fix: write the file with Python's ``csv`` module or pandas, as UTF-8; quote texts that hold the delimiter; name your
columns in ``[columns]``.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Expectation, Options, Row, rows_where
from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> str:
    return str(row["row_problem"]) if row["row"] is not None else str(row["unexpected"][0])


CHECK = Check(
    id="columns",
    manual=__doc__,
    expectations=lambda options: [
        rows_where("be_null", "row_problem"),
        Expectation(
            "expect_column_distinct_values_to_be_in_set",
            {"column": "source_warning", "value_set": ["none"]},  # null where there is none
            severity=Severity.WARNING,
        ),
    ],
    message=_message,
    judges=("row",),
    options={
        "image_path": Option("image_path", "name of the column with the path of the image"),
        "text": Option("text", "name of the column with the caption"),
        "label": Option("label", "name of the column with the label"),
    },
)
