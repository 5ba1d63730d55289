"""What is kept of a picture so that copies of it can be found: the signs of its low frequencies, and small colours.

Everything is computed from one raster: the picture as displayed, squeezed to ``SIDE`` x ``SIDE`` RGB. Of it eight views
are described: the seven ``FIXED_VIEWS``, and the box around what stands out from a plain background. Layout of a
signature (``SIGNATURE_BYTES`` in all, the same on every machine):

====================  ===========================================================================================
8 x 32 bytes          the 256 sign bits of each view, as four words by the parity of row and column frequency
8 x 32 bytes          which of these bits are sure: no noise can turn them
12 x 12 x 3 uint8     mean RGB of the cells of the whole, row by row
8 x 8 x 3 uint8       mean RGB of the cells of the foreground box
4 x uint16, little    the foreground box: left, top, right, bottom, as shares of the side times 65535
====================  ===========================================================================================

The bits of the whole are ``imagehash.phash(picture, hash_size=16)`` (Zauner, "Implementation and benchmarking of
perceptual image hash functions", 2010): the 16 x 16 lowest coefficients of the DCT-II of the 64 x 64 luma, each above
their median or not. Where a bit is sure the coefficient is so far from 0 and from the median that its bit is its sign;
then mirroring a picture negates the odd columns' coefficients, that is, complements two of the four words, and one
transform serves all eight ``ORIENTATIONS``. The coefficients of a symmetric picture that are 0 on paper are never sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: The eight ways to turn a picture; rotations are clockwise. The first is the picture as it is.
ORIENTATIONS = (
    "upright",
    "mirrored",
    "flipped",
    "rotated 180",
    "transposed",
    "rotated 90",
    "rotated 270",
    "transversed",
)
#: (transpose, mirror left-right, mirror top-bottom), in that order, for each of ``ORIENTATIONS``.
TURNS = ((0, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1), (1, 0, 0), (1, 1, 0), (1, 0, 1), (1, 1, 1))
#: For each of ``ORIENTATIONS`` the one that undoes it: only the quarter turns are not their own inverse.
INVERSE = (0, 1, 2, 3, 4, 6, 5, 7)

SIDE = 64  #: of the raster
FREQUENCIES = 16  #: lowest frequencies of each axis that are kept
WHOLE_CELLS, BOX_CELLS = 12, 8  #: of each side of the whole and of the foreground box, whose mean colours are kept

#: Left, top, right, bottom of the views that every picture has, as shares of the side: the whole, two centres, and the
#: picture without a strip of one side. Together they are near every crop of up to 5 % a side, even or one-sided.
FIXED_VIEWS = (
    (0.0, 0.0, 1.0, 1.0),
    (0.025, 0.025, 0.975, 0.975),
    (0.05, 0.05, 0.95, 0.95),
    (0.04, 0.0, 1.0, 1.0),
    (0.0, 0.04, 1.0, 1.0),
    (0.0, 0.0, 0.96, 1.0),
    (0.0, 0.0, 1.0, 0.96),
)
WHOLE, BOX = 0, len(FIXED_VIEWS)  #: numbers of the first view and of the last, the foreground box
VIEWS = BOX + 1

#: A wave of 0.06 levels, less than what re-encoding changes: amplitude x SIDE ** 2, by the DCT's scale.
NOISE = 0.06 * SIDE**2

PLAIN = 12  #: levels by which a border's pixels may differ from their median where the background is plain
_PLAIN_SHARE = 0.45  #: of the border: two opposite bars of padding alone are half of it
_STANDS_OUT = 14  #: levels from the background beyond which a pixel is no longer background
_LEAST_BOX = 0.06  #: of a side; a smaller thing is too coarse on the raster to be a view of its own

_BITS = VIEWS * FREQUENCIES**2 // 8
_WHOLE, _BOXED = 3 * WHOLE_CELLS**2, 3 * BOX_CELLS**2
SIGNATURE_BYTES = 2 * _BITS + _WHOLE + _BOXED + 8

Box = tuple[float, float, float, float]
Floats = NDArray[np.floating[Any]]
Raster = NDArray[np.uint8]


def turn(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """A view of ``pixels`` (rows, columns, ...) in one of ``ORIENTATIONS``."""
    transpose, mirror, flip = TURNS[orientation]
    if transpose:
        pixels = pixels.swapaxes(0, 1)
    return pixels[:: -1 if flip else 1, :: -1 if mirror else 1]


def raster(picture: Image.Image, box: Box, upright: Image.Transpose | None) -> Raster:
    """The (64, 64, 3) uint8 raster of the ``box`` of a picture (L or RGB, transparency on white), set ``upright``."""
    small = picture.resize((SIDE, SIDE), Image.Resampling.BILINEAR, box=box).convert("RGB")
    return np.asarray(small if upright is None else small.transpose(upright))


def short_hash(pixels: Raster) -> str:
    """imagehash's 64-bit pHash of a raster, 16 hex digits."""
    import imagehash

    small = Image.fromarray(pixels).resize((32, 32), Image.Resampling.BOX)
    return np.packbits(imagehash.phash(small, hash_size=8).hash).tobytes().hex()  # its str() takes twice as long as it


def sign(pixels: Raster) -> bytes:
    """The signature of a raster."""
    import imagehash

    picture = Image.fromarray(pixels)
    bounds = view_bounds(pixels)
    whole = imagehash.phash(picture, hash_size=FREQUENCIES).hash
    bits, sure = _signs(np.asarray(picture.convert("L"), dtype=np.float64), bounds)
    bits[WHOLE] = whole
    planes = pixels.transpose(2, 0, 1).astype(np.float64)
    whole_cells = _all_cells()
    left, top, right, bottom = bounds[BOX]
    box_down, box_across = (overlap(low, high, BOX_CELLS, SIDE) for low, high in ((top, bottom), (left, right)))
    colours = [_cell_means(planes, whole_cells, whole_cells), _cell_means(planes, box_down, box_across)]
    packed = [np.packbits(each.reshape(VIEWS, -1)[:, _word_order()], axis=1).tobytes() for each in (bits, sure)]
    return b"".join([*packed, *colours, np.rint(bounds[BOX] * 65535).astype("<u2").tobytes()])


def view_bounds(pixels: Raster) -> Floats:
    """(VIEWS, 4) left, top, right, bottom of each view, as shares of the side."""
    return np.array([*FIXED_VIEWS, foreground_box(pixels)])


def background(pixels: Raster) -> NDArray[np.int16] | None:
    """The (3,) colour of a plain background, None where most of the border is something else."""
    border = np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]]).astype(np.int16)
    middle = len(border) // 2  # an even number of pixels, so the median is the mean of two, cut off to a level
    median = (np.sort(border, axis=0)[middle - 1 : middle + 1].sum(axis=0) // 2).astype(np.int16)
    plain = (np.abs(border - median).max(axis=1) <= PLAIN).mean() >= _PLAIN_SHARE
    return median if plain else None


def foreground_box(pixels: Raster) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of what stands out from a plain background, as shares; the whole where none does.

    A line of pixels counts by its second largest difference, so that one speck moves nothing; the edge is placed
    between two lines by how far each stands out, so that it moves with the picture and not in steps.
    """
    ground = background(pixels)
    if ground is None:
        return (0.0, 0.0, 1.0, 1.0)
    differs = np.abs(pixels.astype(np.int16) - ground).max(axis=2)
    across, down = (np.sort(differs, axis=axis).take(-2, axis=axis).astype(np.float64) for axis in (0, 1))
    (left, right), (top, bottom) = _span(across), _span(down)
    if min(right - left, bottom - top) < _LEAST_BOX:
        return (0.0, 0.0, 1.0, 1.0)
    return (left, top, right, bottom)


def _span(line: Floats) -> tuple[float, float]:
    """First and last place, as shares of its length, at which a profile stands out."""
    if line.max() <= _STANDS_OUT:
        return (0.0, 0.0)
    return _edge(line) / len(line), 1.0 - _edge(line[::-1]) / len(line)


def _edge(line: Floats) -> float:
    """Where a profile first rises from the background: half way up to the highest of the next three pixels.

    Half way, because blur and resizing move the foot of an edge but not its middle.
    """
    first = int(np.argmax(line > _STANDS_OUT))
    half = float(line[first : first + 3].max()) / 2
    over = first + int(np.argmax(line[first:] >= half))
    if over == 0:
        return 0.0
    below = float(line[over - 1])
    # Pixel n stands for n..n+1: its value belongs to its middle.
    return max(0.0, over - 0.5 + (half - below) / max(float(line[over]) - below, 1e-6))


def _signs(luma: Floats, bounds: Floats) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(bits, which are sure) of each view, both (VIEWS, 16, 16)."""
    fixed, box = _fixed_cosines(), bounds[BOX:]
    down = np.concatenate([fixed[0], _cosines(box[:, 1], box[:, 3])])
    across = np.concatenate([fixed[1], _cosines(box[:, 0], box[:, 2])])
    blocks = down @ luma @ across.swapaxes(1, 2)
    ordered = np.sort(blocks.reshape(VIEWS, -1), axis=1)
    middle = FREQUENCIES**2 // 2
    median = ((ordered[:, middle - 1] + ordered[:, middle]) / 2)[:, None, None]
    sure = np.abs(blocks) > np.maximum(NOISE, np.abs(median) + 1e-3)
    sure[:, 0, 0] = False  # the mean tells no shape, and its bit is always 1
    return blocks > np.where(np.arange(VIEWS)[:, None, None] == WHOLE, median, 0.0), sure


@cache
def _fixed_cosines() -> tuple[Floats, Floats]:
    """The functions down and across of ``FIXED_VIEWS``."""
    views = np.array(FIXED_VIEWS)
    return _cosines(views[:, 1], views[:, 3]), _cosines(views[:, 0], views[:, 2])


def _cosines(low: Floats, high: Floats) -> Floats:
    """(n, 16, 64): the lowest DCT-II functions over ``low``..``high`` of the side, scaled as for the whole.

    Each pixel weighs by its share inside the part, at the cosine of that share's middle.
    """
    edges = np.arange(SIDE + 1) / SIDE
    low, high = low[:, None], high[:, None]
    starts, ends = np.clip(edges[:-1], low, high), np.clip(edges[1:], low, high)
    length = high - low
    middle = ((starts + ends) / 2 - low) / length
    weight = (ends - starts) * SIDE / length
    functions: Floats = 2.0 * np.cos(np.pi * np.arange(FREQUENCIES)[:, None] * middle[:, None, :]) * weight[:, None, :]
    return functions


@cache
def _all_cells() -> Floats:
    """The weights of the cells of the whole."""
    return overlap(0.0, 1.0, WHOLE_CELLS, SIDE)


def _cell_means(planes: Floats, down: Floats, across: Floats) -> bytes:
    """Mean RGB of the cells that two ``overlap`` weigh, row by row; ``planes`` is (3, SIDE, SIDE)."""
    means = down @ planes @ across.T
    return np.rint(means.transpose(1, 2, 0)).astype(np.uint8).tobytes()


def overlap(low: float, high: float, cells: int, side: int) -> Floats:
    """(cells, side): area weights that reduce ``low``..``high`` of a line of ``side`` pixels to ``cells`` means."""
    edges = np.arange(side + 1) / side
    steps = low + (high - low) * (np.arange(cells + 1) / cells)
    shared = np.minimum(edges[1:], steps[1:, None]) - np.maximum(edges[:-1], steps[:-1, None])
    shared = shared.clip(0.0, None)
    weights: Floats = shared / shared.sum(axis=1, keepdims=True)
    return weights


@cache
def _word_order() -> NDArray[np.int64]:
    """Where in the 256 bits each bit of the four words is: even rows and columns, even and odd, odd and even, odd."""
    places = np.arange(FREQUENCIES**2).reshape(FREQUENCIES, FREQUENCIES)
    return np.concatenate([places[row::2, column::2].ravel() for row in (0, 1) for column in (0, 1)])


@dataclass(frozen=True)
class Signatures:
    """Signatures of n pictures, taken apart: arrays whose first axis is the picture."""

    bits: NDArray[np.uint64]  #: (n, VIEWS, 4) sign bits, a word for each parity of row and column
    sure: NDArray[np.uint64]  #: (n, VIEWS, 4) which of them noise can't turn
    whole: NDArray[np.uint8]  #: (n, 12, 12, 3) mean RGB of the whole
    boxed: NDArray[np.uint8]  #: (n, 8, 8, 3) mean RGB of the foreground box
    boxes: NDArray[np.floating[Any]]  #: (n, 4) left, top, right, bottom of the foreground, shares of the side

    @classmethod
    def unpack(cls, signatures: Sequence[bytes]) -> Signatures:
        rows = np.frombuffer(b"".join(signatures), dtype=np.uint8).reshape(len(signatures), SIGNATURE_BYTES)

        def words(start: int) -> NDArray[np.uint64]:
            taken = np.ascontiguousarray(rows[:, start : start + _BITS])
            return taken.view(">u8").astype(np.uint64).reshape(-1, VIEWS, 4)

        colours = rows[:, 2 * _BITS : -8]
        whole = colours[:, :_WHOLE].reshape(-1, WHOLE_CELLS, WHOLE_CELLS, 3)
        boxed = colours[:, _WHOLE:].reshape(-1, BOX_CELLS, BOX_CELLS, 3)
        boxes = np.ascontiguousarray(rows[:, -8:]).view("<u2").astype(np.float32) / 65535
        return cls(words(0), words(_BITS), whole, boxed, boxes)

    @classmethod
    def joined(cls, parts: Sequence[Signatures]) -> Signatures:
        """The signatures of all parts, one after another."""
        names = ("bits", "sure", "whole", "boxed", "boxes")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def __len__(self) -> int:
        return len(self.bits)
