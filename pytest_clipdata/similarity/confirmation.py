"""The second look: whether two pictures are the same picture, from their rasters alone.

A pure function of the two pictures: their signatures tell in which ways one may lie on the other, each way is
registered, the edit of tones that is between them is estimated and made, and what still differs is judged on the
object.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pytest_clipdata.images.signature import INVERSE, ORIENTATIONS, SIDE, WHOLE, Raster, Signatures, sign
from pytest_clipdata.similarity.differences import MARK, Differences, Windows
from pytest_clipdata.similarity.laying import Laid, lay, likeliest
from pytest_clipdata.similarity.match import Copy
from pytest_clipdata.similarity.tone import luma_of
from pytest_clipdata.similarity.ways import Way, is_blank, ways_of_pair


@dataclass(frozen=True, eq=False)
class Look:
    """A picture as the second look needs it."""

    pixels: Raster  #: (64, 64, 3) uint8
    width: int  #: of the picture itself, as displayed, in pixels
    height: int
    signed: bytes  #: its signature
    signature: Signatures  #: the same, taken apart

    @classmethod
    def at(cls, pixels: Raster, width: int, height: int, signed: bytes | None = None) -> Look:
        signed = sign(pixels) if signed is None else signed
        return cls(pixels, width, height, signed, Signatures.unpack([signed]))


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be left between copies, levels of 255 and shares; see ``Differences``."""

    luma95: float
    luma90: float
    structure: float
    unexplained: float
    chroma98: float
    chroma_most: float
    chroma_wide: float
    off: float

    def hold(self, left: Differences) -> bool:
        return (
            left.marked <= MARK
            and left.luma95 <= self.luma95
            and left.luma90 <= self.luma90
            and left.structure >= self.structure
            and left.unexplained <= self.unexplained
            and left.chroma98 <= self.chroma98
            and left.chroma_most <= self.chroma_most
            and left.chroma_wide <= self.chroma_wide
            and left.off <= self.off
        )


#: Where either picture has a side under ``_LARGE`` pixels: JPEG and resizing change a thumbnail's colours further.
SMALL = Limits(7.5, 4.2, 0.955, 0.14, 7.0, 12.0, 6.0, 0.045)
LARGE = Limits(6.0, 4.2, 0.87, 0.14, 3.0, 9.0, 2.8, 0.045)
_LARGE = 128

_BLANK = 4.0  #: levels by which 3x3 cells of two blank pictures may differ
_HOPELESS = 20.0  #: levels of ``chroma_wide``: another colour, whichever of the two were the original
_GREY = 3.0  #: levels of chroma that a grey picture may have
_CROPPED = 0.015  #: of the logarithm of a scale


def confirm(a: Look, b: Look, *, grey: bool = False) -> Copy | None:
    """How ``b`` is the same picture as ``a``, None where it is not.

    ``confirm(b, a)`` is the same verdict with the transform undone. With ``grey`` a grey copy of a coloured picture is
    a match too.
    """
    swapped = a.pixels.tobytes() > b.pixels.tobytes()
    first, second = (b, a) if swapped else (a, b)
    if is_blank(first.signature.sure[:, WHOLE])[0] and is_blank(second.signature.sure[:, WHOLE])[0]:
        return Copy(None, 0) if _equal(first.pixels, second.pixels) else None
    sizes = (first.width, first.height), (second.width, second.height)
    limits = SMALL if min(map(min, sizes)) < _LARGE else LARGE
    pixels, made_grey = (first.pixels, second.pixels), False
    if grey and _is_grey(first.pixels) != _is_grey(second.pixels):
        pixels, made_grey = (_as_grey(first.pixels), _as_grey(second.pixels)), True
    for way in likeliest(*pixels, ways_of_pair(first.signature, second.signature)):
        for laid in lay(*pixels, sizes, way):
            if laid.left.chroma_wide > _HOPELESS:
                break
            if limits.hold(laid.left):
                return _match(laid, way, INVERSE[way.orientation] if swapped else way.orientation, made_grey)
    return None


def _match(laid: Laid, way: Way, orientation: int, grey: bool) -> Copy:
    words = [ORIENTATIONS[orientation]] if orientation else []
    if max(abs(np.log(laid.place[0])), abs(np.log(laid.place[2]))) > _CROPPED:
        words.append("cropped")
    if grey:
        words.append("grey")
    return Copy(", ".join(words) or None, round(255 * way.distance))


def _equal(a: Raster, b: Raster) -> bool:
    """Whether two blank pictures agree as they are: there is nothing in them that would tell an edit."""
    left = (a.astype(np.float32) - b).transpose(2, 0, 1)
    return bool(np.abs(Windows(np.ones((SIDE, SIDE), dtype=np.float32)).mean(left, 3)).max() <= _BLANK)


def _is_grey(pixels: Raster) -> bool:
    spread = pixels.max(axis=2).astype(np.int16) - pixels.min(axis=2)
    return bool(np.quantile(spread, 0.98) <= _GREY)


def _as_grey(pixels: Raster) -> Raster:
    luma = np.rint(luma_of(pixels.transpose(2, 0, 1).astype(np.float32))).clip(0, 255).astype(np.uint8)
    return np.repeat(luma[..., None], 3, axis=2)
