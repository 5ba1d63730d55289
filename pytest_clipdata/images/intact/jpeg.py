"""Decodes a JPEG at reduced scale and says whether the file holds all of its pixels.

libjpeg fills what it cannot read with grey and only warns. simplejpeg raises for the first warning, so a warning that
concerns no pixel must not hide a later one that does: the file is then decoded once more without its metadata.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import simplejpeg
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from pytest_clipdata.images.intact.missing import CutShortError, MissingPixelsError
from pytest_clipdata.images.jpeg_segments import MARKER, without_metadata

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: What libjpeg-turbo 3 (jerror.h) says where pixels are lost.
_LOST = (
    "premature end of data segment",
    "Premature end of JPEG file",
    "bad Huffman code",
    "bad arithmetic code",
    "instead of RST",
    # Errors, not warnings: markers and tables that the scan's bytes were taken for.
    "Unsupported marker type",
    "Bogus Huffman table",
)
#: Its warnings (JWRN_*) that are about no pixel: the metadata is odd, or the encoder was, and every pixel is there.
_HARMLESS = (
    "bad ICC marker",
    "unknown JFIF revision",
    "Unknown Adobe color transform",
    "Invalid SOS parameters for sequential JPEG",
    "Inconsistent progression sequence",
)
_EXTRANEOUS = re.compile(r"(\d+) extraneous bytes before marker 0x([0-9a-f]{2})")

#: Zeros that no picture gives, where zeros are not how its tables write blocks of one colour.
MAX_ZEROS = 64

#: Some encoders pad a scan. More than this, or of different bytes, is data that was not decoded.
MAX_PADDING = 64

_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_ARITHMETIC = frozenset({0xC9, 0xCB, 0xCD, 0xCF})
_CHANNELS = {"L": "gray", "RGB": "rgb", "CMYK": "cmyk"}


def decode_jpeg(
    data: bytes, mode: str, size: tuple[int, int], side: int
) -> tuple[Image.Image, tuple[float, float, float, float]]:
    """(the JPEG at the smallest of 1/8, 1/4, 1/2, 1 whose short side keeps ``side`` pixels, its filled part).

    ``mode`` and ``size`` are Pillow's for this file; the result has that mode. The filled part is (0, 0, right,
    bottom) in pixels of the result: the last column or row may stand for less than a whole one.

    Raises MissingPixelsError where pixels are missing, and ValueError with libjpeg's words where it cannot decode.
    """
    factor = next((factor for factor in (8, 4, 2) if min(size) // factor >= side), 1)
    reduced = (-(-size[0] // factor), -(-size[1] // factor))
    try:
        shown = _as_image(_decode(data, _CHANNELS.get(mode, "rgb"), reduced), mode)
    except ValueError as error:
        if "subsampling" not in str(error):
            raise
        shown = _decode_with_pillow(data, mode, reduced)
    if (words := _missing_scans(data) or _zeroed(data)) is not None:
        raise MissingPixelsError(words)
    return shown, (0.0, 0.0, size[0] / factor, size[1] / factor)


def _as_image(pixels: NDArray[np.uint8], mode: str) -> Image.Image:
    if mode == "CMYK":
        return Image.fromarray(255 - pixels, "CMYK")  # inverted, as Adobe writes it and Pillow reads it
    return Image.fromarray(pixels[:, :, 0] if pixels.shape[2] == 1 else pixels)


def _decode_with_pillow(data: bytes, mode: str, reduced: tuple[int, int]) -> Image.Image:
    """For odd ratios of luma to chroma, such as 4x2, which simplejpeg does not know; libjpeg's warnings are lost."""
    data = without_metadata(data)
    picture = JpegImageFile(io.BytesIO(data))
    picture.decodermaxblock = len(data) + 1  # the whole stream at once: no row is begun twice
    picture.draft(mode, reduced)
    picture.load()
    return picture


def _decode(data: bytes, channels: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    decode: Callable[..., NDArray[np.uint8]] = partial(
        simplejpeg.decode_jpeg, colorspace=channels, min_width=size[0], min_height=size[1]
    )
    try:
        return decode(data, strict=True)
    except ValueError as error:
        if any(lost in str(error) for lost in _LOST):
            raise missing(str(error)) from None
    plain = without_metadata(data)
    try:
        return decode(plain, strict=True)
    except ValueError as error:
        words = str(error)
        if tells_of_loss(words, plain):
            raise missing(words) from None
        if not any(harmless in words for harmless in (*_HARMLESS, "extraneous bytes")):
            raise
    return decode(plain, strict=False)


def missing(words: str) -> MissingPixelsError:
    """The error for libjpeg's ``words``; markers are written as in the standard (FFD9), not as addresses are."""
    if "Premature end of JPEG file" in words:
        return CutShortError()
    return MissingPixelsError("libjpeg: " + re.sub("0x([0-9a-f]{2})", lambda found: f"FF{found[1].upper()}", words))


def tells_of_loss(words: str, plain: bytes) -> bool:
    """Whether libjpeg's ``words`` about ``plain``, a JPEG without metadata, say that pixels are lost."""
    if (told := _EXTRANEOUS.search(words)) is not None:
        return not _is_padding(plain, int(told[1]), int(told[2], 16))
    return any(lost in words for lost in _LOST)


def _is_padding(data: bytes, count: int, marker: int) -> bool:
    """Whether ``count`` bytes before a ``marker`` are one byte repeated; restart markers are never padded."""
    if count > MAX_PADDING or 0xD0 <= marker <= 0xD7:
        return False
    starts = (found.start() for found in re.finditer(rb"\xff+" + re.escape(bytes([marker])), data))
    return any(len(set(data[at - count : at])) == 1 for at in starts)


def _missing_scans(data: bytes) -> str | None:
    """Words for scans that a progressive JPEG, or one of several scans, ends without; libjpeg does not tell."""
    frame = progressive = None
    bits_left: dict[int, list[int]] = {}  # component: for each of its 64 coefficients the bits that are yet to come
    at = 2
    while (found := MARKER.search(data, at)) is not None:
        marker, at = found[1][0], found.end()
        if marker == 0xD9:
            break
        body = data[at + 2 : at + int.from_bytes(data[at : at + 2], "big")]
        at += 2 + len(body)
        if marker in _FRAMES and frame is None:
            progressive = marker in _PROGRESSIVE
            frame = body[5]
            bits_left = {body[6 + 3 * number]: [99] * 64 for number in range(frame)}
        elif marker == 0xDA and body:
            count = body[0]
            if not progressive and count == frame:
                return None
            first, last, low = body[-3], body[-2], body[-1] & 15
            for name in body[1 : 1 + 2 * count : 2]:
                left = bits_left.get(name, [])
                span = slice(first, last + 1) if progressive else slice(0, 64)
                left[span] = [low if progressive else 0] * len(left[span])
    if any(any(left) for left in bits_left.values()):
        return "it ends before its last scans: some of the pixels' detail is missing"
    return None


def _zeroed(data: bytes) -> str | None:
    """Words for zeros in the scan of a sequential Huffman-coded JPEG that libjpeg decodes without a warning.

    Zeros are the first code of each table, over and over. Where that means "end of block" they are a plain area. Where
    it means a coefficient, as in the tables of the standard (ITU-T T.81, annex K.3), they are blocks whose 63
    coefficients are all alike, of which no encoder writes two in a row.
    """
    if data.find(bytes(MAX_ZEROS)) < 0:
        return None
    coefficients, at = False, 2
    while (found := MARKER.search(data, at)) is not None:
        marker, at = found[1][0], found.end()
        if marker == 0xD9 or marker in _PROGRESSIVE or marker in _ARITHMETIC:
            return None
        body = data[at + 2 : at + int.from_bytes(data[at : at + 2], "big")]
        at += 2 + len(body)
        if marker == 0xC4:
            coefficients = coefficients or _zeros_are_coefficients(body)
        elif marker == 0xDA:
            end = MARKER.search(data, at)
            zeros = data.find(bytes(MAX_ZEROS), at, end.start() if end else len(data))
            if coefficients and zeros >= 0:
                return f"a part of its pixel data is zero ({MAX_ZEROS} bytes or more in a row)"
    return None


def _zeros_are_coefficients(tables: bytes) -> bool:
    """Whether the first code of an AC table among ``tables``, a DHT segment, is not "end of block"."""
    at = 0
    while at + 17 < len(tables):
        if tables[at] >> 4 == 1 and tables[at + 17] != 0:
            return True
        at += 17 + sum(tables[at + 1 : at + 17])
    return False
