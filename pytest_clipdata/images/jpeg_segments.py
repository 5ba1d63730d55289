"""The segments of a JPEG before its first scan: which of them say something about pixels."""

from __future__ import annotations

import hashlib
import re

#: A marker that has a segment; zero is a stuffed byte, TEM and the restart markers stand alone.
MARKER = re.compile(rb"\xff+([^\x00\x01\xd0-\xd7\xff])", re.DOTALL)
_JFIF = b"\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"  # version 1.1, pixels are square, no thumbnail


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
        if marker == 0xDA:
            break
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xE0 and end - at >= 18 and data[at + 4 : at + 9] == b"JFIF\0":
            kept.append(_JFIF)
        elif not (0xE0 <= marker <= 0xEF or marker == 0xFE) or (marker == 0xEE and data[at + 4 : at + 9] == b"Adobe"):
            kept.append(data[at:end])
        at = end
    return b"".join([*kept, data[at:]])
