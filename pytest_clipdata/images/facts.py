"""What is known of one file and measured of one picture. Facts only: no threshold, no judgement, no pixels."""

from __future__ import annotations

import builtins
from dataclasses import dataclass
from enum import StrEnum

from pytest_clipdata.settings.declared import GENERAL

#: Raise it whenever a measure changes, so that what was measured before is measured again.
MEASURE_VERSION = 7


class ImageStatus(StrEnum):
    """Whether the pixels of a file could be had, and if not, what stopped them."""

    OK = "ok"
    EMPTY = "empty"  #: a file of no bytes
    NOT_ALLOWED = "not_allowed"  #: not one of the formats that may be opened
    TOO_LARGE = "too_large"  #: over the pixel, file or metadata limit; never decoded
    ANIMATED = "animated"  #: more than one frame
    TRUNCATED = "truncated"  #: the file ends before the picture does
    BROKEN = "broken"  #: the decoder refuses it
    TIMED_OUT = "timed_out"  #: the decoder took longer than ``image_timeout``
    CRASHED = "crashed"  #: the decoder took its process with it
    UNREADABLE = "unreadable"  #: the operating system refuses to read it
    UNREACHABLE = "unreachable"  #: it was looked up at a URL, and then its bytes could not be had from there


@dataclass(frozen=True, slots=True)
class Limits:
    """What a picture may cost before its decoder is started. Part of the cache key."""

    max_pixels: int = 128_000_000  #: width x height
    max_bytes: int = GENERAL.options["image_max_bytes"].default  #: of the file
    timeout: float = GENERAL.options["image_timeout"].default  #: seconds for one picture


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """The measures of one picture file.

    The header's facts (``format`` to ``orientation``) are there whenever the header could be read, also when the
    pixels could not; the facts of the pixels are None unless ``status`` is OK and pixels were asked for.
    """

    status: ImageStatus
    error: str | None = None  #: why ``status`` is not OK; stable words, no addresses, no paths
    bytes: int | None = None  #: size of the file
    format: str | None = None  #: ``jpeg png webp gif bmp tiff avif``
    mode: str | None = None  #: Pillow's mode, or its raw mode where samples hold more than 8 bits (``RGB;16B``)
    width: int | None = None  #: pixels, as displayed (EXIF rotation applied)
    height: int | None = None  #: pixels, as displayed
    orientation: int | None = None  #: EXIF orientation, 1..8; 1 is upright
    sha256: str | None = None  #: of the file's bytes, 64 hex digits
    pixel_digest: str | None = None  #: equal for two files only if their displayed pixels and sizes are equal
    transparent: bool | None = None  #: some pixel is not opaque
    phash: str | None = None  #: imagehash-compatible 64-bit pHash, 16 hex digits
    brightness: float | None = None  #: mean luma 0..1 of what CLIP sees (short side 224, centre crop)
    contrast: float | None = None  #: standard deviation of that luma, 0..0.5
    sharpness: float | None = None  #: variance of its Laplacian, luma in 0..255
    white_point: float | None = None  #: 99.5th percentile of that luma, 0..1
    tonal_range: float | None = None  #: 99.8th less 0.2nd percentile of that luma, 0..1
    overexposure: float | None = None  #: clipped share of the subject over the unclipped share of the picture
    fine_detail: float | None = None  #: energy of the Laplacian at 112 pixels divided by that at 56
    coarse_detail: float | None = None  #: energy of the Laplacian at 56 pixels divided by that at 28
    signature: builtins.bytes | None = None  #: what ``similarity`` compares, laid out by ``images.signature``


@dataclass(frozen=True, slots=True)
class Drawn:
    """One picture as somebody wants to see it; all but ``error`` is None unless ``status`` is OK."""

    status: ImageStatus
    error: str | None = None  #: why ``status`` is not OK; stable words, no addresses, no paths
    width: int | None = None  #: pixels of what is in ``data``
    height: int | None = None
    data: builtins.bytes | None = None  #: a WebP file, or width x height x 3 bytes of RGB, row by row
    decoded: int | None = None  #: pixels that were decoded for it
    saturated: bool | None = None  #: samples of more than 8 bits were to be seen, and as 8 bits all are alike


#: What a plugin may say of a picture.
Value = bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plugin's function says of one picture; ``values`` is None unless ``status`` is OK."""

    status: ImageStatus
    error: str | None = None  #: why ``status`` is not OK, of the picture or of the function
    values: tuple[Value, ...] | None = None


#: What a worker says of one picture.
Answer = ImageFacts | Drawn | Asked
