"""No match text of the other splits is a match text of the training split.

A caption learnt by heart in training is recognised in validation without a look at the picture. Texts compare by
Unicode NFKC, case folding and white space.

Bad::

    train.csv: images/a.jpg,Red cotton t-shirt with round neck,match
    val.csv:   images/b.jpg,Red cotton t-shirt with round neck,match

Good::

    val.csv:   images/b.jpg,Crimson tee with a crew neckline,match

Why: What is known from training is graded as if it had been understood (Kapoor & Narayanan 2023, "Leakage and the
Reproducibility Crisis in Machine-Learning-Based Science").

Fix: caption held-out pictures by themselves, or split by text as well as by picture.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, Splits, Words, rows_where
from pytest_clipdata.findings import Severity


def _message(row: Row, options: Options) -> Words:
    return "the text is also a match in the training split (", ")"


CHECK = Check(
    id="text_leakage",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [rows_where("be_null", "text_leaks_from", "text")],
    message=_message,
    judges=("text", "is_match"),
    splits=Splits.HELD_OUT,
    refers_to="text_leaks_from",
)
