"""What rules most candidate pairs out before they are laid over each other: 25 cells of luma and colour at a glance.

The border is left out as in ``alignment``: a thin frame or a crop reaches into it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.images.signature import CHROMA_SIDE, LUMA_SIDE, ORIENTATIONS, Floats, Signatures, turn
from pytest_clipdata.neighbours import Indices

SIDE = 5  #: cells along each side

#: Together they let through 99.7 % of the pairs that ``alignment`` accepts among the pictures of
#: ``benchmarks/similarity.py``, and a quarter of those that it refuses among garments drawn in many colours.
CORRELATION = 0.85  #: of the luma cells of two pictures that both have contrast
CONTRAST = 4.0  #: levels of standard deviation of the cells' luma under which their correlation says nothing
MEAN_CHROMA = 3.0  #: levels by which the mean chroma of two copies may differ beside the tolerated share
CELL_CHROMA = 3.0  #: the same, root mean square over the cells


@dataclass(frozen=True)
class Glances:
    """Of n pictures: a few numbers per cell, and their means."""

    luma: Floats  #: (n, 25) float32, mean 0 and length 1
    contrast: Floats  #: (n,) standard deviation of the cells' luma, in levels
    chroma: Floats  #: (n, 2, 25) float32, Cb and Cr, 0 is grey
    mean: Floats  #: (n, 2) mean of ``chroma``

    @classmethod
    def of(cls, signatures: Signatures) -> Glances:
        luma = _cells(signatures.luma, LUMA_SIDE)
        chroma = _cells(signatures.chroma, CHROMA_SIDE) - np.float32(128)
        luma = luma - luma.mean(axis=1, keepdims=True)
        length = np.sqrt((luma**2).sum(axis=1))
        return cls(
            luma=luma / np.maximum(length, 1e-3)[:, None],
            contrast=length / SIDE,
            chroma=chroma,
            mean=chroma.mean(axis=2),
        )

    def alike(
        self, left: Indices, orientation: Indices, right: Indices, cropped: NDArray[np.bool_], colour_tolerance: float
    ) -> Indices:
        """Places of the pairs (``left`` turned, ``right``, seen by a crop of it) that may be one picture."""
        share = np.where(cropped, 1.4 * colour_tolerance, colour_tolerance)
        # Quarter turns and mirrors leave a mean where it is.
        a, b = self.mean[left], self.mean[right]
        some = np.flatnonzero(_explained(a, b, MEAN_CHROMA, share))
        places = _PLACES[orientation[some]]
        flat = self.contrast < CONTRAST
        correlation = (np.take_along_axis(self.luma[left[some]], places, 1) * self.luma[right[some]]).sum(axis=1)
        near = (correlation >= CORRELATION) | flat[left[some]] | flat[right[some]]
        some, places = some[near], places[near]
        a = np.take_along_axis(self.chroma[left[some]], places[:, None, :], 2).reshape(len(some), 2 * SIDE**2) / SIDE
        b = self.chroma[right[some]].reshape(len(some), 2 * SIDE**2) / SIDE
        alike: Indices = some[_explained(a, b, CELL_CHROMA, share[some])]
        return alike


_PLACES = np.stack([turn(np.arange(SIDE**2).reshape(SIDE, SIDE), n).ravel() for n in range(len(ORIENTATIONS))])


def _cells(band: NDArray[np.uint8], side: int) -> Floats:
    """(..., side, side) levels as (..., 25) means of the inner part."""
    edge, step = side // 12, side // 6
    inner = band[..., edge : side - edge, edge : side - edge]
    shape = inner.shape[:-2]
    cells: Floats = inner.reshape(*shape, SIDE, step, SIDE, step).mean(axis=(-3, -1), dtype=np.float32)
    return cells.reshape(*shape, -1)


def _explained(a: Floats, b: Floats, floor: float, share: Floats) -> NDArray[np.bool_]:
    """Whether a saturation of ``b`` explains ``a``, both (n, m), but for ``floor`` and a share of it."""
    own, other = (a**2).sum(axis=1), (b**2).sum(axis=1)
    scale = ((a * b).sum(axis=1) / np.maximum(other, 1.0)).clip(0.7, 1.4)
    left = np.sqrt(((a - scale[:, None] * b) ** 2).sum(axis=1))
    explained: NDArray[np.bool_] = left <= floor + share * np.sqrt(np.maximum(own, other))
    return explained
