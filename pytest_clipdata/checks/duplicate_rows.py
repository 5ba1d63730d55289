"""No two rows have the same picture, the same text and the same label.

Pictures are one where their path, bytes or pixels are equal, not where they look alike; texts compare by
Unicode NFKC, case folding and white space. The first row of each group stands; the others are findings. Rows of
other splits are the business of ``leakage``.

Bad::

    images/a.jpg,Red cotton t-shirt with round neck,match
    images/a.jpg,red cotton T-shirt with round neck,match

Good::

    images/a.jpg,Red cotton t-shirt with round neck,match
    images/a.jpg,Blue denim jeans with slim fit,mismatch

Why: A pair that is there twice weighs twice, is learnt by heart first, and is the negative of itself within a batch
(Lee et al. 2022, "Deduplicating Training Data Makes Language Models Better", arXiv:2107.06499).

Fix: delete the later row; ``--clip-quarantine`` does.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, Words, other_file, rows_where


def _message(row: Row, options: Options) -> Words:
    return "repeats the picture, text and label of ", other_file(row)


CHECK = Check(
    id="duplicate_rows",
    manual=__doc__,
    expectations=lambda options: [rows_where("be_null", "duplicate_row_of", "text")],
    message=_message,
    judges=("pair_key", "is_match"),
    refers_to="duplicate_row_of",
)
