"""Says whether a WebP holds all of its pixels, although the format has no checksum.

An encoder writes no byte that its decoder does not read. So the picture is decoded a second time without the last
bytes of its compressed data: of a whole file libwebp then says that the data ends too early. Where it decodes all the
same, the data was not read to its end, hence it was not what the encoder wrote: zeros and random bytes make a decoder
take a shorter way. (A longer way libwebp reports by itself.)
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL.WebPImagePlugin import WebPImageFile

from pytest_clipdata.images.intact.missing import CutShortError, MissingPixelsError

#: Bytes taken away. libwebp's encoders flush up to 3 more than its decoder needs; of lossless data it reads 8 ahead.
_TAKEN = {b"VP8 ": 8, b"VP8L": 16, b"ALPH": 16}
_HEAD = 8  # bytes of a chunk's name and length


def check_webp(data: bytes) -> None:
    """Raises MissingPixelsError where ``data``, a still WebP, does not hold all of its pixels.

    Costs one more decode, two with a compressed alpha plane.
    """
    for name, start, end in _streams(data):
        if end - start > 4 * _TAKEN[name] and _decodes(_shortened(data, start, end, _TAKEN[name])):
            words = "alpha plane" if name == b"ALPH" else "pixel data"
            raise MissingPixelsError(f"its {words} is damaged: the picture is complete before the data ends")


def _streams(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, end) of the contents of each chunk that holds compressed pixels."""
    at, end = 12, min(len(data), _HEAD + int.from_bytes(data[4:8], "little"))
    while at + _HEAD <= end:
        name, start = data[at : at + 4], at + _HEAD
        at = start + int.from_bytes(data[at + 4 : start], "little")
        if at > end:
            raise CutShortError
        # The lowest two bits of an alpha plane tell how it is compressed; 1 is as a lossless WebP.
        if name in _TAKEN and (name != b"ALPH" or data[start] & 3 == 1):
            yield name, start, at
        at += at % 2


def _shortened(data: bytes, start: int, end: int, taken: int) -> bytes:
    length = (end - start - taken).to_bytes(4, "little")
    shorter = data[: start - 4] + length + data[start : end - taken] + data[end:]
    return shorter[:4] + (len(shorter) - _HEAD).to_bytes(4, "little") + shorter[8:]


def _decodes(data: bytes) -> bool:
    try:
        with WebPImageFile(io.BytesIO(data)) as picture:
            picture.load()
    except (OSError, EOFError, SyntaxError, ValueError):
        return False
    return True
