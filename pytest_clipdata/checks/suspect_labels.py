"""With `--clip-model`: no label that the model scores as the other one.

Every pair is scored once by the checkpoint. A logistic curve over the scores of both labels gives the chance that a
label is right; a row under one in ten is named with its score and rank. If the scores hardly separate the labels, or
the wrong way round, that is one finding about the whole CSV and no row is accused. See docs/smoke.md for the trial
that chose the rule and the number of rows that it needs.

Bad::

    images/red_shirt.jpg,Blue denim jeans with slim fit,match

Good::

    images/red_shirt.jpg,Blue denim jeans with slim fit,mismatch
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row
from pytest_clipdata.findings import Severity


def _message(row: Row, options: Options) -> str:
    return str(row["message"])


CHECK = Check(
    id="suspect_labels",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [],
    message=_message,
    judges=("pair_key", "is_match"),
    per_row=False,
    by_model=True,
    wanted=lambda options: options.model is not None,
)
