"""No picture of the other splits is in the training split.

A model is graded on pictures it has never seen, or its grade is a lie. Pictures compare by path, bytes, pixels and
perceptually (see ``duplicate_images``); the finding stands on the line of the held-out row and names the training row.

Bad::

    train.csv: images/a.jpg,...        val.csv: images/a_mirrored.png,...

Good::

    train.csv: images/a.jpg,...        val.csv: images/b.jpg,...
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, Splits, Words, rows_where, same_picture
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> Words:
    return same_picture(row, "leak")


CHECK = Check(
    id="leakage",
    manual=__doc__,
    expectations=lambda options: [rows_where("be_null", "leaks_from", "image_path")],
    message=_message,
    judges=("image_contrast",),  # there only if the picture decodes; a broken one belongs to no group
    splits=Splits.HELD_OUT,
    options={"quarantine": Option("train", "whose rows a quarantine rejects", choices=("train", "validation"))},
    refers_to="leaks_from",
    grade="leak",
)
