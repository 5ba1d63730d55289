"""Whether two pictures with near hashes look the same: the small pictures laid over each other.

One picture, turned, is explained by the other, cropped: luma by gain, offset and a small affine shift, fitted by
weighted least squares (one step of Lucas and Kanade, 1981); chroma by a saturation. What no such change explains
decides.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.images.signature import CROPS, ORIENTATIONS, Floats, Signatures, turn
from pytest_clipdata.neighbours import Indices

_CHUNK = 4096  #: rows that are compared together
_OUTLIER = 8.0  #: luma levels beyond which a cell's weight falls: a watermark, not noise

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Rows:
    """Candidate pairs: ``whole`` turned by ``orientation`` may look like ``view`` of ``other``."""

    whole: Indices
    orientation: Indices
    other: Indices
    view: Indices  #: 0 is the whole picture, n its centre without ``CROPS[n - 1]`` of each side
    distance: Indices  #: pHash bits

    def take(self, which: Any) -> Rows:
        return Rows(*(getattr(self, field.name)[which] for field in fields(self)))


@dataclass(frozen=True)
class Residuals:
    """What is left between the two pictures of each row."""

    quality: Floats  #: detail of the poorer of the two: mean gradient in levels
    plain: Floats  #: largest plain difference of any cell, luma or chroma, in levels
    luma: Floats  #: root mean square of the unexplained luma over the contrast
    area: Floats  #: share of cells whose luma is off by more than ``_OUTLIER``
    colour: Floats  #: root mean square of the unexplained chroma, in levels


def same_rows(signatures: Signatures, rows: Rows, colour_tolerance: float) -> Mask:
    """Which rows show the same picture."""
    parts = [np.zeros(0, dtype=bool)]
    for start in range(0, len(rows.whole), _CHUNK):
        left = compare(signatures, rows.take(slice(start, start + _CHUNK)))
        detailed = (left.luma <= 0.35) & (left.area <= 0.15) & (left.colour <= colour_tolerance)
        parts.append(np.where(left.quality < 1.5, left.plain <= 4.0, detailed))
    return np.concatenate(parts)


def compare(signatures: Signatures, rows: Rows) -> Residuals:
    """The residuals of each row, all computed together."""
    luma, chroma = (_turned(band[rows.whole], rows.orientation) for band in (signatures.luma, signatures.chroma))
    other_luma, other_chroma = (
        _cropped(band[rows.other].astype(np.float32), rows.view) for band in (signatures.luma, signatures.chroma)
    )
    quality = np.minimum(_detail(luma), _detail(other_luma))
    plain = np.maximum(np.abs(luma - other_luma).max(axis=(1, 2)), np.abs(chroma - other_chroma).max(axis=(1, 2, 3)))
    left = _explain(luma, other_luma)
    spread = np.maximum(np.minimum(luma.std(axis=(1, 2)), other_luma.std(axis=(1, 2))), 1.0)
    share = (np.abs(left) > _OUTLIER).mean(axis=1)
    a, b = (band.reshape(len(band), -1) - 128.0 for band in (chroma, other_chroma))
    scale = np.clip((a * b).sum(axis=1) / np.maximum((b * b).sum(axis=1), 1.0), 0.7, 1.4)
    colour = np.sqrt(2 * ((a - scale[:, None] * b) ** 2).mean(axis=1))
    return Residuals(quality, plain, np.sqrt((left**2).mean(axis=1)) / spread, share, colour)


def _turned(pictures: NDArray[np.uint8], orientations: Indices) -> Floats:
    out = pictures.astype(np.float32)
    for orientation in range(1, len(ORIENTATIONS)):
        which = orientations == orientation
        if which.any():
            out[which] = turn(out[which], orientation)
    return out


def _cropped(pictures: Floats, views: Indices) -> Floats:
    for view, crop in enumerate(CROPS, start=1):
        which = views == view
        if which.any():
            window = _window(pictures.shape[-1], crop)
            pictures[which] = window @ pictures[which] @ window.T
    return pictures


@cache
def _window(side: int, crop: float) -> Floats:
    """(side, side): linear interpolation of the centre that ``crop`` leaves, at as many cells."""
    places = (crop + (np.arange(side) + 0.5) / side * (1 - 2 * crop)) * side - 0.5
    return np.maximum(0.0, 1.0 - np.abs(places[:, None] - np.arange(side)[None, :])).astype(np.float32)


def _detail(luma: Floats) -> Floats:
    across, down = np.abs(np.diff(luma, axis=2)), np.abs(np.diff(luma, axis=1))
    detail: Floats = (across.mean(axis=(1, 2)) + down.mean(axis=(1, 2))) / 2
    return detail


def _explain(target: Floats, source: Floats) -> Floats:
    """(n, cells) luma of ``target`` that no gain, offset, shift or stretch of ``source`` explains."""
    count, side, _ = source.shape
    down, across = np.gradient(source, axis=(1, 2))
    place = ((np.arange(side) + 0.5) / side * 2 - 1).astype(np.float32)
    flat = [
        source,
        np.ones_like(source),
        across,
        across * place[None, None, :],
        down,
        down * place[None, :, None],
    ]
    basis = np.stack([each.reshape(count, -1) for each in flat], axis=1)
    wanted = target.reshape(count, -1)
    ridge = np.diag(np.array([1, 1, 40, 40, 40, 40], dtype=np.float32))
    centre = np.zeros((count, 6), dtype=np.float32)
    centre[:, 0] = 1.0
    weight = np.ones_like(wanted)
    left = wanted
    for _ in range(3):
        weighted = basis * weight[:, None, :]
        normal = weighted @ basis.swapaxes(1, 2) + ridge
        right = (weighted @ wanted[:, :, None])[..., 0] + centre @ ridge
        fit = np.linalg.solve(normal, right[..., None])[..., 0]
        fit[:, 0] = fit[:, 0].clip(0.6, 1.6)
        fit[:, 2:] = fit[:, 2:].clip(-0.6, 0.6)
        left = wanted - np.clip((fit[:, None, :] @ basis)[:, 0], 0, 255)
        weight = 1.0 / (1.0 + (left / _OUTLIER) ** 2)
    return left
