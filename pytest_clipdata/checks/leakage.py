"""No picture of a held-out split is in the training split or in another held-out split.

A model is graded on pictures it has never seen, or its grade is a lie; and what was chosen on validation pictures is
graded again on the same ones where val and test share them. Pictures compare by path, bytes, pixels and perceptually,
grey copies with ``same_picture.grey`` (see ``duplicate_images``, and for ``perceptual = "warning"`` or ``"off"``).

The finding stands on the line of the held-out row, names the training row and lists the rest of its group, 20 files at
most; of two held-out rows it stands on the later one (train, val, test, then others by name). ``held_out = false``
compares with training alone.

Bad::

    train.csv: images/a.jpg,...        val.csv: images/a_mirrored.png,...
    val.csv: images/b.jpg,...          test.csv: images/b.jpg,...

Good::

    train.csv: images/a.jpg,...        val.csv: images/b.jpg,...        test.csv: images/c.jpg,...

Why: Of the test pictures of CIFAR-100 one in ten has a near-copy in training, and figures fall when they are replaced
(Barz & Denzler 2020, "Do We Train on Test Data?", arXiv:1902.00423).

Fix: move all rows of the picture into one split; ``--clip-quarantine`` takes the training row away.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import PERCEPTUAL, Check, Options, Row, Splits, Words, no_copies, same_picture
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> Words:
    return same_picture(row, "leak")


CHECK = Check(
    id="leakage",
    manual=__doc__,
    expectations=lambda options: no_copies("leak", options),
    message=_message,
    judges=("image_contrast",),  # there only if the picture decodes; a broken one belongs to no group
    splits=Splits.APART,
    options={
        "perceptual": PERCEPTUAL,
        "held_out": Option(True, "also compare held-out splits with each other"),
        "quarantine": Option("train", "whose rows a quarantine rejects", choices=("train", "validation")),
    },
    refers_to="leaks_from",
    grade="leak",
)
