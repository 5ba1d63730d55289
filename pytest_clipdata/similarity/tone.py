"""The change of tones that an editor would make, so that one picture becomes another.

An edit is ONE gain and ONE offset for red, green and blue, clipped to 0..255 in each, and then one saturation. Programs
offer brightness (gain alone), contrast (gain about the mean luma) and saturation (about each pixel's luma).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)  #: of ITU-R BT.601, as JPEG and Pillow have it
GAINS = (0.72, 1.38)  #: what is still a copy: a fourth darker to a third lighter
OFFSET = 32.0  #: levels that a free fit may add
SATURATIONS = (0.77, 1.3)
_SLIGHT = (0.88, 1.14)  #: with a change of light: nobody needs both to be free, another colour of a thing does
_SCALES = GAINS[0] * SATURATIONS[0], GAINS[1] * SATURATIONS[1]
_ALIKE = 0.008  #: of ``_left``, some one level: so near that no edit of the light is looked for
_OUTLIER = 12.0


@dataclass(frozen=True, slots=True)
class Tone:
    gain: float
    offset: float  #: levels
    saturation: float

    def apply(self, rgb: Floats) -> Floats:
        """(3, ...) RGB in 0..255 after the edit."""
        return saturate(np.clip(self.gain * rgb + np.float32(self.offset), 0, 255), self.saturation)


def length(vectors: Floats) -> Floats:
    """(...) lengths of (2, ...) vectors, five times as fast as ``np.hypot``."""
    lengths: Floats = np.sqrt(vectors[0] * vectors[0] + vectors[1] * vectors[1])
    return lengths


def luma_of(rgb: Floats) -> Floats:
    """(...) luma of (3, ...) RGB."""
    luma: Floats = (LUMA @ rgb.reshape(3, -1)).reshape(rgb.shape[1:])
    return luma


def chroma_of(rgb: Floats) -> Floats:
    """(2, ...) Cb and Cr about 0 of (3, ...) RGB."""
    luma = luma_of(rgb)
    return np.stack([np.float32(0.564) * (rgb[2] - luma), np.float32(0.713) * (rgb[0] - luma)])


def unedited(a: Floats, b: Floats) -> Floats:
    """(...) levels by which the chroma of two pictures (3, ...) RGB differ at least, whichever is an edit of the other.

    An edit scales the chroma of a place and turns no hue, unless it clips: where either is clipped it is 0.
    """
    ours, theirs = chroma_of(a), chroma_of(b)
    both = (ours * theirs).sum(axis=0)
    left = np.inf
    for had, wanted in ((ours, theirs), (theirs, ours)):
        scale = (both / (np.square(had).sum(axis=0) + np.float32(1e-3))).clip(*_SCALES)
        left = np.minimum(left, np.square(wanted - scale * had).sum(axis=0))
    told = (np.maximum(a, b).max(axis=0) < 250) & (np.minimum(a, b).min(axis=0) > 3)
    unlike: Floats = np.sqrt(left) * told
    return unlike


def saturate(rgb: Floats, saturation: float) -> Floats:
    luma = luma_of(rgb)
    return np.clip(luma + np.float32(saturation) * (rgb - luma), 0, 255)


def fit_tone(target: Floats, source: Floats) -> Tone:
    """The edit that makes ``source`` most like ``target``, both (3, n) RGB of the same places.

    Tried are no edit, a brightness, a contrast and the free fit of gain and offset, each within what a copy may have;
    an edit with more freedom must explain visibly more.
    """
    wanted = luma_of(target)
    if float(_lefts(wanted, source[None])[0]) < _ALIKE:
        return Tone(1.0, 0.0, _saturation(target, source, SATURATIONS))
    mean = float(luma_of(source).mean())
    edits = [(1.0, 0.0)]
    for about in (0.0, mean):
        gain = _gain(wanted, source, about)
        edits.append((gain, about * (1 - gain)))
    gain, offset = _gain_and_offset(target, source, edits[1][0])
    if GAINS[0] <= gain <= GAINS[1] and abs(offset) <= OFFSET:
        edits.append((gain, offset))
    best, least = edits[0], np.inf
    gains, offsets = np.array(edits, dtype=np.float32).T[:, :, None, None]
    lefts = _lefts(wanted, np.clip(gains * source + offsets, 0, 255)).tolist()
    for (gain, offset), left in zip(edits, lefts, strict=True):
        if left < least * 0.97 - 0.002:
            best, least = (gain, offset), left
    gain, offset = best
    edited = max(abs(gain - 1), abs(offset) / 128) > 0.08
    lit = np.clip(np.float32(gain) * source + np.float32(offset), 0, 255)
    return Tone(gain, offset, _saturation(target, lit, _SLIGHT if edited else SATURATIONS))


def _lefts(wanted: Floats, explained: Floats) -> Floats:
    """(edits,): mean of Geman and McClure's measure of the luma that (edits, 3, n) leave different from (n,)."""
    square = np.square((np.tensordot(explained, LUMA, axes=(1, 0)) - wanted) / np.float32(_OUTLIER))
    lefts: Floats = (square / (1 + square)).mean(axis=1)
    return lefts


def _gain(target_luma: Floats, source: Floats, about: float) -> float:
    """The gain about a level, by trying: only so is it predicted what each of them clips."""
    gain, step = 1.05, 0.06
    for tried, every in ((np.arange(-5.5, 6) * step, 4), (np.arange(-2, 3) * step / 3, 2)):
        some, wanted = source[:, ::every] - np.float32(about), target_luma[::every]
        gains = (gain + tried).astype(np.float32)
        left = _lefts(wanted, np.clip(gains[:, None, None] * some + np.float32(about), 0, 255))
        n = int(left.argmin())
        gain = float(gains[n])
    if 0 < n < len(left) - 1:  # the lowest point of a parabola through three
        below, least, above = map(float, left[n - 1 : n + 2])
        gain += (step / 3) * (below - above) / (2 * (below - 2 * least + above) + 1e-9)
    return float(np.clip(gain, *GAINS))


def _gain_and_offset(target: Floats, source: Floats, gain: float) -> tuple[float, float]:
    offset = 0.0
    for _ in range(4):
        explained = np.float32(gain) * source + np.float32(offset)
        weight = _told(target, explained) / (1 + ((target - explained) / _OUTLIER) ** 2)
        total = float(weight.sum()) + 1e-3
        x, y = float((weight * source).sum()) / total, float((weight * target).sum()) / total
        spread = weight * (source - np.float32(x))
        power = float((spread * (source - np.float32(x))).sum())
        gain = (float((spread * (target - np.float32(y))).sum()) + 1e3 * gain) / (power + 1e3)
        offset = y - gain * x
    return gain, offset


def _told(target: Floats, explained: Floats) -> Floats:
    """Weights of the levels of which neither is clipped: what is black or white tells no gain."""
    told = (target > 3) & (target < 252) & (explained > 2) & (explained < 250)
    return told * np.float32(0.98) + np.float32(0.02)


def _saturation(target: Floats, source: Floats, limits: tuple[float, float]) -> float:
    """Least squares of the colours about their lumas, where neither picture is clipped."""
    told = (source.max(axis=0) < 250) & (target.max(axis=0) < 250) & (source.min(axis=0) > 2) & (target.min(axis=0) > 2)
    had, wanted = source - luma_of(source), target - luma_of(target)
    x, y = had * told, wanted * told
    fitted = float(np.clip((float((x * y).sum()) + 1.5e4) / (float((x * x).sum()) + 1.5e4), *limits))
    # Clipping pulls at the fit: no change of saturation stands where it leaves the larger differences smaller.
    left = [float((np.square(wanted - np.float32(each) * had) ** 2).sum()) for each in (1, fitted)]
    return fitted if left[1] < 0.8 * left[0] else 1.0
