"""One small picture laid over another, the best way: a scale and a shift of each axis, and a change of tones.

Lucas and Kanade's registration ("An iterative image registration technique", 1981), with tones and robust weights.
All arrays are float32; the last two axes are rows and columns, levels run from 0 to 255.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.images.signature import ORIENTATIONS, Floats, turn
from pytest_clipdata.similarity.neighbours import Indices

EDGE = 2  #: luma cells along each edge that nothing is judged by: a border or a crop reaches into them
_OUTLIER = 8.0  #: levels beyond which a cell's weight in the fit falls
_CLIPPED = 0.05  #: weight of cells that are white or black in the target: they tell no gain
_ROUNDS = 4


def register(target: Floats, source: Floats, place: Floats) -> tuple[Floats, Floats, Floats]:
    """(weights (n, side, side) of the cells of ``target``; tones (n, 3) and place (n, 4) of ``source``).

    The tones are ``tone``'s gain, offset and bend (clipping of one colour before the others bends them). The place is
    ``resample``'s; it moves by at most 2.5 % of the picture from the given one, where the hashes met. Weighted least
    squares, a few rounds: cells that stay far off (a watermark, clipped highlights) lose their weight.
    """
    count, side, _ = source.shape
    centres = ((np.arange(side) + 0.5) / side * 2 - 1).astype(np.float32)
    wanted = target.reshape(count, -1)
    # Keeps a picture without structure along an axis where it is.
    ridge = np.diag(np.array([1, 1, 100, 2e4, 2e4, 2e4, 2e4], dtype=np.float32))
    inner = np.zeros((side, side), dtype=np.float32)
    inner[EDGE:-EDGE, EDGE:-EDGE] = 1.0
    told = np.where((wanted > 4) & (wanted < 250), 1.0, _CLIPPED).astype(np.float32) * inner.ravel()
    start, weight = place, told
    robust = wanted
    tones = place[:, :3]
    for step in range(_ROUNDS):
        placed = resample(source, place)
        down, across = (gradient * (side / 2) for gradient in np.gradient(placed, axis=(1, 2)))
        moves = (down * centres[:, None], down, across * centres[None, :], across)
        shades = (placed, np.ones_like(placed), _bend(placed))
        basis = np.stack([each.reshape(count, -1) for each in (*shades, *moves)], axis=1)
        weighted = basis * weight[:, None, :]
        known = np.zeros((count, 7), dtype=np.float32)
        known[:, 0] = 1.0
        right = (weighted @ wanted[:, :, None])[..., 0] + known @ ridge
        fit = np.linalg.solve(weighted @ basis.swapaxes(1, 2) + ridge, right[..., None])[..., 0]
        gain = fit[:, 0].clip(0.6, 1.6)
        tones = np.stack([gain, fit[:, 1], fit[:, 2].clip(-1, 1)], axis=1)
        explained = tone(placed, tones).reshape(count, -1)
        if step < _ROUNDS - 1:
            # The fit gives gain x move.
            moved = place + fit[:, 3:] / gain[:, None]
            place = start + np.clip(moved - start, -0.05, 0.05)
            explained = (fit[:, None, :] @ basis)[:, 0].clip(0, 255)
        left = wanted - explained
        robust = 1.0 / (1.0 + (left / _OUTLIER) ** 2)
        weight = told * robust
    return robust.reshape(target.shape), tones, place


def resample(pictures: Floats, place: Floats) -> Floats:
    """Pictures (..., side, side) resampled: at p (-1..1 from edge to edge) is what was at scale x p + shift.

    ``place`` (..., 4) holds scale and shift downwards, scale and shift across. Linear interpolation, edges repeated.
    """
    side = pictures.shape[-1]
    centres = ((np.arange(side) + 0.5) / side * 2 - 1).astype(np.float32)

    def kernel(scale: Floats, shift: Floats) -> Floats:
        at = ((scale[..., None] * centres + shift[..., None] + 1) * side / 2 - 0.5).clip(0, side - 1)
        weights: Floats = np.maximum(0.0, 1.0 - np.abs(at[..., None] - np.arange(side, dtype=np.float32)))
        return weights

    across = kernel(place[..., 2], place[..., 3])
    placed: Floats = kernel(place[..., 0], place[..., 1]) @ pictures @ across.swapaxes(-1, -2)
    return placed


def tone(luma: Floats, tones: Floats) -> Floats:
    """(n, side, side) luma through gain, offset and bend, the columns of ``tones``."""
    gain, offset, bend = (column[:, None, None] for column in tones.T)
    toned: Floats = (gain * luma + offset + bend * _bend(luma)).clip(0, 255)
    return toned


def _bend(luma: Floats) -> Floats:
    """A parabola over the levels, 0 at mid-grey and 32 at black and white."""
    return (luma / 128 - 1) ** 2 * 32


def turn_each(pictures: NDArray[np.uint8], orientations: Indices) -> Floats:
    """Pictures (n, ...), each turned by its own of ``ORIENTATIONS``."""
    out = pictures.astype(np.float32)
    for orientation in range(1, len(ORIENTATIONS)):
        which = orientations == orientation
        if which.any():
            out[which] = turn(out[which], orientation)
    return out


def smooth(pictures: Floats) -> Floats:
    """Binomial 1 2 1 along both axes, edges repeated."""
    for axis in (-1, -2):
        before, after = (np.roll(pictures, shift, axis=axis) for shift in (1, -1))
        for rolled, edge in ((before, 0), (after, -1)):
            np.moveaxis(rolled, axis, 0)[edge] = np.moveaxis(pictures, axis, 0)[edge]
        pictures = (before + 2 * pictures + after) / 4
    return pictures
