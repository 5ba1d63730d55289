"""Whether two pictures with near hashes look the same: the small pictures laid over each other.

One picture, turned, is explained by the other, cropped: its place by a scale and a shift of each axis (Lucas and
Kanade's registration, 1981), its luma by gain and offset, its chroma by a saturation. What no such change explains
decides: how much of the luma, how much of the colour, and over how much of the area.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.images.signature import CROPS, ORIENTATIONS, Floats, Signatures, turn
from pytest_clipdata.neighbours import Indices

#: The limits below were set on copies and non-copies of photographs, objects on white and drawings by
#: ``benchmarks/similarity.py``; each lies between the 98th percentile of the copies and the 2nd of the others.
LOW_DETAIL = 1.0  #: mean step from cell to cell, in levels, under which a hash says nothing
PLAIN = 4.0  #: levels by which no cell of a low-detail picture may differ ...
SMOOTH_CONTRAST = 4.0  #: ... unless it is a ramp with at least this standard deviation of luma, in levels,
SMOOTH = 0.06  #: of which at most this share stays unexplained
SMOOTH_SHIFT = 40.0  #: and whose mean luma moved by at most so many levels (15 % of 255)
LUMA = 0.35  #: share of the contrast that may stay unexplained
AREA = 0.045  #: share of cells that may differ visibly: a watermark, not a print
COLOUR_FLOOR = 2.5  #: levels of chroma that re-encoding leaves

_CHUNK = 256  #: rows that are compared together: what fits the cache
_ATTEMPTS = 6  #: ways of one pair of pictures that are tried, nearest hashes first
FINE = 0.06  #: share of luma cells that may differ visibly as they are, beyond what a crop explains
_VISIBLE = 10.0  #: levels from which a cell differs visibly, once neighbours are pooled
_VIVID = 0.01  #: by which each level of chroma hides a difference of chroma: CIE 94 has 0.015 for hue
_OUTLIER = 8.0  #: levels beyond which a cell's weight in the fit falls
_CROPPED = 0.03  #: difference in scale from which a picture counts as cropped
_MOVED = 4.0  #: share of cells that differ because they lie between cells, per half side of scale or shift
_HELPS = 0.65  #: share of what no move explains that a crop or a border leaves, at most
_LOOSER = 1.4  #: factor on what a cropped picture may leave unexplained per cell
_EDGE = 2  #: luma cells along each edge that nothing is judged by: a border or a crop reaches into them
_LIKE_TEXTURE = 0.7  #: share of the texture around it by which a cell differs where the texture is another
_LIGHTER, _LIGHTEST = 1.04, 1.2  #: a picture is lightened if most of its cells are so by 4 %; by more than 20 % none is
_TELLING = (30.0, 235.0)  #: levels between which a cell tells whether the picture was lightened
_CLIPPED = 0.05  #: weight of cells that are white or black in the target: they tell no gain
_ROUNDS = 4

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """Candidate pairs: ``whole`` turned by ``orientation`` may look like ``view`` of ``other``."""

    whole: Indices
    orientation: Indices
    other: Indices
    view: Indices  #: 0 is the whole picture, n its centre without ``CROPS[n - 1]``; ``INNER_VIEW`` is 0 found inside
    distance: Indices  #: pHash bits

    def columns(self) -> list[Indices]:
        return [getattr(self, field.name) for field in fields(self)]

    def take(self, which: Any) -> Rows:
        return Rows(*(column[which] for column in self.columns()))


@dataclass(frozen=True)
class Residuals:
    """What is left between the two pictures of each row."""

    quality: Floats  #: detail of the poorer of the two: mean step from cell to cell, in levels
    plain: Floats  #: largest difference of any cell as it is, luma or chroma, in levels
    contrast: Floats  #: standard deviation of the luma of the poorer of the two, in levels
    shift: Floats  #: difference of their mean luma, in levels
    luma: Floats  #: root mean square of the unexplained luma over the contrast
    area: Floats  #: share of cells that differ visibly
    fine: Floats  #: share of the luma cells that differ visibly before they are smoothed, less what a crop explains
    colour: Floats  #: root mean square of the unexplained chroma, in levels
    chroma: Floats  #: root mean square of the chroma of the more colourful, in levels


def same_rows(signatures: Signatures, rows: Rows, colour_tolerance: float) -> Mask:
    """Which rows show the same picture; ``colour_tolerance`` is the share of the chroma that may be unexplained."""
    detail = _detail(signatures.luma.astype(np.float32))
    contrast = signatures.luma.std(axis=(1, 2))
    poor = (np.minimum(detail[rows.whole], detail[rows.other]) < LOW_DETAIL) & (
        np.minimum(contrast[rows.whole], contrast[rows.other]) < SMOOTH_CONTRAST
    )
    # Plain pictures share one hash, so there are many such rows: their means rule most of them out at no cost.
    means = np.column_stack([signatures.luma.mean(axis=(1, 2)), signatures.chroma.mean(axis=(2, 3))])
    apart = np.abs(means[rows.whole] - means[rows.other]).max(axis=1) > PLAIN
    hopeful = ~(poor & (apart | (rows.view != 0)))
    same = np.zeros(len(rows.whole), dtype=bool)
    # Of the ways in which two pictures may be alike the nearest first; the next only where it fails.
    candidates = np.flatnonzero(hopeful)
    low, high = np.minimum(rows.whole, rows.other), np.maximum(rows.whole, rows.other)
    pair = (low * len(signatures.luma) + high)[candidates]
    order = np.lexsort((rows.orientation[candidates], rows.view[candidates], rows.distance[candidates], pair))
    candidates, pair = candidates[order], pair[order]
    _, start, number = np.unique(pair, return_index=True, return_inverse=True)
    attempt = np.arange(len(pair)) - start[number]
    matched = np.zeros(len(start), dtype=bool)
    for n in range(min(_ATTEMPTS, int(attempt.max(initial=-1)) + 1)):
        open_ = np.flatnonzero((attempt == n) & ~matched[number])
        for at in range(0, len(open_), _CHUNK):
            some = open_[at : at + _CHUNK]
            verdict = judge(compare(signatures, rows.take(candidates[some])), colour_tolerance)
            same[candidates[some]] = verdict
            matched[number[some]] = verdict
    return same


def judge(left: Residuals, colour_tolerance: float) -> Mask:
    """Which residuals are those of one picture."""
    coloured = left.colour <= np.maximum(COLOUR_FLOOR, colour_tolerance * left.chroma)
    detailed = (left.luma <= LUMA) & (left.area <= AREA) & (left.fine <= FINE) & coloured
    ramp = (left.contrast >= SMOOTH_CONTRAST) & (left.shift <= SMOOTH_SHIFT)
    smooth = ramp & (left.luma <= SMOOTH) & (left.area == 0) & coloured
    same: Mask = np.where(left.quality < LOW_DETAIL, (left.plain <= PLAIN) | smooth, detailed)
    return same


def compare(signatures: Signatures, rows: Rows) -> Residuals:
    """The residuals of each row, all computed together."""
    luma, chroma = (_turned(band[rows.whole], rows.orientation) for band in (signatures.luma, signatures.chroma))
    other_luma, other_chroma = (band[rows.other].astype(np.float32) for band in (signatures.luma, signatures.chroma))
    quality = np.minimum(_detail(luma), _detail(other_luma))
    plain = np.maximum(np.abs(luma - other_luma).max(axis=(1, 2)), np.abs(chroma - other_chroma).max(axis=(1, 2, 3)))
    shift = np.abs(luma.mean(axis=(1, 2)) - other_luma.mean(axis=(1, 2)))
    sharp, other_sharp = luma, other_luma
    # Smoothed, so that where the cells happen to lie does not matter.
    luma, other_luma, chroma, other_chroma = (_smooth(band) for band in (luma, other_luma, chroma, other_chroma))
    margin = np.array([0.0, *CROPS, 0.0])[rows.view]
    place = np.stack([1 - 2 * margin, 0 * margin, 1 - 2 * margin, 0 * margin], axis=1).astype(np.float32)
    weight, tones, place = _align(luma, other_luma, place)
    placed_luma = _placed(other_luma, place)
    lighter = _lighter(luma, placed_luma)
    left = _unexplained(luma, placed_luma, tones, lighter)
    contrast = np.minimum(luma.std(axis=(1, 2)), other_luma.std(axis=(1, 2)))
    a = chroma - 128.0
    b = _placed(other_chroma - 128.0, place[:, None])
    scale = np.clip((a * b).sum(axis=(1, 2, 3)) / np.maximum((b * b).sum(axis=(1, 2, 3)), 1.0), 0.7, 1.4)
    inside = slice(_EDGE // 2, -_EDGE // 2)
    unexplained = (a - scale[:, None, None, None] * b)[..., inside, inside]
    count, side = len(luma), chroma.shape[-1]
    pooled = left.reshape(count, side, 2, side, 2).mean(axis=(2, 4))[:, inside, inside]
    # A crop lays cells between cells: that is no other picture.
    looser = np.where(np.abs(place[:, [0, 2]] - 1).max(axis=1) > _CROPPED, _LOOSER, 1.0)
    vivid = 1 + _VIVID * np.sqrt((a**2).sum(axis=1))[:, inside, inside]
    far = np.sqrt(pooled**2 + (unexplained**2).sum(axis=1) / vivid**2)
    # Stripes and dots average out alike: only the cells as they are tell one fine print from another. A move lays cells
    # between cells; what it does not explain much better than none is no excuse for that.
    still = np.array([1, 0, 1, 0], dtype=np.float32)
    helped = _far(left) <= _HELPS * _far(_unexplained(luma, other_luma, tones, lighter))
    place = np.where(helped[:, None], place, still)
    placed_sharp = _placed(other_sharp, place)
    fine = np.abs(_unexplained(sharp, placed_sharp, tones, lighter))
    texture = np.maximum(_texture(sharp), _texture(_toned(placed_sharp, tones)))
    seen = (fine > np.maximum(_VISIBLE, _LIKE_TEXTURE * texture))[:, _EDGE:-_EDGE, _EDGE:-_EDGE]
    return Residuals(
        fine=seen.mean(axis=(1, 2)) - _MOVED * np.abs(place - still).max(axis=1),
        quality=quality,
        plain=plain,
        contrast=contrast,
        shift=shift,
        luma=np.sqrt((weight * left**2)[:, _EDGE:-_EDGE, _EDGE:-_EDGE].mean(axis=(1, 2))) / np.maximum(contrast, 1.0),
        area=(far > _VISIBLE * looser[:, None, None]).mean(axis=(1, 2)),
        colour=np.sqrt((unexplained**2).sum(axis=1).mean(axis=(1, 2))) / looser,
        chroma=np.sqrt(np.maximum(*((c**2).sum(axis=1).mean(axis=(1, 2)) for c in (a, other_chroma - 128.0)))),
    )


def _unexplained(luma: Floats, other: Floats, tones: Floats, lighter: Mask) -> Floats:
    """What ``other`` leaves of ``luma``, in levels, once its tones are changed.

    Where the whole is ``lighter``, what was white in a cell could not become whiter: the cell may be lightened by
    anything between nothing and ``_LIGHTEST``.
    """
    left = luma - _toned(other, tones)
    lightened = luma - luma.clip(other, _LIGHTEST * other)
    nearer = lighter[:, None, None] & (np.abs(lightened) < np.abs(left))
    unexplained: Floats = np.where(nearer, lightened, left)
    return unexplained


def _lighter(luma: Floats, other: Floats) -> Mask:
    """Whether most cells of ``luma``, but black and white ones, are lighter than they are in ``other``."""
    told = (other > _TELLING[0]) & (other < _TELLING[1])
    told[:, :_EDGE] = told[:, -_EDGE:] = told[:, :, :_EDGE] = told[:, :, -_EDGE:] = False
    lighter: Mask = 2 * (told & (luma >= _LIGHTER * other)).sum(axis=(1, 2)) > told.sum(axis=(1, 2))
    return lighter


def _far(left: Floats) -> Floats:
    """Root mean square of what is left, in levels, few of them by a lot."""
    inner = left[:, _EDGE:-_EDGE, _EDGE:-_EDGE].clip(-2 * _VISIBLE, 2 * _VISIBLE)
    far: Floats = np.sqrt((inner**2).mean(axis=(1, 2)))
    return far


def _texture(luma: Floats) -> Floats:
    """How far each cell is from its neighbours' mean, in levels: root mean square around it."""
    texture: Floats = np.sqrt(_smooth(_smooth((luma - _smooth(luma)) ** 2)))
    return texture


def _turned(pictures: NDArray[np.uint8], orientations: Indices) -> Floats:
    out = pictures.astype(np.float32)
    for orientation in range(1, len(ORIENTATIONS)):
        which = orientations == orientation
        if which.any():
            out[which] = turn(out[which], orientation)
    return out


def _detail(luma: Floats) -> Floats:
    across, down = np.abs(np.diff(luma, axis=2)), np.abs(np.diff(luma, axis=1))
    detail: Floats = (across.mean(axis=(1, 2)) + down.mean(axis=(1, 2))) / 2
    return detail


def _smooth(pictures: Floats) -> Floats:
    """Binomial 1 2 1 along both axes, edges repeated."""
    for axis in (-1, -2):
        before, after = (np.roll(pictures, shift, axis=axis) for shift in (1, -1))
        for rolled, edge in ((before, 0), (after, -1)):
            np.moveaxis(rolled, axis, 0)[edge] = np.moveaxis(pictures, axis, 0)[edge]
        pictures = (before + 2 * pictures + after) / 4
    return pictures


def _placed(pictures: Floats, place: Floats) -> Floats:
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


def _bend(luma: Floats) -> Floats:
    return (luma / 128 - 1) ** 2 * 32


def _toned(luma: Floats, tones: Floats) -> Floats:
    """(n, side, side) luma through gain, offset and bend, the columns of ``tones``."""
    gain, offset, bend = (column[:, None, None] for column in tones.T)
    toned: Floats = (gain * luma + offset + bend * _bend(luma)).clip(0, 255)
    return toned


def _align(target: Floats, source: Floats, place: Floats) -> tuple[Floats, Floats, Floats]:
    """(weights of the cells of ``target``, tones and place of ``source`` that explain it best).

    The tones are ``_toned``'s gain, offset and bend (clipping of one colour before the others bends them).

    Weighted least squares, a few rounds: cells that stay far off (a watermark, clipped highlights) lose their weight.
    ``place`` moves by at most 2.5 % of the picture from where the hashes met.
    """
    count, side, _ = source.shape
    centres = ((np.arange(side) + 0.5) / side * 2 - 1).astype(np.float32)
    wanted = target.reshape(count, -1)
    # Keeps a picture without structure along an axis where it is.
    ridge = np.diag(np.array([1, 1, 100, 2e4, 2e4, 2e4, 2e4], dtype=np.float32))
    inner = np.zeros((side, side), dtype=np.float32)
    inner[_EDGE:-_EDGE, _EDGE:-_EDGE] = 1.0
    told = np.where((wanted > 4) & (wanted < 250), 1.0, _CLIPPED).astype(np.float32) * inner.ravel()
    start, weight = place, told
    robust = wanted
    tones = place[:, :3]
    for step in range(_ROUNDS):
        placed = _placed(source, place)
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
        explained = _toned(placed, tones).reshape(count, -1)
        if step < _ROUNDS - 1:
            # The fit gives gain x move.
            moved = place + fit[:, 3:] / gain[:, None]
            place = start + np.clip(moved - start, -0.05, 0.05)
            explained = (fit[:, None, :] @ basis)[:, 0].clip(0, 255)
        left = wanted - explained
        robust = 1.0 / (1.0 + (left / _OUTLIER) ** 2)
        weight = told * robust
    return robust.reshape(target.shape), tones, place
