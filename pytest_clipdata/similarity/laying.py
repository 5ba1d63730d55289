"""One picture laid over another and edited to be like it, in one of the ways in which they may be the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.images.signature import SIDE, TURNS, Raster, turn
from pytest_clipdata.similarity.differences import Differences, differences
from pytest_clipdata.similarity.registration import inverse, kernels, reduced, register, resample, visible
from pytest_clipdata.similarity.tone import Tone, fit_tone, luma_of, unedited
from pytest_clipdata.similarity.ways import Way

Floats = NDArray[np.floating[Any]]

_WAYS, _COARSE = 2, 32  #: ways that are tried; cells of a side by which they are chosen
_FURTHEST = 11.0  #: levels, root mean square after registration, beyond which no second thought is needed
_BLOCKS = 16  #: means of a side by which another colour is told,
_RECOLOURED, _RECOLOUR = 13, 12.0  #: so many of which are further apart than so many levels of chroma
_FEWEST = 400  #: cells that both must show
_EDGE = 1.5  #: cells along the edges that nothing is judged by: a border or a crop reaches into them
_STRIP = 0.065  #: of a side: what a crop may take off, unless it is plain
_SPECKS = 0.03  #: of a plain strip's pixels may be something else
_PLAIN = 14  #: levels
_SCALE = 2.0  #: by which one may show the thing larger than the other: padding, or a border cut off
_ASPECT = 0.03  #: of the logarithm of the ratio of both scales; and a pixel and a half


@dataclass(frozen=True, slots=True)
class Laid:
    """What had to be done to one of two pictures to make it like the other, and what still differs."""

    place: Floats  #: of the first, turned, over the second, whichever of them was edited
    tone: Tone
    left: Differences


def likeliest(a: Raster, b: Raster, ways: Sequence[Way]) -> list[Way]:
    """The few ways in which the pixels of two pictures are most alike before anything is registered, best first.

    The signs of a symmetric picture are near to those of the other in more than one way.
    """
    if len(ways) < 2:
        return list(ways)
    wanted = reduced(luma_of(b.transpose(2, 0, 1).astype(np.float32)), _COARSE)
    had = reduced(luma_of(a.transpose(2, 0, 1).astype(np.float32)), _COARSE)
    alike = []
    for way in ways:
        placed = resample(np.ascontiguousarray(turn(had, way.orientation)), way.start)
        shown = visible(way.start, _COARSE, 1.0)
        alike.append(_correlation(wanted[shown], placed[shown]) if shown.sum() > 1 else 0.0)
    order = sorted(range(len(ways)), key=lambda n: (-alike[n], n))
    return [ways[n] for n in order[:_WAYS]]


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / (np.sqrt(float((a * a).sum()) * float((b * b).sum())) + 1e-3))


def lay(a: Raster, b: Raster, sizes: tuple[tuple[int, int], tuple[int, int]], way: Way) -> Iterator[Laid]:
    """Lays ``a`` over ``b`` in a way; yields ``a`` made like ``b``, then ``b`` made like ``a``; nothing if none fits.

    ``sizes`` are the (width, height) of both pictures in pixels. A brightened copy is explained by its original, the
    original not by what was clipped to white: so both ways round.
    """
    turned = turn(a, way.orientation)
    size = sizes[0][::-1] if TURNS[way.orientation][0] else sizes[0]
    first, second = (np.ascontiguousarray(each.transpose(2, 0, 1), dtype=np.float32) for each in (turned, b))
    if _of_another_colour(first, second, way.start):
        return
    place, distance = register(luma_of(second), luma_of(first), way.start)
    if distance > _FURTHEST or not _plausible(turned, b, (size, sizes[1]), place):
        return
    blurs = [_blur(min(sides)) for sides in zip(size[::-1], sizes[1][::-1], strict=True)]
    for source, target, there in ((first, second, place), (second, first, inverse(place))):
        shown = visible(there, SIDE, _EDGE)
        if shown.sum() < _FEWEST:
            return
        wanted, placed = (blurs[0] @ each @ blurs[1].T for each in (target, resample(source, there)))
        some = shown.copy()
        some[1::2] = some[:, 1::2] = False  # every second cell of every second row tells the tones
        tone = fit_tone(wanted[:, some], placed[:, some])
        yield Laid(place, tone, differences(wanted, tone.apply(placed), shown))


def _of_another_colour(a: Floats, b: Floats, place: Floats) -> bool:
    """Whether (3, 64, 64) ``b`` is no edit of ``a`` in its place, which need not be exact, for its colours alone.

    Most pictures of one shape differ so, and this is far cheaper than what follows. Compared are means of 4x4 cells;
    more of them than a mark may cover are so far apart that no limit would hold.
    """
    down, across = (_means() @ kernel for kernel in kernels(place, SIDE))
    left = unedited(down @ a @ across.T, _means() @ b @ _means().T) * visible(place, _BLOCKS, 1.0)
    return float(np.partition(left, -_RECOLOURED, axis=None)[-_RECOLOURED]) > _RECOLOUR


@cache
def _means() -> Floats:
    means: Floats = np.kron(np.eye(_BLOCKS), np.full(SIDE // _BLOCKS, _BLOCKS / SIDE)).astype(np.float32)
    return means


@cache
def _blur(pixels: int) -> Floats:
    """(64, 64) Gaussian blur by 0.6 of a pixel of a line of so many, each row a mean.

    A picture of fewer pixels than the raster has cells is smooth on it: a small picture and a large one of the same
    thing are alike once both are as smooth as the smaller.
    """
    at = np.arange(SIDE, dtype=np.float32)
    if pixels >= SIDE:
        return np.eye(SIDE, dtype=np.float32)
    spread = 0.6 * SIDE / max(pixels, 8)
    weights = np.exp(-(((at[:, None] - at) / spread) ** 2) / 2)
    blur: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return blur


def _plausible(a: Raster, b: Raster, sizes: tuple[tuple[int, int], tuple[int, int]], place: Floats) -> bool:
    """Whether the place is one that cropping, padding and resizing lead to."""
    down, across = float(place[0]), float(place[2])
    if not all(1 / _SCALE <= scale <= _SCALE for scale in (down, across)):
        return False
    (width, height), (other_width, other_height) = sizes
    stretched = abs(np.log(across * width / other_width) - np.log(down * height / other_height))
    squeezed = abs(np.log(across / down))
    if min(stretched, squeezed) > _ASPECT + 1.5 / min(width, height, other_width, other_height):
        return False
    return _loses_little(a, place) and _loses_little(b, inverse(place))


def _loses_little(pixels: Raster, place: Floats) -> bool:
    """Whether what the other picture does not show of this one is a thin strip of each side, or plain."""
    for lines, scale, shift in ((pixels, place[0], place[1]), (pixels.swapaxes(0, 1), place[2], place[3])):
        low, high = (shift - scale + 1) / 2, (shift + scale + 1) / 2
        for lost, strip in (
            (low, lines[: max(0, round(SIDE * low))]),
            (1 - high, lines[min(SIDE, round(SIDE * high)) :]),
        ):
            if lost > _STRIP and len(strip):
                inner = strip[1:-1] if len(strip) > 3 else strip
                ground = np.median(inner.reshape(-1, 3), axis=0)
                if (np.abs(inner - ground).max(axis=2) > _PLAIN).mean() > _SPECKS:
                    return False
    return True
