"""One small picture laid over another, the best way: a scale and a shift of each axis, and a change of light.

Lucas and Kanade's registration ("An iterative image registration technique", 1981) on a pyramid of two levels, with a
gain and an offset of the levels and Geman and McClure's robust weights, so that a watermark pulls at nothing.

A ``Place`` is (scale down, shift down, scale across, shift across): at y of the target, -1 to 1 from edge to edge, lies
what the source has at scale * y + shift.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

_OUTLIER = 12.0  #: levels beyond which a cell's weight in the fit falls
_CLIPPED = 0.1  #: weight of cells that are white or black in the target: they tell no gain
_MARGIN = 0.045  #: of a side: what lies along the edges, a border or what a crop took off, is no guide
_STILL = 0.0015  #: a twentieth of a cell: nothing moves any more
_ROUNDS = ((32, 4), (64, 2))  #: cells of a side, and rounds of the fit on them
_FURTHEST = 0.06  #: a round of fits leaves the start by no more than this share of the picture
#: Keeps a picture without structure along an axis where it is: gain, offset, and the four numbers of the place.
_RIDGE = np.diag(np.array([1.0, 1.0, 3e3, 3e3, 3e3, 3e3], dtype=np.float32))


def register(target: Floats, source: Floats, start: Floats) -> tuple[Floats, float]:
    """(place, how far the target's cells are from the source's in that place) of two (64, 64) lumas.

    The distance is a root mean square in levels after gain and offset, each cell's square limited to that of
    ``_OUTLIER`` levels, over the cells that both pictures show.
    """
    place = start.astype(np.float32)
    left = np.float32(0)
    for side, rounds in _ROUNDS:
        wanted, had = reduced(target, side), reduced(source, side)
        for _ in range(rounds):
            before = place
            place, left = _step(wanted, had, place, start)
            if np.abs(place - before).max() < _STILL:
                break
    return place, float(left)


def _step(target: Floats, source: Floats, place: Floats, start: Floats) -> tuple[Floats, np.floating[Any]]:
    side = len(target)
    placed, shown = resample(source, place), visible(place, side, _MARGIN * side)
    down, across = (gradient * np.float32(side / 2) for gradient in gradients(placed))
    centres = _centres(side)
    basis = np.stack(
        [placed, np.ones_like(placed), down * centres[:, None], down, across * centres[None, :], across]
    ).reshape(6, -1)
    wanted = target.ravel()
    told = np.where((wanted > 4) & (wanted < 251), np.float32(1), np.float32(_CLIPPED)) * shown.ravel()
    weight, fit = told, np.zeros(6, dtype=np.float32)
    left = wanted
    for _ in range(2):
        weighted = basis * weight
        right = weighted @ wanted
        right[0] += _RIDGE[0, 0]
        fit = np.linalg.solve(weighted @ basis.T + _RIDGE, right)
        left = wanted - np.clip(fit @ basis, 0, 255)
        square = (left / _OUTLIER) ** 2
        weight = told / (1 + square) ** 2
    gain = np.clip(fit[0], 0.5, 2.0)
    moved = place + fit[2:] / gain
    reach = np.float32(2 * _FURTHEST)
    share = np.minimum(square, 1)
    distance = _OUTLIER * np.sqrt((share * shown.ravel()).sum() / max(1.0, float(shown.sum())))
    return np.clip(moved, start - reach, start + reach).astype(np.float32), distance


def resample(picture: Floats, place: Floats) -> Floats:
    """A picture (..., side, side) put in its place: linear interpolation, edges repeated."""
    down, across = kernels(place, picture.shape[-1])
    placed: Floats = down @ picture @ across.T
    return placed


def kernels(place: Floats, side: int) -> tuple[Floats, Floats]:
    """(side, side) weights of the lines, and of the columns, of a picture for those of it in its place."""
    return _kernel(side, place[0], place[1]), _kernel(side, place[2], place[3])


def visible(place: Floats, side: int, margin: float = 0.0) -> NDArray[np.bool_]:
    """(side, side): which cells of the target lie within the source, ``margin`` cells away from the edges of both."""
    centres, edge = _centres(side), 1 - 2 * margin / side
    inner = np.abs(centres) <= edge
    down = inner & (np.abs(place[0] * centres + place[1]) <= edge)
    across = inner & (np.abs(place[2] * centres + place[3]) <= edge)
    cells: NDArray[np.bool_] = down[:, None] & across[None, :]
    return cells


def inverse(place: Floats) -> Floats:
    """The place of the target in the source."""
    down, across = 1 / place[0], 1 / place[2]
    return np.array([down, -place[1] * down, across, -place[3] * across], dtype=np.float32)


def gradients(pictures: Floats) -> tuple[Floats, Floats]:
    """Central differences (..., side, side) down and across; one-sided along the edges."""
    down, across = np.empty_like(pictures), np.empty_like(pictures)
    for out, had in ((down, pictures), (across.swapaxes(-1, -2), pictures.swapaxes(-1, -2))):
        np.subtract(had[..., 2:, :], had[..., :-2, :], out=out[..., 1:-1, :])
        out[..., 1:-1, :] *= np.float32(0.5)
        out[..., 0, :] = had[..., 1, :] - had[..., 0, :]
        out[..., -1, :] = had[..., -1, :] - had[..., -2, :]
    return down, across


@cache
def _centres(side: int) -> Floats:
    return ((np.arange(side) + 0.5) / side * 2 - 1).astype(np.float32)


def _kernel(side: int, scale: np.floating[Any], shift: np.floating[Any]) -> Floats:
    at = ((scale * _centres(side) + shift + 1) * (side / 2) - 0.5).clip(0, side - 1)
    weights: Floats = np.maximum(0, 1 - np.abs(at[:, None] - np.arange(side, dtype=np.float32)))
    return weights


def reduced(picture: Floats, side: int) -> Floats:
    """(side, side) means of a square picture."""
    factor = len(picture) // side
    return picture if factor == 1 else picture.reshape(side, factor, side, factor).mean(axis=(1, 3))
