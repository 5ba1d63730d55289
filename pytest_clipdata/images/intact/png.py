"""Says whether a PNG holds all of its pixels, and hands the decoder a stream that costs it nothing to inflate again.

Pillow checks neither the checksum of IDAT nor that the stream holds all rows; libpng, which other loaders use, does.
Inflating is half of decoding a PNG, so it is done once, here, and Pillow is given the same rows in stored blocks.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from pytest_clipdata.images.intact.inflate import PIECE, pieces
from pytest_clipdata.images.intact.missing import CutShortError, MissingPixelsError

_SIGNATURE = 8
_KNOWN_CRITICAL = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # a pixel, by colour type
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
#: Adam7 (PNG 1.2, section 2.6): first column, first row, column step, row step.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))

#: Rows of more bytes than this are counted and forgotten, and Pillow inflates the file itself.
MAX_KEPT = 64 * 1024 * 1024
_STORED = 65535  # bytes in a stored block of deflate (RFC 1951, 3.2.4)
_IEND = b"\0\0\0\0IEND\xaeB`\x82"


def checked_png(data: bytes) -> bytes:
    """A PNG of the same pixels whose rows are stored, or ``data`` itself where they are over ``MAX_KEPT`` bytes.

    Raises MissingPixelsError where a checksum is wrong, a critical chunk is unknown, or rows or the end are missing.
    At most ``MAX_KEPT`` bytes are inflated at a time, and little more than the header announces.
    """
    stream: list[memoryview] = []
    header, first_idat, palette, finished = b"", 0, False, False
    for name, body, start in _chunks(data):
        if name == b"IHDR" and not header:
            header = bytes(body)
        elif name == b"PLTE":
            palette = True
        elif name == b"IDAT" and not finished:  # pixels after another chunk are not the picture's
            first_idat = first_idat or start
            stream.append(body)
        finished = finished or (bool(stream) and name != b"IDAT")
    if not stream:
        raise MissingPixelsError("it has no pixel data (IDAT)")
    rows = _rows(header)
    if header[9] == 3 and not palette:
        raise MissingPixelsError("its palette (PLTE) is missing")
    kept, end = _inflate(stream, rows)
    if kept is None:
        return data
    return b"".join([data[:first_idat], *_stored(kept, end), _IEND])


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview, int]]:
    """(name, body, place of the chunk) up to IEND, their checksums and names checked."""
    view = memoryview(data)
    at = _SIGNATURE
    while at + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        name, end = data[at + 4 : at + 8], at + 12 + length
        if end > len(data):
            break
        printed = name.decode("ascii") if name.isalpha() else "unreadable"
        if zlib.crc32(view[at + 4 : end - 4]) != int.from_bytes(view[end - 4 : end], "big"):
            raise MissingPixelsError(f"the checksum of its {printed} chunk is wrong")
        if not name[0] & 32 and name not in _KNOWN_CRITICAL:
            raise MissingPixelsError(f"it holds a critical chunk ({printed}) that is not known, so it can't be shown")
        yield name, view[at + 8 : end - 4], at
        if name == b"IEND":
            return
        at = end
    raise CutShortError


def _rows(header: bytes) -> list[tuple[int, int]]:
    """(rows, bytes of one row with its filter byte) of the picture, or of each pass of an interlaced one."""
    try:
        width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", header)
    except struct.error:
        raise MissingPixelsError("its header (IHDR) is missing") from None
    if depth not in _DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        raise MissingPixelsError("its header announces a kind of pixels that PNG does not have")
    bits = depth * _SAMPLES[colour]
    if not interlace:
        return [(height, 1 + (width * bits + 7) // 8)]
    sizes = (((width - left + dx - 1) // dx, (height - top + dy - 1) // dy) for left, top, dx, dy in _PASSES)
    return [(rows, 1 + (columns * bits + 7) // 8) for columns, rows in sizes if columns > 0 and rows > 0]


def _inflate(stream: list[memoryview], rows: list[tuple[int, int]]) -> tuple[list[bytes] | None, int]:
    """(the rows' bytes in pieces or None if they are too many to keep, their Adler-32); all of them are there."""
    wanted = sum(count * length for count, length in rows)
    kept: list[bytes] | None = [] if wanted <= MAX_KEPT else None
    checksum, total = 1, 0
    inflater = zlib.decompressobj()
    try:
        for piece in pieces(inflater, stream):
            if total < wanted and kept is not None:
                useful = piece[: wanted - total]
                kept.append(useful)
                checksum = zlib.adler32(useful, checksum)
            total += len(piece)
            if total > 2 * wanted + PIECE:  # what follows the last row is not the picture's
                return kept, checksum
    except zlib.error as error:
        checked = "data check" in str(error)  # zlib compares the checksum when all else is done
        words = "the checksum of its pixel data is wrong" if checked else "its compressed pixel data is broken"
        raise MissingPixelsError(words) from None
    if total < wanted:
        raise MissingPixelsError(f"its pixel data ends {_place(total, rows)}")
    if not inflater.eof:
        raise MissingPixelsError("the end of its pixel data is missing")
    return kept, checksum


def _place(total: int, rows: list[tuple[int, int]]) -> str:
    if len(rows) == 1:
        return f"at row {total // rows[0][1]} of {rows[0][0]}"
    for number, (count, length) in enumerate(rows, 1):
        if total < count * length:
            return f"at row {total // length} of {count} in pass {number} of {len(rows)}"
        total -= count * length
    return "after its last row"


def _stored(kept: list[bytes], checksum: int) -> list[bytes | memoryview]:
    """The pieces of an IDAT chunk that holds the rows uncompressed."""
    parts: list[bytes | memoryview] = [b"\x78\x01"]
    for piece in kept:
        view = memoryview(piece)
        for at in range(0, len(piece), _STORED):
            block = view[at : at + _STORED]
            parts += [struct.pack("<BHH", 0, len(block), len(block) ^ 0xFFFF), block]
    parts += [b"\1\0\0\xff\xff", checksum.to_bytes(4, "big")]
    length, crc = sum(map(len, parts)), zlib.crc32(b"IDAT")
    for part in parts:
        crc = zlib.crc32(part, crc)
    return [struct.pack(">I", length), b"IDAT", *parts, struct.pack(">I", crc)]
