"""A glance at the kept colours of pictures whose shapes met: whether opening them again is worth it.

What is compared are 8 x 8 mean colours of the views that met, the first picture turned and edited (a gain, an offset, a
saturation) to be like the second, or the other way round. The limits are wide: most pictures of one shape differ far
more, and what passes is judged on its pixels.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.images.signature import BOX, BOX_CELLS, FIXED_VIEWS, WHOLE_CELLS, Signatures, overlap, turn
from pytest_clipdata.similarity.neighbours import Meetings

Floats = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

_LUMA = 14.0  #: levels, root mean square over the cells without the ``_WORST``
_CHROMA = 8.0
_GREY = 3.0  #: levels of chroma that a grey picture's cells may have
_WORST = 4  #: of 64 cells: a watermark, an edge that a crop moved
_GAINS = (0.7, 1.43)
_SATURATIONS = (0.7, 1.43)
_CHUNK = 50_000


def promising(signatures: Signatures, meetings: Meetings, grey: bool = False) -> Mask:
    """(meetings,) whether the colours of the views that met are near; with ``grey`` a grey picture meets any colour."""
    out = np.zeros(len(meetings), dtype=bool)
    for start in range(0, len(meetings), _CHUNK):
        rows = slice(start, start + _CHUNK)
        first, second = meetings.first[rows], meetings.second[rows]
        views, orientation = meetings.views[rows], meetings.orientation[rows]
        source, target = _cells(signatures, first, views[:, 0]), _cells(signatures, second, views[:, 1])
        for number in np.unique(orientation):
            which = orientation == number
            source[which] = np.moveaxis(turn(np.moveaxis(source[which], 0, -1), int(number)), -1, 0)
        one, other = _luma_and_chroma(source), _luma_and_chroma(target)
        out[rows] = _near(one, other, grey) | _near(other, one, grey)
    return out


def _cells(signatures: Signatures, pictures: NDArray[np.int64], views: NDArray[np.uint8]) -> Floats:
    """(n, 8, 8, 3) mean RGB of a view of each picture."""
    cells = np.empty((len(pictures), BOX_CELLS, BOX_CELLS, 3), dtype=np.float32)
    for view in np.unique(views):
        which = views == view
        if view == BOX:
            cells[which] = signatures.boxed[pictures[which]]
            continue
        left, top, right, bottom = FIXED_VIEWS[view]
        down, across = (
            overlap(low, high, BOX_CELLS, WHOLE_CELLS).astype(np.float32)
            for low, high in ((top, bottom), (left, right))
        )
        whole = signatures.whole[pictures[which]].astype(np.float32)
        cells[which] = np.einsum("ij,njkc,lk->nilc", down, whole, across, optimize=True)
    return cells


def _luma_and_chroma(cells: Floats) -> tuple[Floats, Floats]:
    """(n, 64) luma and (n, 2, 64) chroma."""
    rgb = cells.reshape(len(cells), -1, 3)
    luma = rgb @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return luma, np.stack([0.564 * (rgb[..., 2] - luma), 0.713 * (rgb[..., 0] - luma)], axis=1)


def _near(source: tuple[Floats, Floats], target: tuple[Floats, Floats], grey: bool) -> Mask:
    luma, wanted = source[0], target[0]
    about, level = luma.mean(axis=1, keepdims=True), wanted.mean(axis=1, keepdims=True)
    power = np.square(luma - about).sum(axis=1, keepdims=True)
    gain = (((luma - about) * (wanted - level)).sum(axis=1, keepdims=True) + 100) / (power + 100)
    gain = gain.clip(*_GAINS)
    off = np.square(gain * (luma - about) + level - wanted)
    chroma, colours = source[1] * gain[:, None], target[1]
    power = np.square(chroma).sum(axis=(1, 2))
    saturation = ((chroma * colours).sum(axis=(1, 2)) + 100) / (power + 100)
    saturation = saturation.clip(*_SATURATIONS)[:, None, None]
    strange = np.square(saturation * chroma - colours).sum(axis=1)
    like: Mask = _most(strange) <= _CHROMA**2
    if grey:
        like |= np.minimum(np.abs(source[1]).max(axis=(1, 2)), np.abs(target[1]).max(axis=(1, 2))) <= _GREY
    return like & (_most(off) <= _LUMA**2)


def _most(squares: Floats) -> Floats:
    """Mean of each row without its largest few."""
    kept = squares.shape[1] - _WORST
    mean: Floats = np.partition(squares, kept, axis=1)[:, :kept].mean(axis=1)
    return mean
