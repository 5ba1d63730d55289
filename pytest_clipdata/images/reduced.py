"""A decoded picture as it is measured and compared: as displayed, at a scale that is enough for both."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from pytest_clipdata.images.decoding import Box
from pytest_clipdata.images.displayed import UPRIGHT, as_displayed
from pytest_clipdata.images.facts import ImageFacts
from pytest_clipdata.images.visibility import REDUCED_SIDE


@dataclass(frozen=True)
class Reduced:
    """``picture`` is L or RGB, its transparency laid on white; its part ``box`` is the whole picture, and turned
    ``upright`` it is the picture as displayed. ``displayed`` are all of its pixels, None for a JPEG, which is decoded
    at a reduced scale. ``transparent``: some pixel is not opaque."""

    picture: Image.Image
    box: Box
    upright: Image.Transpose | None
    displayed: Image.Image | None = None
    transparent: bool = False


def reduced(pixels: Image.Image, box: Box, facts: ImageFacts) -> Reduced:
    """What `decoding.decode` gave for ``REDUCED_SIDE``, with the facts of its header, at about that side."""
    upright = UPRIGHT.get(facts.orientation or 1)
    if facts.format == "jpeg":
        return Reduced(pixels if pixels.mode in ("L", "RGB") else pixels.convert("RGB"), box, upright)
    displayed, transparent = as_displayed(pixels)
    if upright is not None and facts.format != "tiff":  # Pillow turns a TIFF as it loads
        displayed = displayed.transpose(upright)
    factor = max(1, min(displayed.size) // REDUCED_SIDE)
    small = displayed.reduce(factor) if factor > 1 else displayed
    box = (0.0, 0.0, displayed.width / factor, displayed.height / factor)
    small = small if small.mode in ("L", "RGB") else small.convert("RGB")
    return Reduced(small, box, None, displayed, transparent)
