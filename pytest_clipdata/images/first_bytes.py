"""What the bytes of a picture file say before any decoder is started: its format, how it is turned, what it holds."""

from __future__ import annotations

import struct
from typing import IO

#: Most entries and most bytes of values that the first directory of a TIFF may announce. A hostile directory names
#: the same megabytes thousands of times, and a reader that follows it never ends.
MAX_TIFF_ENTRIES = 4096
MAX_TIFF_VALUE_BYTES = 64 * 1024 * 1024

#: Bytes per value of each TIFF field type (TIFF 6.0, section 2; 16 to 18 are BigTIFF's).
_TIFF_TYPE_BYTES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_ORIENTATION_TAG = 0x0112

#: What else people put into image folders, to name it in the error.
_STRANGERS = (
    (b"%PDF", "a PDF"),
    (b"\x00\x00\x00\x0cjP  ", "a JPEG 2000"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL"),
    (b"\xff\x0a", "a JPEG XL"),
    (b"8BPS", "a Photoshop file"),
    (b"\x00\x00\x01\x00", "an icon file"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"version https://git-lfs", "a Git LFS pointer"),
)


def sniff(data: bytes) -> str | None:
    """The format that the first bytes announce, one of ``formats.FORMATS``, or None. The file's name has no say."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if data.startswith(b"BM"):
        return "bmp"
    if data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "tiff"
    if data[4:8] == b"ftyp" and {data[8:12], *_compatible_brands(data)} & {b"avif", b"avis"}:
        return "avif"
    return None


def _compatible_brands(data: bytes) -> list[bytes]:
    box = data[16 : min(int.from_bytes(data[:4], "big"), 256)]
    return [box[at : at + 4] for at in range(0, len(box), 4)]


def stranger(data: bytes) -> str:
    """What a file of no allowed format seems to be, in words."""
    for magic, words in _STRANGERS:
        if data.startswith(magic):
            return words
    if data[4:8] == b"ftyp":
        return "a HEIC or another ISO media file"
    head = data[:256].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in head:
        return "an SVG"
    if head.startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return "of an unknown format"


def webp_size(data: bytes) -> tuple[int, int] | None:
    """(width, height) of a WebP, from its first 30 bytes: Pillow allocates the canvas when it opens one."""
    chunk = data[12:16]
    if len(data) < 30:
        return None
    if chunk == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


def is_cut_short(name: str, file: IO[bytes], size: int) -> bool:
    """Whether a file of ``size`` bytes is shorter than its own first bytes announce.

    For the formats whose decoders give a cut file no clear word; the others say it themselves. Without its end mark
    a JPEG or PNG is cut short too; a GIF without its trailer still has every pixel.
    """
    file.seek(0)
    head = file.read(16)
    if name == "webp":
        return int.from_bytes(head[4:8], "little") + 8 > size
    if name == "tiff":
        order, big = ("<" if head.startswith(b"II") else ">"), 43 in head[2:4]
        wide = head[8:16] if big else head[4:8]
        at = int.from_bytes(wide if order == ">" else wide[::-1], "big")
        file.seek(min(at, size))
        count = file.read(8 if big else 2)
        return at + (20 if big else 12) * int.from_bytes(count if order == ">" else count[::-1], "big") + 2 > size
    if name == "avif":
        at = 0
        while at + 8 <= size and len(head) >= 8:
            length = int.from_bytes(head[:4], "big")
            length = int.from_bytes(head[8:16], "big") if length == 1 else length or size - at
            at += max(length, 8)
            file.seek(min(at, size))  # 64 bits may be announced, more than a seek takes
            head = file.read(16)
        return at > size
    return False


def exif_orientation(exif: bytes) -> int:
    """The orientation tag of an EXIF block, 1..8; 1 where it is missing, out of range or unreadable.

    Reads the first directory alone and follows no offset out of it, so a hostile block costs nothing.
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order is None:
            return 1
        (at,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, at)
        for entry in range(min(count, MAX_TIFF_ENTRIES)):
            tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, at + 2 + 12 * entry)
            if tag == _ORIENTATION_TAG:
                return value if kind == 3 and 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1


def tiff_is_too_large(data: bytes) -> bool:
    """Whether the first directory of a TIFF announces more entries or bytes of values than a reader should follow."""
    order = "<" if data.startswith(b"II") else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    head, count, entry = ("8xQ", "Q", "HHQ8x") if big else ("4xI", "H", "HHI4x")
    try:
        (at,) = struct.unpack_from(order + head, data)
        (entries,) = struct.unpack_from(order + count, data, at)
        if entries > MAX_TIFF_ENTRIES:
            return True
        at += struct.calcsize(order + count)
        size = struct.calcsize(order + entry)
        fields = (struct.unpack_from(order + entry, data, at + size * number) for number in range(entries))
        total: int = sum(_TIFF_TYPE_BYTES.get(kind, 1) * values for _, kind, values in fields)
        return total > MAX_TIFF_VALUE_BYTES
    except (struct.error, OverflowError):  # an offset of 64 bits is more than an index takes
        return False  # cut short: the decoder says so
