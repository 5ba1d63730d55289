"""The training split has enough pairs to fine-tune on.

A hundred pairs are a few batches: fewer are learnt by rote. Counted are the rows of this CSV that parse.

Bad::

    train.csv with 12 rows

Good::

    train.csv with 960 rows
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Expectation, Options, Row, Splits
from pytest_clipdata.findings import Severity, counted
from pytest_clipdata.settings.declared import Option

_PARSED = {"column": {"name": "row_problem"}, "is_null": True, "type": "nullity"}


def _message(row: Row, options: Options) -> str:
    return f"the CSV has {counted(row['observed'], 'pair')}, it should have at least {options['min']}"


CHECK = Check(
    id="row_count",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [
        Expectation("expect_table_row_count_to_be_between", {"min_value": options["min"], "row_condition": _PARSED})
    ],
    message=_message,
    judges=("split",),
    options={"min": Option(100, "rows of the CSV", at_least=0)},
    limit=">= {min}",
    per_row=False,
    splits=Splits.TRAINING,
)
