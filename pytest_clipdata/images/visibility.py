"""How bright, how contrasty and how sharp a picture is."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Short side that a reduced decode must keep, and the side at which visibility is measured.
REDUCED_SIDE = 112


def visibility_of(luma: Image.Image) -> tuple[float, float, float]:
    """(brightness, contrast, sharpness) of the centre square, which is what CLIP sees, at ``REDUCED_SIDE``."""
    short = min(luma.size)
    left, top = (luma.width - short) / 2, (luma.height - short) / 2
    side = (REDUCED_SIDE, REDUCED_SIDE)
    square = luma.resize(side, Image.Resampling.BILINEAR, box=(left, top, left + short, top + short))
    pixels = np.asarray(square).astype(np.int16)
    edges = pixels[:-2, 1:-1] + pixels[2:, 1:-1] + pixels[1:-1, :-2] + pixels[1:-1, 2:] - 4 * pixels[1:-1, 1:-1]
    brightness, variance = _mean_and_variance(pixels)
    return brightness / 255, math.sqrt(variance) / 255, _mean_and_variance(edges)[1]


def _mean_and_variance(whole_numbers: NDArray[np.int16]) -> tuple[float, float]:
    # Sums of whole numbers are exact in float64, in whatever order a machine adds them.
    values = whole_numbers.ravel().astype(np.float64)
    mean = float(values.sum()) / values.size
    return mean, float(np.square(values).sum()) / values.size - mean * mean  # not by a dot: BLAS would start threads
