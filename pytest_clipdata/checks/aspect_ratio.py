"""The long side is at most three times the short side.

CLIP's preprocessing resizes the short side to 224 pixels and keeps the central square: of a 1:3 picture it sees one
third, and the product may not be in it.

Bad::

    images/banner_1200x300.jpg,Red cotton t-shirt with round neck,match

Good::

    images/photo_800x600.jpg,Red cotton t-shirt with round neck,match

Why: A caption that speaks of what was cut away is a wrong pair. Conceptual Captions keeps no picture whose sides differ
by more than two to one (Sharma et al. 2018, "Conceptual Captions").

Fix: crop the picture to what the text speaks of, or pad it to a square as your inference code does.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> str:
    size = f"{row['image_width']}x{row['image_height']}"
    seen = 1 / row["image_aspect_ratio"]
    return f"{row['image_path']} is {size}: CLIP's centre crop keeps {seen:.0%} of it"


CHECK = Check(
    id="aspect_ratio",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [
        rows_where("be_between", "image_aspect_ratio", "image_path", max_value=options["max"])
    ],
    message=_message,
    judges=("image_aspect_ratio",),
    options={"max": Option(3.0, "long side divided by short side", at_least=1.0)},
    limit="<= {max:g}",
)
