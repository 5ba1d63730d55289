"""How bright, how contrasty and how sharp a picture is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Short side that a reduced decode must keep, and the side at which visibility is measured.
REDUCED_SIDE = 112
#: Luma from which a pixel counts as clipped: JPEG leaves white a few levels below 255.
_CLIPPED = 252
#: Share of the pixels that may lie beyond the white point, and at either end of the tonal range.
_BEYOND_WHITE, _BEYOND_RANGE = 0.005, 0.002


@dataclass(frozen=True, slots=True)
class Visibility:
    """What is measured of the centre square of a picture, which is what CLIP sees; luma in 0..1."""

    brightness: float  #: mean luma
    contrast: float  #: standard deviation of the luma, 0..0.5
    sharpness: float  #: variance of the Laplacian at 112 pixels, luma in 0..255
    white_point: float  #: 99.5th percentile of the luma
    tonal_range: float  #: 99.8th less 0.2nd percentile of the luma
    clipped: float  #: share of the pixels that are white and have something that is not white on all four sides
    fine_detail: float  #: energy of the Laplacian at 112 pixels divided by that at 56; 1 if there is none
    coarse_detail: float  #: energy of the Laplacian at 56 pixels divided by that at 28; 1 if there is none


def visibility_of(luma: Image.Image) -> Visibility:
    """The measures of a picture of mode L: brightness to sharpness at ``REDUCED_SIDE``, the rest never enlarged.

    Edges look alike at every scale (the power spectrum of photographs falls with the square of the frequency: Field
    1987, "Relations between the statistics of natural images and the response properties of cortical cells"), so the
    energy of the Laplacian hardly changes from one scale to the next. Blur and enlargement take it from the fine
    scale alone. A sum of squares is governed by the strongest edges: a smooth background counts for nothing.
    """
    pixels = _centre(luma, REDUCED_SIDE)
    brightness, variance = _mean_and_variance(pixels)
    sharpness = _mean_and_variance(_laplacian(pixels))[1]
    if min(luma.size) < REDUCED_SIDE:
        pixels = _centre(luma, min(luma.size))
    half = _halved(pixels)
    energies = [_energy(pixels), _energy(half) / 16, _energy(_halved(half)) / 256]
    below = np.cumsum(np.bincount(pixels.ravel(), minlength=256))
    return Visibility(
        brightness / 255,
        math.sqrt(variance) / 255,
        sharpness,
        white_point=_level(below, 1 - _BEYOND_WHITE) / 255,
        tonal_range=(_level(below, 1 - _BEYOND_RANGE) - _level(below, _BEYOND_RANGE)) / 255,
        clipped=_enclosed(pixels >= _CLIPPED),
        fine_detail=energies[0] / energies[1] if energies[1] else 1.0,
        coarse_detail=energies[1] / energies[2] if energies[2] else 1.0,
    )


def _centre(luma: Image.Image, side: int) -> NDArray[np.int32]:
    short = min(luma.size)
    left, top = (luma.width - short) / 2, (luma.height - short) / 2
    box = (left, top, left + short, top + short)
    return np.asarray(luma.resize((side, side), Image.Resampling.BILINEAR, box=box)).astype(np.int32)


def _mean_and_variance(whole_numbers: NDArray[np.int32]) -> tuple[float, float]:
    # Sums of whole numbers are exact in float64, in whatever order a machine adds them.
    values = whole_numbers.ravel().astype(np.float64)
    mean = float(values.sum()) / values.size
    return mean, float(np.square(values).sum()) / values.size - mean * mean  # not by a dot: BLAS would start threads


def _laplacian(pixels: NDArray[np.int32]) -> NDArray[np.int32]:
    around = pixels[:-2, 1:-1] + pixels[2:, 1:-1] + pixels[1:-1, :-2] + pixels[1:-1, 2:]
    edges: NDArray[np.int32] = around - 4 * pixels[1:-1, 1:-1]
    return edges


def _halved(pixels: NDArray[np.int32]) -> NDArray[np.int32]:
    """Sums, not means, of 2 x 2 pixels: whole numbers stay exact."""
    even = pixels[: pixels.shape[0] // 2 * 2, : pixels.shape[1] // 2 * 2]
    return even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]


def _energy(pixels: NDArray[np.int32]) -> float:
    """Mean square of the Laplacian for each pixel; 0 where there are too few pixels for one."""
    if min(pixels.shape) < 3:
        return 0.0
    return float(np.square(_laplacian(pixels).astype(np.int64)).sum()) / pixels.size


def _level(below: NDArray[np.int64], share: float) -> int:
    """The luma that ``share`` of the pixels do not exceed; ``below`` counts the pixels up to each luma."""
    return int(np.searchsorted(below, share * int(below[-1])))


def _enclosed(white: NDArray[np.bool_]) -> float:
    """The share of pixels that are white but no background: something else lies left, right, above and below."""
    other, seen = ~white, np.logical_or.accumulate
    inside = white & seen(other, 0) & seen(other[::-1], 0)[::-1] & seen(other, 1) & seen(other[:, ::-1], 1)[:, ::-1]
    return int(inside.sum()) / inside.size
