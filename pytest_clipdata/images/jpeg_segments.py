"""The segments of a JPEG before its first scan: which of them say something about pixels.

Pillow joins and reads the metadata of a JPEG without a bound (a second for 50 MB of EXIF), so it is never given any.
"""

from __future__ import annotations

import hashlib
import re
from typing import IO

#: A marker that has a segment; zero is a stuffed byte, TEM and the restart markers stand alone.
MARKER = re.compile(rb"\xff+([^\x00\x01\xd0-\xd7\xff])", re.DOTALL)
_JFIF = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"  # version 1.1, pixels are square, no thumbnail

#: Most segments, and most stray bytes between two, before the first scan. A photo has some dozens, and no byte.
MAX_SEGMENTS, _MAX_STRAY = 10_000, 65_536
#: What is read of an EXIF block. The first directory, which holds the orientation, is at its start.
_MAX_EXIF = 1024 * 1024
_START_OF_SCAN, _END_OF_IMAGE, _EXIF, _COMMENT = 0xDA, 0xD9, 0xE1, 0xFE


def read_segments(file: IO[bytes]) -> tuple[bytes, bytes] | None:
    """(a JPEG without metadata that ends with the header of its first scan, the start of the EXIF block).

    ``file`` stands at its start. What is wrong with the segments, whoever opens the result will say. None for more
    than ``MAX_SEGMENTS``.
    """
    kept, exif, size = [file.read(2)], [], 0
    for _ in range(MAX_SEGMENTS):
        marker = _next_marker(file)
        if marker is None or marker == _END_OF_IMAGE:
            break
        length = file.read(2)
        body = file.read(max(0, int.from_bytes(length, "big") - 2))
        segment = bytes([0xFF, marker]) + length + body
        whole = len(segment) == 2 + int.from_bytes(length, "big")
        if whole and _is_metadata(segment):
            if marker == _EXIF and body.startswith(b"Exif\0\0") and size < _MAX_EXIF:
                exif.append(body[6:])
                size += len(body)
            continue
        kept.append(segment)
        if marker == _START_OF_SCAN or not whole:
            break
    else:
        return None
    return b"".join(kept), b"".join(exif)


def _next_marker(file: IO[bytes]) -> int | None:
    """The next marker that has a segment; None where there is none for long."""
    before = 0
    for _ in range(_MAX_STRAY):
        byte = file.read(1)
        if not byte:
            break
        if before == 0xFF and MARKER.match(b"\xff" + byte):
            return byte[0]
        before = byte[0]
    return None


def _is_metadata(segment: bytes) -> bool:
    """Whether a whole segment says nothing about pixels: APPn and COM, but for JFIF and Adobe (the colours)."""
    marker = segment[1]
    if not (0xE0 <= marker <= 0xEF or marker == _COMMENT):
        return False
    return not _is_jfif(segment) and not (marker == 0xEE and segment[4:9] == b"Adobe")


def _is_jfif(segment: bytes) -> bool:
    return segment[1] == 0xE0 and len(segment) >= 18 and segment[4:9] == b"JFIF\0"


def jpeg_pixel_digest(data: bytes, sha256: str, orientation: int) -> str:
    """A digest of what determines a JPEG's pixels: SHA-256 of the file without its metadata, and the orientation.

    Left out are APPn and COM, but for JFIF (in one wording) and Adobe, which tell the decoder the colour space. A file
    that has no more than that is its own best form, and its ``sha256`` the digest. Two JPEGs of equal digest decode to
    equal pixels; the reverse need not hold.
    """
    plain = without_metadata(data)
    if plain != data:
        sha256 = hashlib.sha256(plain).hexdigest()
    return sha256 if orientation == 1 else f"{sha256} orientation {orientation}"


def without_metadata(data: bytes) -> bytes:
    """The JPEG without APPn, COM and stray bytes between its first segments.

    JFIF and Adobe, which tell the colours, stay; from the first SOS on it is the same bytes.
    """
    kept = [data[:2]]
    at = 2
    while (found := MARKER.search(data, at)) is not None:
        marker, at = found[1][0], found.end() - 2
        if marker == _START_OF_SCAN:
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        segment = data[at:end]
        if not _is_metadata(segment):
            kept.append(_JFIF if _is_jfif(segment) else segment)
        at = end
    return b"".join([*kept, data[at:]])
