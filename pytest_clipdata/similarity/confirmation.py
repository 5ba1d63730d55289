"""Whether two pictures with near hashes look the same: the small pictures laid over each other.

One picture, turned, is explained by the other, cropped: its place and its luma by ``registration``, its chroma by a
saturation. What no such change explains decides: how much of the luma, how much of the colour, and over how much of the
area.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.images.signature import CROPS, Floats, Signatures
from pytest_clipdata.similarity.neighbours import Indices
from pytest_clipdata.similarity.registration import EDGE, register, resample, smooth, tone, turn_each

#: The limits below were set on copies and non-copies of photographs, objects on white and drawings by
#: ``benchmarks/similarity.py``; each lies between the 98th percentile of the copies and the 2nd of the others.
LOW_DETAIL = 1.0  #: mean step from cell to cell, in levels, under which a hash says nothing
PLAIN = 4.0  #: levels by which no cell of a low-detail picture may differ ...
SMOOTH_CONTRAST = 4.0  #: ... unless it is a ramp with at least this standard deviation of luma, in levels,
SMOOTH = 0.06  #: of which at most this share stays unexplained
SMOOTH_SHIFT = 40.0  #: and whose mean luma moved by at most so many levels (15 % of 255)
LUMA = 0.35  #: share of the contrast that may stay unexplained
AREA = 0.045  #: share of cells that may differ visibly: a watermark, not a print
FINE = 0.06  #: share of luma cells that may differ visibly as they are, beyond what a crop explains
COLOUR_FLOOR = 2.5  #: levels of chroma that re-encoding leaves

_CHUNK = 256  #: rows that are compared together: what fits the cache
_ATTEMPTS = 6  #: ways of one pair of pictures that are tried, nearest hashes first
_VISIBLE = 10.0  #: levels from which a cell differs visibly, once neighbours are pooled
_VIVID = 0.01  #: by which each level of chroma hides a difference of chroma: CIE 94 has 0.015 for hue
_CROPPED = 0.03  #: difference in scale from which a picture counts as cropped
_MOVED = 4.0  #: share of cells that differ because they lie between cells, per half side of scale or shift
_HELPS = 0.65  #: share of what no move explains that a crop or a border leaves, at most
_LOOSER = 1.4  #: factor on what a cropped picture may leave unexplained per cell
_LIKE_TEXTURE = 0.7  #: share of the texture around it by which a cell differs where the texture is another
_LIGHTER, _LIGHTEST = 1.04, 1.2  #: a picture is lightened if most of its cells are so by 4 %; by more than 20 % none is
_TELLING = (30.0, 235.0)  #: levels between which a cell tells whether the picture was lightened

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
    luma, chroma = (turn_each(band[rows.whole], rows.orientation) for band in (signatures.luma, signatures.chroma))
    other_luma, other_chroma = (band[rows.other].astype(np.float32) for band in (signatures.luma, signatures.chroma))
    quality = np.minimum(_detail(luma), _detail(other_luma))
    plain = np.maximum(np.abs(luma - other_luma).max(axis=(1, 2)), np.abs(chroma - other_chroma).max(axis=(1, 2, 3)))
    shift = np.abs(luma.mean(axis=(1, 2)) - other_luma.mean(axis=(1, 2)))
    sharp, other_sharp = luma, other_luma
    # Smoothed, so that where the cells happen to lie does not matter.
    luma, other_luma, chroma, other_chroma = (smooth(band) for band in (luma, other_luma, chroma, other_chroma))
    margin = np.array([0.0, *CROPS, 0.0])[rows.view]
    place = np.stack([1 - 2 * margin, 0 * margin, 1 - 2 * margin, 0 * margin], axis=1).astype(np.float32)
    weight, tones, place = register(luma, other_luma, place)
    placed_luma = resample(other_luma, place)
    lighter = _lighter(luma, placed_luma)
    left = _unexplained(luma, placed_luma, tones, lighter)
    contrast = np.minimum(luma.std(axis=(1, 2)), other_luma.std(axis=(1, 2)))
    a = chroma - 128.0
    b = resample(other_chroma - 128.0, place[:, None])
    scale = np.clip((a * b).sum(axis=(1, 2, 3)) / np.maximum((b * b).sum(axis=(1, 2, 3)), 1.0), 0.7, 1.4)
    inside = slice(EDGE // 2, -EDGE // 2)
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
    placed_sharp = resample(other_sharp, place)
    fine = np.abs(_unexplained(sharp, placed_sharp, tones, lighter))
    texture = np.maximum(_texture(sharp), _texture(tone(placed_sharp, tones)))
    seen = (fine > np.maximum(_VISIBLE, _LIKE_TEXTURE * texture))[:, EDGE:-EDGE, EDGE:-EDGE]
    return Residuals(
        fine=seen.mean(axis=(1, 2)) - _MOVED * np.abs(place - still).max(axis=1),
        quality=quality,
        plain=plain,
        contrast=contrast,
        shift=shift,
        luma=np.sqrt((weight * left**2)[:, EDGE:-EDGE, EDGE:-EDGE].mean(axis=(1, 2))) / np.maximum(contrast, 1.0),
        area=(far > _VISIBLE * looser[:, None, None]).mean(axis=(1, 2)),
        colour=np.sqrt((unexplained**2).sum(axis=1).mean(axis=(1, 2))) / looser,
        chroma=np.sqrt(np.maximum(*((c**2).sum(axis=1).mean(axis=(1, 2)) for c in (a, other_chroma - 128.0)))),
    )


def _unexplained(luma: Floats, other: Floats, tones: Floats, lighter: Mask) -> Floats:
    """What ``other`` leaves of ``luma``, in levels, once its tones are changed.

    Where the whole is ``lighter``, what was white in a cell could not become whiter: the cell may be lightened by
    anything between nothing and ``_LIGHTEST``.
    """
    left = luma - tone(other, tones)
    lightened = luma - luma.clip(other, _LIGHTEST * other)
    nearer = lighter[:, None, None] & (np.abs(lightened) < np.abs(left))
    unexplained: Floats = np.where(nearer, lightened, left)
    return unexplained


def _lighter(luma: Floats, other: Floats) -> Mask:
    """Whether most cells of ``luma``, but black and white ones, are lighter than they are in ``other``."""
    told = (other > _TELLING[0]) & (other < _TELLING[1])
    told[:, :EDGE] = told[:, -EDGE:] = told[:, :, :EDGE] = told[:, :, -EDGE:] = False
    lighter: Mask = 2 * (told & (luma >= _LIGHTER * other)).sum(axis=(1, 2)) > told.sum(axis=(1, 2))
    return lighter


def _far(left: Floats) -> Floats:
    """Root mean square of what is left, in levels, few of them by a lot."""
    inner = left[:, EDGE:-EDGE, EDGE:-EDGE].clip(-2 * _VISIBLE, 2 * _VISIBLE)
    far: Floats = np.sqrt((inner**2).mean(axis=(1, 2)))
    return far


def _texture(luma: Floats) -> Floats:
    """How far each cell is from its neighbours' mean, in levels: root mean square around it."""
    texture: Floats = np.sqrt(smooth(smooth((luma - smooth(luma)) ** 2)))
    return texture


def _detail(luma: Floats) -> Floats:
    across, down = np.abs(np.diff(luma, axis=2)), np.abs(np.diff(luma, axis=1))
    detail: Floats = (across.mean(axis=(1, 2)) + down.mean(axis=(1, 2))) / 2
    return detail
