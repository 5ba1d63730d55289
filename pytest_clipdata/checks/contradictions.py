"""No picture and text are both match and mismatch.

Two rows that say the opposite of one pair teach the model nothing and cap its accuracy. Pictures are one where
their path, bytes or pixels are equal, not where they look alike; texts compare by Unicode NFKC, case folding and
white space. Both rows are findings, for nobody but you knows which one is right.

Bad::

    images/a.jpg,Red cotton t-shirt with round neck,match
    images/a.jpg,Red cotton t-shirt with round neck,mismatch

Good::

    images/a.jpg,Red cotton t-shirt with round neck,match
    images/a.jpg,Blue denim jeans with slim fit,mismatch

Why: Whatever the model answers, one of the two rows calls it wrong: label errors cap what can be measured (Northcutt et
al. 2021, arXiv:2103.14749).

Fix: look at the picture, keep the row that is right and delete the other.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, Words, other_file, rows_where


def _message(row: Row, options: Options) -> Words:
    opposite = "mismatch" if row["is_match"] else "match"
    return f"is labelled {row['label_norm']}, but ", f" labels the same picture and text {opposite}{other_file(row)}"


CHECK = Check(
    id="contradictions",
    manual=__doc__,
    expectations=lambda options: [rows_where("be_null", "contradicts", "text")],
    message=_message,
    judges=("pair_key", "is_match"),
    refers_to="contradicts",
    of_labels=True,
)
