"""In which ways two pictures may be the same: how one is turned, and which view of it met which view of the other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.images.signature import BOX, FIXED_VIEWS, FREQUENCIES, TURNS, VIEWS, WHOLE, Signatures

Floats = NDArray[np.floating[Any]]
Words = NDArray[np.uint64]

#: (view of the first picture, view of the second) that may meet: every view with a whole, and box with box.
MEETINGS = (
    *((WHOLE, view) for view in range(VIEWS)),
    *((view, WHOLE) for view in range(VIEWS) if view != WHOLE),
    (BOX, BOX),
)
FURTHEST = 0.10  #: share of the bits sure in both that may differ
FEWEST = 24  #: bits that must be sure in both for their shapes to be told at all

_ALL = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    orientation: int  #: of the first picture, so that it lies like the second
    views: tuple[int, int]  #: that met, of the first, once turned, and of the second
    distance: float  #: share of the bits sure in both that differ
    start: Floats  #: ``registration``'s place


def ways_of_pair(a: Signatures, b: Signatures) -> list[Way]:
    """The ways in which two pictures, one in each argument, may be the same; best first, one an orientation."""
    if is_blank(a.sure[:, WHOLE])[0] and is_blank(b.sure[:, WHOLE])[0]:
        return [Way(0, (WHOLE, WHOLE), 0.0, np.array([1, 0, 1, 0], dtype=np.float32))]
    met = np.array(MEETINGS)
    x, sx = (words[:, met[:, 0]] for words in _all_turned(a.bits[0], a.sure[0]))
    y, sy = b.bits[0][met[:, 1]], b.sure[0][met[:, 1]]
    both = sx & sy
    told = np.bitwise_count(both).sum(axis=2, dtype=np.int64)
    differ = np.bitwise_count((x ^ y) & both).sum(axis=2, dtype=np.int64)
    share = np.where(told >= FEWEST, differ / np.maximum(told, 1), 1.0)
    best = share.argmin(axis=1).tolist()
    found = sorted((float(share[o, n]), o, MEETINGS[n]) for o, n in enumerate(best) if share[o, n] <= FURTHEST)
    return [Way(o, views, least, _start(a, b, o, views)) for least, o, views in found]


def _all_turned(bits: Words, sure: Words) -> tuple[Words, Words]:
    """(8, VIEWS, 4) words of a picture in each orientation."""
    across = transposed(bits), transposed(sure)
    turns = [(across if transpose else (bits, sure)) for transpose, _, _ in TURNS]
    flips = np.array([(0, mirror, flip, mirror ^ flip) for _, mirror, flip in TURNS], dtype=bool)[:, None]
    views = _views_turned()[..., None]
    had, known = (np.take_along_axis(np.stack(each), views, axis=1) for each in zip(*turns, strict=True))
    return np.where(flips, had ^ _ALL, had), known


def is_blank(sure: Words) -> NDArray[np.bool_]:
    """(n,) of (n, 4) words: whether so few bits are sure that the picture has no shape to speak of."""
    blank: NDArray[np.bool_] = np.bitwise_count(sure).sum(axis=1, dtype=np.int64) < FEWEST
    return blank


def turned(bits: Words, sure: Words, orientation: int) -> tuple[Words, Words, NDArray[np.int64]]:
    """(bits, sure, order of views) of (VIEWS, 4) words of a picture once it is turned."""
    transpose, mirror, flip = TURNS[orientation]
    if transpose:
        bits, sure = transposed(bits), transposed(sure)
    flips = np.array([0, mirror, flip, mirror ^ flip], dtype=bool)
    return np.where(flips, bits ^ _ALL, bits), sure, _views_turned()[orientation]


def transposed(words: Words) -> Words:
    """(..., 4) words of pictures whose rows have become columns."""
    lanes = np.unpackbits(np.ascontiguousarray(words).astype(">u8")[..., None].view(np.uint8), axis=-1)
    half = FREQUENCIES // 2
    order = np.arange(half * half).reshape(half, half).T.ravel()
    packed = np.packbits(lanes[..., order], axis=-1).view(">u8")[..., 0].astype(np.uint64)
    return packed[..., [0, 2, 1, 3]]


@cache
def _views_turned() -> NDArray[np.int64]:
    """(8, VIEWS): which view of the picture as it is, becomes each view of the turned picture."""
    rows = []
    for orientation in range(8):
        places = {tuple(np.round(turned_bounds(np.array(b), orientation), 3)): n for n, b in enumerate(FIXED_VIEWS)}
        rows.append([*(places[tuple(np.round(b, 3))] for b in np.array(FIXED_VIEWS)), BOX])
    return np.array(rows)


def turned_bounds(bounds: Floats, orientation: int) -> Floats:
    """Left, top, right, bottom of the same part once the picture is turned."""
    left, top, right, bottom = bounds
    transpose, mirror, flip = TURNS[orientation]
    if transpose:
        left, top, right, bottom = top, left, bottom, right
    if mirror:
        left, right = 1 - right, 1 - left
    if flip:
        top, bottom = 1 - bottom, 1 - top
    return np.array([left, top, right, bottom])


def _start(a: Signatures, b: Signatures, orientation: int, views: tuple[int, int]) -> Floats:
    had = turned_bounds(a.boxes[0], orientation) if views[0] == BOX else np.array(FIXED_VIEWS[views[0]])
    wanted = b.boxes[0] if views[1] == BOX else np.array(FIXED_VIEWS[views[1]])
    place = []
    for axis in (1, 0):
        scale = (had[axis + 2] - had[axis]) / (wanted[axis + 2] - wanted[axis])
        middles = (had[axis] + had[axis + 2] - 1, wanted[axis] + wanted[axis + 2] - 1)
        place += [scale, middles[0] - scale * middles[1]]
    return np.array(place, dtype=np.float32)
