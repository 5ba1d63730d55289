"""What rules most candidate pairs out before they are laid over each other: the colour of 25 cells, at a glance.

The border is left out as in ``confirmation``: a thin frame or a crop reaches into it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.images.signature import CHROMA_SIDE, ORIENTATIONS, Floats, Signatures, turn
from pytest_clipdata.similarity.neighbours import Indices

SIDE = 5  #: cells along each side

#: They rule out two thirds of the candidates among the pictures of ``benchmarks/similarity.py``, and of the pairs that
#: ``confirmation`` accepts one in ten thousand.
MEAN_CHROMA = 3.0  #: levels by which the mean chroma of two copies may differ beside the tolerated share
CELL_CHROMA = 3.0  #: the same, root mean square over the cells


@dataclass(frozen=True)
class Glances:
    """Of n pictures."""

    chroma: Floats  #: (n, 2, 25) float32, Cb and Cr, 0 is grey
    mean: Floats  #: (n, 2) mean of ``chroma``

    @classmethod
    def of(cls, signatures: Signatures) -> Glances:
        edge, step = CHROMA_SIDE // 12, CHROMA_SIDE // 6
        inner = signatures.chroma[..., edge : CHROMA_SIDE - edge, edge : CHROMA_SIDE - edge]
        cells = inner.reshape(-1, 2, SIDE, step, SIDE, step).mean(axis=(-3, -1), dtype=np.float32)
        chroma = cells.reshape(-1, 2, SIDE**2) - np.float32(128)
        return cls(chroma=chroma, mean=chroma.mean(axis=2))

    def alike(
        self, left: Indices, orientation: Indices, right: Indices, cropped: NDArray[np.bool_], colour_tolerance: float
    ) -> Indices:
        """Places of the pairs (``left`` turned, ``right``, seen by a crop of it) that may be one picture."""
        share = np.where(cropped, 1.4 * colour_tolerance, colour_tolerance)
        # Quarter turns and mirrors leave a mean where it is.
        a, b = self.mean[left], self.mean[right]
        some = np.flatnonzero(_explained(a, b, MEAN_CHROMA, share))
        places = _PLACES[orientation[some]]
        a = np.take_along_axis(self.chroma[left[some]], places[:, None, :], 2).reshape(len(some), 2 * SIDE**2) / SIDE
        b = self.chroma[right[some]].reshape(len(some), 2 * SIDE**2) / SIDE
        alike: Indices = some[_explained(a, b, CELL_CHROMA, share[some])]
        return alike


_PLACES = np.stack([turn(np.arange(SIDE**2).reshape(SIDE, SIDE), n).ravel() for n in range(len(ORIENTATIONS))])


def _explained(a: Floats, b: Floats, floor: float, share: Floats) -> NDArray[np.bool_]:
    """Whether a saturation of ``b`` explains ``a``, both (n, m), but for ``floor`` and a share of it."""
    own, other = (a**2).sum(axis=1), (b**2).sum(axis=1)
    scale = ((a * b).sum(axis=1) / np.maximum(other, 1.0)).clip(0.7, 1.4)
    left = np.sqrt(((a - scale[:, None] * b) ** 2).sum(axis=1))
    explained: NDArray[np.bool_] = left <= floor + share * np.sqrt(np.maximum(own, other))
    return explained
