"""The short side of the picture has at least as many pixels as CLIP reads.

CLIP ViT-B/32 and its kin resize the short side to 224 pixels (Radford et al. 2021, "Learning Transferable Visual
Models From Natural Language Supervision"); a smaller picture is blown up and shows the model blur. The setting
``model`` gives the side: 224, for ``clip-336`` 336; with ``--clip-model`` it is the checkpoint's.

Bad::

    images/thumbnail_90x120.jpg,Red cotton t-shirt with round neck,match

Good::

    images/photo_800x600.jpg,Red cotton t-shirt with round neck,match
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> str:
    size = f"{row['image_width']}x{row['image_height']}"
    return f"{row['image_path']} is {size}, its short side must be at least {options['min_side']}"


CHECK = Check(
    id="resolution",
    manual=__doc__,
    expectations=lambda options: [
        rows_where("be_between", "image_short_side", "image_path", min_value=options["min_side"])
    ],
    message=_message,
    judges=("image_short_side",),
    options={"min_side": Option(224, "pixels of the short side; set by model", at_least=1)},
    limit=">= {min_side}",
)
