"""The training split has enough pairs to fine-tune on.

A hundred pairs are a few batches: fewer are learnt by rote. Counted are the rows that parse.

Bad::

    train.csv with 12 rows

Good::

    train.csv with 960 rows

Why: Fine-tuning on too few pairs bends what the model knew and adds nothing (Kumar et al. 2022, "Fine-Tuning can
Distort Pretrained Features", arXiv:2202.10054).

Fix: collect more pairs, or lower ``min`` for a set that is only there to try things out.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Expectation, Options, Row, Splits
from pytest_clipdata.findings import Severity, counted
from pytest_clipdata.settings.declared import Option

_PARSED = {"column": {"name": "row_problem"}, "is_null": True, "type": "nullity"}


def _message(row: Row, options: Options) -> str:
    return f"the source has {counted(row['observed'], 'pair')}, it should have at least {options['min']}"


CHECK = Check(
    id="row_count",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [
        Expectation("expect_table_row_count_to_be_between", {"min_value": options["min"], "row_condition": _PARSED})
    ],
    message=_message,
    judges=("split",),
    options={"min": Option(100, "rows of the training split", at_least=0)},
    limit=">= {min}",
    per_row=False,
    splits=Splits.TRAINING,
)
