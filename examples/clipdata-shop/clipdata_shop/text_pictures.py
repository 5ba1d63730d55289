"""The picture is a photo, not a banner full of letters.

CLIP reads: a picture of the word "pizza" is near to the text "pizza" whatever else it shows (Goh et al. 2021,
"Multimodal Neurons in Artificial Neural Networks"). Trained on size charts and banners it learns to read, where it
should learn to see.

Bad::

    images/size_chart.png,Red cotton t-shirt with round neck,match

Good::

    images/photo.jpg,Red cotton t-shirt with round neck,match
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_clipdata.extending import Check, Fact, Option, Options, PictureStep, Row, Severity, Value, rows_where

if TYPE_CHECKING:
    from PIL.Image import Image

_BLOCK = 16  #: pixels of the side of a block that is text-like or not
_STROKE = 90  #: levels between ink and paper
_DENSITY = 0.04  #: share of a block's pixels at which strokes begin, in both directions


def text_like(picture: Image) -> Sequence[Value]:
    """The share of the picture that is covered with strokes that begin and end in both directions, as letters do."""
    import numpy as np

    luma = np.asarray(picture.convert("L"), dtype=np.int16)
    rows, columns = ((side - 1) // _BLOCK for side in luma.shape)
    if not rows or not columns:
        return [None]
    across = np.abs(np.diff(luma, axis=1))[:-1] > _STROKE
    down = np.abs(np.diff(luma, axis=0))[:, :-1] > _STROKE
    shares = [
        edges[: rows * _BLOCK, : columns * _BLOCK].reshape(rows, _BLOCK, columns, _BLOCK).mean(axis=(1, 3))
        for edges in (across, down)
    ]
    return [float((np.minimum(*shares) > _DENSITY).mean())]


# Called in the worker processes, with the time and the memory that the settings give one picture.
TEXT_LIKE = PictureStep(
    facts=(Fact("image_text_like", "Float64", "share of the picture that looks like letters, 0..1"),),
    measure=text_like,
    side=448,
)


def _message(row: Row, options: Options) -> str:
    return f"{row['image_path']} is to {row['image_text_like']:.0%} text, at most {options['max_share']:.0%} may be"


CHECK = Check(
    id="text_pictures",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [
        rows_where("be_between", "image_text_like", "image_path", max_value=options["max_share"])
    ],
    message=_message,
    judges=("image_text_like",),
    options={"max_share": Option(0.35, "share of the picture that looks like letters", at_least=0.0, at_most=1.0)},
    limit="<= {max_share}",
)
