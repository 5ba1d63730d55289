"""What differs between a picture and the best copy of another: figures, no judgement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.similarity.registration import gradients
from pytest_clipdata.similarity.tone import chroma_of, length, luma_of

Floats = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]

_STANDS_OUT = 14  #: levels from a plain background
_PLAIN = 12
_PLAIN_SHARE = 0.5  #: of the ring along the edges


@dataclass(frozen=True, slots=True)
class Differences:
    """Over the object's cells that both pictures show, but for a mark; levels are of 255.

    Where more is marked than a mark may be, only that and ``chroma_wide`` are measured.
    """

    cells: int  #: so many cells are compared
    marked: float  #: share of the object's cells that differ visibly, and are left out of what follows if it is a mark
    luma95: float = np.inf  #: 95th and 90th percentile of the luma difference of 3x3 cells, less what a shift explains
    luma90: float = np.inf
    structure: float = 0.0  #: mean structural similarity of 9x9 cells, 1 is equal (Wang and others, 2004)
    unexplained: float = np.inf  #: rms of the luma difference inside the outline over the luma's deviation there
    chroma98: float = np.inf  #: 98th percentile and maximum of the mean chroma difference of 5x5 cells
    chroma_most: float = np.inf
    chroma_wide: float = np.inf  #: maximum of the mean chroma difference of 13x13 cells
    off: float = 1.0  #: share of the cells around which 9x9 cells are off by more than 10 levels of luma on average


MARK = 0.02  #: of the object's cells: a watermark, a speck, or a print too small to be told from one
_VISIBLE = 14.0, 20.0  #: levels of luma, or of chroma, by which a mark's cells differ
_TELLING = 40  #: cells inside an outline that are enough to compare
_UNSEEN = 2.5  #: levels, root mean square, that re-encoding leaves even of a plain thing
#: Chroma differences that JPEG, resizing and clipping make: a share of the colour's steepness, and of the chroma.
_STEEP = np.float32(0.25)  #: of the luma's steepness that a shift of a quarter of a cell explains
_EXCUSED = np.float32(0.25), np.float32(0.06)
_ADDED = 0.03  #: of all cells: a mark on a plain background, near the edges
_EDGES = 14  #: cells from the edges that are near


def differences(target: Floats, made: Floats, shown: Mask) -> Differences:
    """``target`` and ``made`` are (3, 64, 64) RGB, ``shown`` the cells that both show."""
    ours, theirs = foreground(target, shown), foreground(made, shown)
    object_ = ours | theirs
    added = _thick(ours ^ theirs) & _near_edges()
    if 0 < added.sum() <= _ADDED * shown.sum() and added.sum() < 0.5 * (ours & theirs).sum():
        object_ &= ~_widened(added)
    if object_.sum() < 8:
        object_ = shown
    a, b = luma_of(target), luma_of(made)
    colour = chroma_of(target) - chroma_of(made)
    steep = (_slope(a) + _slope(b)) / 2
    windows = Windows(object_.astype(np.float32))
    visible = _visible(a - b, colour, steep, windows) & object_
    marked = float(visible.sum() / object_.sum())
    uneven = _uneven(target, made)
    if marked > MARK:  # no copy, whatever else there is: of the rest only whether it is another colour altogether
        wide = length(windows.mean(colour, 13)) - windows.mean(uneven, 5)
        return Differences(int(object_.sum()), marked, chroma_wide=max(0.0, float(wide[object_].max())))
    unexplained = _unexplained(a, b, windows, _narrowed(ours & theirs & object_))
    if marked > 0:
        object_ = object_ & ~_widened(_widened(visible))
        windows = Windows(object_.astype(np.float32))
    luma = np.maximum(0, np.abs(windows.mean(a - b, 3)) - _STEEP * windows.mean(steep, 3))[object_]
    excused = windows.mean(uneven, 5)
    near, wide = (np.maximum(0, length(windows.mean(colour, size)) - excused)[object_] for size in (5, 13))
    luma95, luma90 = map(float, _quantiles(luma, 0.95, 0.90))
    return Differences(
        cells=int(object_.sum()),
        marked=marked,
        luma95=luma95,
        luma90=luma90,
        structure=float(structure(a, b, windows)[object_].mean()),
        unexplained=unexplained,
        chroma98=float(_quantiles(near, 0.98)[0]),
        chroma_most=float(near.max()),
        chroma_wide=float(wide.max()),
        off=float((np.abs(windows.mean(a - b, 9))[object_] > 10).mean()),
    )


def _uneven(target: Floats, made: Floats) -> Floats:
    """The chroma differences of cells that are excused."""
    colours = chroma_of(target), chroma_of(made)
    excused: Floats = sum((_EXCUSED[0] * _slope(each).sum(axis=0) + _EXCUSED[1] * length(each)) / 2 for each in colours)
    return excused


def _visible(luma: Floats, colour: Floats, steep: Floats, windows: Windows) -> Mask:
    light = np.abs(windows.mean(luma, 3)) - _STEEP * windows.mean(steep, 3)
    visible: Mask = (light > _VISIBLE[0]) | (length(windows.mean(colour, 3)) > _VISIBLE[1])
    return visible


def _unexplained(a: Floats, b: Floats, windows: Windows, inner: Mask) -> float:
    if inner.sum() < _TELLING:
        return 0.0
    left = float(np.sqrt(np.square(windows.mean(a - b, 3)[inner]).mean()))
    return left / (float(a[inner].std()) + 3) if left > _UNSEEN else 0.0


def _slope(values: Floats) -> Floats:
    down, across = gradients(values)
    slope: Floats = np.abs(down) + np.abs(across)
    return slope


def _widened(mask: Mask) -> Mask:
    wide = mask.copy()
    wide[1:] |= mask[:-1]
    wide[:-1] |= mask[1:]
    wide[:, 1:] |= mask[:, :-1]
    wide[:, :-1] |= mask[:, 1:]
    return wide


def _narrowed(mask: Mask) -> Mask:
    return ~_widened(_widened(~mask))


def _thick(mask: Mask) -> Mask:
    """Without lines of one cell, such as an outline that is blurred a little more."""
    return mask & _widened(~_widened(~mask))


@cache
def _near_edges() -> Mask:
    near = np.ones((64, 64), dtype=bool)
    near[_EDGES:-_EDGES, _EDGES:-_EDGES] = False
    return near


def foreground(picture: Floats, shown: Mask) -> Mask:
    """The cells that stand out from a plain background, and their neighbours; all where the background is not plain."""
    inner = shown.copy()
    inner[2:-2, 2:-2] &= shown[:-4, 2:-2] & shown[4:, 2:-2] & shown[2:-2, :-4] & shown[2:-2, 4:]
    inner[:2] = inner[-2:] = inner[:, :2] = inner[:, -2:] = False
    ring = picture[:, shown & ~inner]
    if not ring.size:
        return shown
    (ground,) = _quantiles(ring, 0.5)
    if (np.abs(ring - ground[:, None]).max(axis=0) <= _PLAIN).mean() < _PLAIN_SHARE:
        return shown
    out = np.abs(picture - ground[:, None, None]).max(axis=0) > _STANDS_OUT
    return _widened(out) & shown


def _quantiles(values: Floats, *shares: float) -> list[Floats]:
    """Quantiles (...) of (..., n), interpolated; ``np.quantile`` takes far longer for so few values."""
    ordered, last = np.sort(values, axis=-1), values.shape[-1] - 1
    low = [int(share * last) for share in shares]
    return [
        ordered[..., at] + np.float32(share * last - at) * (ordered[..., min(at + 1, last)] - ordered[..., at])
        for at, share in zip(low, shares, strict=True)
    ]


def structure(a: Floats, b: Floats, windows: Windows) -> Floats:
    """(64, 64) structural similarity of lumas around each cell, its contrast and structure terms."""
    ma, mb, squares, others, both = windows.mean(np.stack([a, b, a * a, b * b, a * b]), 9)
    va, vb, both = squares - ma**2, others - mb**2, both - ma * mb
    steady = np.float32(58.5)  # (0.03 * 255) ** 2
    similar: Floats = (2 * both + steady) / (va + vb + steady)
    return similar


class Windows:
    """Means over size x size cells around each, of those cells that weigh (64, 64)."""

    def __init__(self, weights: Floats) -> None:
        self.weights = weights
        self._totals: dict[int, Floats] = {}

    def mean(self, values: Floats, size: int) -> Floats:
        """(64, 64), or (n, 64, 64) of as many pictures."""
        band = _band(size)
        if size not in self._totals:
            self._totals[size] = np.maximum(band @ self.weights @ band, np.float32(1e-3))
        mean: Floats = band @ (values * self.weights) @ band / self._totals[size]
        return mean


@cache
def _band(size: int) -> Floats:
    at = np.arange(64)
    band: Floats = (np.abs(at[:, None] - at) <= size // 2).astype(np.float32)
    return band
