"""How bright, how contrasty and how sharp a picture is."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Short side that a reduced decode must keep, and the side at which visibility is measured.
REDUCED_SIDE = 112
#: Level from which a channel counts as clipped: JPEG leaves white a few levels below 255. A white that is no more than
#: a background may be off-white.
_CLIPPED, _WHITE = 250, 245
#: Share of the pixels that may lie beyond the white point, and at either end of the tonal range.
_BEYOND_WHITE, _BEYOND_RANGE = 0.005, 0.002
#: A corner is a seventh of the side; it is white if three quarters of its pixels are.
_CORNERS, _WHITE_CORNER = 7, 0.75
#: Unclipped share that a picture with a white background is given in addition, and that which any other one has.
_FAINT, _UNCLIPPED = 0.02, 0.1
#: Luma below which a pixel is black, and the shares of the subject that is black and of the unclipped pixels that are
#: flat from which on nothing is overexposed.
_BLACK, _MOST_BLACK, _MOST_FLAT = 16, 0.01, 0.15
#: Share of the picture by which a subject counts as larger, so that a few clipped pixels on white are none.
_SPECK = 0.01


@dataclass(frozen=True, slots=True)
class Visibility:
    """What is measured of the centre square of a picture, which is what CLIP sees; luma in 0..1."""

    brightness: float  #: mean luma
    contrast: float  #: standard deviation of the luma, 0..0.5
    sharpness: float  #: variance of the Laplacian at 112 pixels, luma in 0..255
    white_point: float  #: 99.5th percentile of the luma
    tonal_range: float  #: 99.8th less 0.2nd percentile of the luma
    overexposure: float  #: clipped share of the subject over the unclipped share of the picture, 0..50
    fine_detail: float  #: energy of the Laplacian at 112 pixels divided by that at 56; 1 if there is none
    coarse_detail: float  #: energy of the Laplacian at 56 pixels divided by that at 28; 1 if there is none


def visibility_of(picture: Image.Image) -> Visibility:
    """The measures of a picture of mode L or RGB: brightness to sharpness at ``REDUCED_SIDE``, the rest never enlarged.

    Edges look alike at every scale (the power spectrum of photographs falls with the square of the frequency: Field
    1987, "Relations between the statistics of natural images and the response properties of cortical cells"), so the
    energy of the Laplacian hardly changes from one scale to the next. Blur and enlargement take it from the fine
    scale alone. A sum of squares is governed by the strongest edges: a smooth background counts for nothing.
    """
    square = _centre(picture, REDUCED_SIDE)
    luma = square.convert("L")
    pixels = _levels(luma)
    edges = _laplacian(pixels)
    brightness, variance = _mean_and_variance(pixels, _squares(pixels))
    energy = _squares(edges)
    sharpness = _mean_and_variance(edges, energy)[1]
    if min(picture.size) < REDUCED_SIDE:
        square = _centre(picture, min(picture.size))
        luma = square.convert("L")
        pixels = _levels(luma)
        edges = _laplacian(pixels)
        energy = _squares(edges)
    half = _halved(pixels)
    quarter = _halved(half)
    energies = [energy / pixels.size, _energy(half) / 16, _energy(quarter) / 256]
    below = list(accumulate(luma.histogram()))
    return Visibility(
        brightness / 255,
        math.sqrt(variance) / 255,
        sharpness,
        white_point=_percentile(below, 1 - _BEYOND_WHITE) / 255,
        tonal_range=(_percentile(below, 1 - _BEYOND_RANGE) - _percentile(below, _BEYOND_RANGE)) / 255,
        overexposure=_overexposure(square, below[_BLACK - 1], edges),
        fine_detail=energies[0] / energies[1] if energies[1] else 1.0,
        coarse_detail=energies[1] / energies[2] if energies[2] else 1.0,
    )


def _centre(picture: Image.Image, side: int) -> Image.Image:
    short = min(picture.size)
    left, top = (picture.width - short) / 2, (picture.height - short) / 2
    return picture.resize((side, side), Image.Resampling.BILINEAR, box=(left, top, left + short, top + short))


def _levels(luma: Image.Image) -> NDArray[np.int16]:
    return np.asarray(luma).astype(np.int16)


def _mean_and_variance(values: NDArray[np.int16], squares: int) -> tuple[float, float]:
    # Sums of whole numbers are exact, in whatever order a machine adds them.
    mean = int(values.sum()) / values.size
    return mean, squares / values.size - mean * mean


def _squares(values: NDArray[np.int16]) -> int:
    return int(np.square(values, dtype=np.int32).sum(dtype=np.int64))  # not by a dot: BLAS would start threads


def _laplacian(pixels: NDArray[np.int16]) -> NDArray[np.int16]:
    """At most 4 times the largest value, so 16 bits hold that of sums of 16 pixels."""
    edges: NDArray[np.int16] = pixels[1:-1, 1:-1] * np.int16(-4)
    for neighbours in (pixels[:-2, 1:-1], pixels[2:, 1:-1], pixels[1:-1, :-2], pixels[1:-1, 2:]):
        edges += neighbours
    return edges


def _halved(pixels: NDArray[np.int16]) -> NDArray[np.int16]:
    """Sums, not means, of 2 x 2 pixels: whole numbers stay exact."""
    even = pixels[: pixels.shape[0] // 2 * 2, : pixels.shape[1] // 2 * 2]
    return even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]


def _energy(pixels: NDArray[np.int16]) -> float:
    """Mean square of the Laplacian for each pixel; 0 where there are too few pixels for one."""
    return _squares(_laplacian(pixels)) / max(1, pixels.size)


def _percentile(below: list[int], share: float) -> int:
    """The luma that ``share`` of the pixels do not exceed; ``below`` counts the pixels up to each luma."""
    return bisect_left(below, share * below[-1])


def _overexposure(square: Image.Image, black: int, edges: NDArray[np.int16]) -> float:
    """The share of the subject's channel values that are clipped, over the share of the pixels without a clipped one.

    Overexposing clips the subject channel by channel, so its colours turn to yellow, cyan, magenta and white, and
    little of the picture is left unclipped. Saturated goods do the one, small ones on white the other. Without a white
    background (all corners) clipping is itself unusual, however much is left: then that share is ``_UNCLIPPED``.
    Nothing stays black, and what is left of a photograph is not flat: drawings and screens are, and clear glass.
    """
    bands = [np.asarray(band) for band in square.split()]
    clipped = [band >= _CLIPPED for band in bands]
    some = np.logical_or.reduce(clipped)
    if not some.any():
        return 0.0
    white = np.logical_and.reduce([band >= _WHITE for band in bands])
    subject = ~white | _enclosed(white) if white.any() else ~white
    values = sum(int(np.count_nonzero(band & subject)) for band in clipped) / len(clipped)
    share = values / (np.count_nonzero(subject) + _SPECK * white.size)
    unclipped = white.size - np.count_nonzero(some)
    blackness: float = black / max(1, white.size - int(np.count_nonzero(white)))
    flat = np.count_nonzero((edges == 0) & ~some[1:-1, 1:-1]) / max(1, unclipped)
    left = unclipped / white.size + _FAINT if _on_white(white) else _UNCLIPPED
    spared = max(0.0, 1 - blackness / _MOST_BLACK) * max(0.0, 1 - float(flat) / _MOST_FLAT)
    return float(share / left) * spared


def _on_white(white: NDArray[np.bool_]) -> bool:
    corner = max(1, len(white) // _CORNERS)
    ends = (slice(None, corner), slice(-corner, None))
    return all(np.count_nonzero(white[rows, columns]) >= _WHITE_CORNER * corner**2 for rows in ends for columns in ends)


def _enclosed(white: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where white pixels are no background: something else lies left, right, above and below."""
    other = ~white
    return white & _between(other) & _between(np.ascontiguousarray(other.T)).T


def _between(other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which pixels lie between the first and the last of ``other`` of their row; no row has over 255."""
    last = other.shape[1] - 1
    first = np.where(other.any(1), other.argmax(1), last).astype(np.uint8)[:, None]
    final = (last - other[:, ::-1].argmax(1)).astype(np.uint8)[:, None]
    place = np.arange(last + 1, dtype=np.uint8)
    inside: NDArray[np.bool_] = (first < place) & (place < final)
    return inside
