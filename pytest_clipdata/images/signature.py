"""What is kept of a picture so that copies of it can be found: hashes and a small picture, a few hundred bytes.

Layout of a signature (``SIGNATURE_BYTES`` in all, the same on every machine):

====================  ===========================================================================================
8 x uint64, big       pHash of the picture in the eight ``ORIENTATIONS``
2 x uint64, big       pHash of its centre without ``CROPS`` of each side, upright
8 x uint64, big       pHash of its inner part, without ``INNER`` of each side, in the eight ``ORIENTATIONS``
24 x 24 uint8         luma, row by row
12 x 12 uint8         Cb, then 12 x 12 uint8 Cr
====================  ===========================================================================================

All of it comes from one 32 x 32 luma and one 12 x 12 chroma reduction of the same decode. pHash is Zauner's
("Implementation and benchmarking of perceptual image hash functions", 2010) as imagehash computes it: the 8 x 8 lowest
coefficients of the DCT-II of the 32 x 32 luma, each above their median or not. But half the coefficients of a symmetric
picture (a plate, a bottle) are 0, their median is, and noise throws their bits; so here it must be above by ``NOISE``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: The eight ways to turn a picture; rotations are clockwise. The first is the picture as it is.
ORIENTATIONS = (
    "upright",
    "mirrored",
    "flipped",
    "rotated 180",
    "transposed",
    "rotated 90",
    "rotated 270",
    "transversed",
)
#: (transpose, mirror left-right, mirror top-bottom), in that order, for each of ``ORIENTATIONS``.
_TURNS = ((0, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 1), (1, 0, 0), (1, 1, 0), (1, 0, 1), (1, 1, 1))
#: For each of ``ORIENTATIONS`` the one that undoes it: only the quarter turns are not their own inverse.
INVERSE = (0, 1, 2, 3, 4, 6, 5, 7)

#: Shares of each side that the views leave out; with the whole picture they cover crops from 0 to 6 %.
CROPS = (0.025, 0.05)

#: Share of each side that the inner part leaves out: what lies along the edges, such as a watermark, is not in it.
INNER = 0.13
INNER_VIEW = 1 + len(CROPS)  #: the view that stands for "found by the inner part"

NOISE = 40.0  #: the coefficient of a wave of 0.04 levels: less than what re-encoding changes means nothing

SIDE = 32  #: of the luma that is hashed
LUMA_SIDE = 24
CHROMA_SIDE = 12
_HASHES = 2 * len(ORIENTATIONS) + len(CROPS)
SIGNATURE_BYTES = 8 * _HASHES + LUMA_SIDE**2 + 2 * CHROMA_SIDE**2

Floats = NDArray[np.floating[Any]]


def turn(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """A view of ``pixels`` (the last two axes are rows and columns) in one of ``ORIENTATIONS``."""
    transpose, mirror, flip = _TURNS[orientation]
    if transpose:
        pixels = pixels.swapaxes(-1, -2)
    return pixels[..., :: -1 if flip else 1, :: -1 if mirror else 1]


def sign_picture(
    picture: Image.Image,
    luma: Image.Image,
    box: tuple[float, float, float, float],
    upright: Image.Transpose | None,
) -> tuple[str, bytes]:
    """(imagehash's pHash in hex, signature) of the ``box`` of a picture (L or RGB), set ``upright`` once it is small.

    ``luma`` is the same picture in shades of grey (L).
    """

    def small_band(band: Image.Image, side: int, resample: Image.Resampling) -> Image.Image:
        small = band.resize((side, side), resample, box=box)
        return small if upright is None else small.transpose(upright)

    pixels = np.asarray(small_band(luma, SIDE, Image.Resampling.LANCZOS), dtype=np.float64)
    whole, *centres, inner = _low_frequencies(pixels)
    plain = np.packbits(phash_bits(whole[None]))
    packed = np.packbits(phash_bits(np.concatenate([_turned(whole), centres, _turned(inner)]), NOISE), axis=1)
    shrink = _overlap(LUMA_SIDE)
    small = np.clip(np.rint(shrink @ pixels @ shrink.T), 0, 255).astype(np.uint8)
    tiny = small_band(picture, CHROMA_SIDE, Image.Resampling.BOX).convert("RGB").convert("YCbCr")
    colours = [band.tobytes() for band in tiny.split()[1:]]
    return plain.tobytes().hex(), b"".join([packed.tobytes(), small.tobytes(), *colours])


def phash_bits(blocks: Floats, noise: float = 0.0) -> NDArray[np.bool_]:
    """(n, 64) bits of (n, 64) low DCT coefficients: above their median by more than ``noise`` or not."""
    ordered = np.sort(blocks, axis=1)
    bits: NDArray[np.bool_] = blocks > (ordered[:, 31:32] + ordered[:, 32:33]) / 2 + noise
    return bits


def _low_frequencies(pixels: Floats) -> Floats:
    """(n, 64) low DCT coefficients of the whole picture, of its centres without ``CROPS``, of its inner part."""
    basis = _cosines()
    # Rounded, so that what is zero on paper is zero here: a plain picture has one hash on every machine.
    blocks: Floats = np.round(basis @ pixels @ basis.swapaxes(1, 2), 3) + 0.0
    return blocks.reshape(len(blocks), 64)


def _turned(block: Floats) -> Floats:
    """(8, 64): the coefficients in the eight ``ORIENTATIONS``.

    Mirroring negates every odd coefficient of that axis, transposing transposes.
    """
    places, signs = _turns()
    turned: Floats = block[places] * signs
    return turned


@cache
def _turns() -> tuple[NDArray[np.int64], Floats]:
    odd = np.where(np.arange(8) % 2, -1.0, 1.0)
    even = np.ones(8)
    places = np.arange(64).reshape(8, 8)
    return (
        np.stack([(places.T if transpose else places).ravel() for transpose, _, _ in _TURNS]),
        np.stack([np.outer(odd if flip else even, odd if mirror else even).ravel() for _, mirror, flip in _TURNS]),
    )


@cache
def _cosines() -> Floats:
    """(n, 8, 32): the eight lowest DCT-II functions over the cells of the whole, of ``CROPS`` and of ``INNER``.

    Of the whole these are the plain DCT-II's samples. Of a part, each cell weighs by its share inside the part, at the
    cosine of that share's middle.
    """
    edges = np.linspace(0.0, 1.0, SIDE + 1)
    functions = []
    for crop in (0.0, *CROPS, INNER):
        low, high = (np.clip(edges[side], crop, 1.0 - crop) for side in (slice(None, -1), slice(1, None)))
        middle = ((low + high) / 2 - crop) / (1.0 - 2 * crop)
        weight = (high - low) * SIDE / (1.0 - 2 * crop)
        functions.append(2.0 * np.cos(np.pi * np.arange(8)[:, None] * middle[None, :]) * weight)
    return np.stack(functions)


@cache
def _overlap(side: int) -> Floats:
    """(side, SIDE): area weights that reduce ``SIDE`` cells to ``side``."""
    fine, coarse = np.arange(SIDE) / SIDE, np.arange(side)[:, None] / side
    shared = np.minimum(fine + 1 / SIDE, coarse + 1 / side) - np.maximum(fine, coarse)
    weights: Floats = np.clip(shared, 0.0, None) * side
    return weights


@dataclass(frozen=True)
class Signatures:
    """Signatures of n pictures, taken apart: arrays whose first axis is the picture."""

    turned: NDArray[np.uint64]  #: (n, 8) pHashes in ``ORIENTATIONS``
    views: NDArray[np.uint64]  #: (n, 1 + len(CROPS)) pHashes of the whole and of its centres
    inner: NDArray[np.uint64]  #: (n, 8) pHashes of the inner part in ``ORIENTATIONS``
    luma: NDArray[np.uint8]  #: (n, 24, 24)
    chroma: NDArray[np.uint8]  #: (n, 2, 12, 12), Cb and Cr, 128 is grey

    @classmethod
    def unpack(cls, signatures: Sequence[bytes]) -> Signatures:
        rows = np.frombuffer(b"".join(signatures), dtype=np.uint8).reshape(len(signatures), SIGNATURE_BYTES)
        hashes = np.ascontiguousarray(rows[:, : 8 * _HASHES]).view(">u8").astype(np.uint64)
        luma, chroma = rows[:, 8 * _HASHES : -2 * CHROMA_SIDE**2], rows[:, -2 * CHROMA_SIDE**2 :]
        return cls(
            turned=hashes[:, : len(ORIENTATIONS)],
            views=np.concatenate([hashes[:, :1], hashes[:, len(ORIENTATIONS) : -len(ORIENTATIONS)]], axis=1),
            inner=hashes[:, -len(ORIENTATIONS) :],
            luma=luma.reshape(-1, LUMA_SIDE, LUMA_SIDE),
            chroma=chroma.reshape(-1, 2, CHROMA_SIDE, CHROMA_SIDE),
        )
