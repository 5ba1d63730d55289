"""Damages picture files as transfers, disks and editors do; every function is a pure function of its arguments.

``data`` is a whole file of one picture. JPEG damage stays in the entropy-coded data: the headers keep their words.
"""

from __future__ import annotations

import random
import re
import struct
import zlib
from collections.abc import Iterator

_END_OF_IMAGE = b"\xff\xd9"
_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}


# -- any format --------------------------------------------------------------------------------------------------


def cut(data: bytes, share: float, end: bytes = b"") -> bytes:
    """The first ``share`` (0..1) of the file, and ``end``."""
    return data[: int(share * len(data))] + end


def zeroed(data: bytes, start: float, stop: float = 1.0) -> bytes:
    """The bytes from share ``start`` to share ``stop`` of the file are zero."""
    first, last = int(start * len(data)), int(stop * len(data))
    return data[:first] + bytes(last - first) + data[last:]


def without(data: bytes, start: float, stop: float) -> bytes:
    """The bytes from share ``start`` to share ``stop`` of the file are gone."""
    return data[: int(start * len(data))] + data[int(stop * len(data)) :]


def random_bytes(data: bytes, count: int, seed: int, first: int = 0, last: int | None = None) -> bytes:
    """``count`` bytes in a row somewhere between ``first`` and ``last`` are replaced by random ones."""
    rng = random.Random(seed)
    last = len(data) if last is None else last
    count = min(count, last - first)
    at = rng.randint(first, last - count)
    return data[:at] + rng.randbytes(count) + data[at + count :]


# -- JPEG --------------------------------------------------------------------------------------------------------


def jpeg_scan(data: bytes) -> tuple[int, int]:
    """(first byte after the first SOS header, place of the end mark)."""
    at = 2
    while data[at + 1] != 0xDA:
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return at + 2 + int.from_bytes(data[at + 2 : at + 4], "big"), data.rindex(_END_OF_IMAGE)


def jpeg_cut(data: bytes, share: float) -> bytes:
    """The scan is cut at ``share`` of its length and closed with an end mark, as a repairing tool leaves it."""
    first, last = jpeg_scan(data)
    return data[: first + int(share * (last - first))] + _END_OF_IMAGE


def jpeg_zeroed(data: bytes, start: float, stop: float = 1.0) -> bytes:
    """The scan is zero between two shares of its length."""
    first, last = jpeg_scan(data)
    return data[:first] + zeroed(data[first:last], start, stop) + data[last:]


def jpeg_without(data: bytes, start: float, stop: float) -> bytes:
    """The scan lacks what was between two shares of its length."""
    first, last = jpeg_scan(data)
    return data[:first] + without(data[first:last], start, stop) + data[last:]


def jpeg_random(data: bytes, count: int, seed: int) -> bytes:
    """``count`` random bytes in a row within the scan."""
    return random_bytes(data, count, seed, *jpeg_scan(data))


def jpeg_taller(data: bytes, factor: float) -> bytes:
    """The frame header announces ``factor`` times the rows."""
    for match in re.finditer(rb"\xff([\xc0-\xcf])", data):
        if match[1][0] in _FRAME_MARKERS:
            at = match.end() + 3
            (rows,) = struct.unpack_from(">H", data, at)
            return data[:at] + struct.pack(">H", min(65500, int(rows * factor))) + data[at + 2 :]
    raise ValueError("no frame header")


def jpeg_without_last_scans(data: bytes, count: int) -> bytes:
    """A progressive JPEG that ends ``count`` scans early."""
    starts = [match.start() for match in re.finditer(rb"\xff\xda", data)]
    end = starts[-count]
    tables = data.rfind(b"\xff\xc4", starts[-count - 1], end)  # the scan's own Huffman table goes with it
    return data[: tables if tables > 0 else end] + _END_OF_IMAGE


# -- PNG ---------------------------------------------------------------------------------------------------------


def png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(name, body) of each chunk."""
    at = 8
    while at + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, at)
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length


def png_chunk(name: bytes, body: bytes) -> bytes:
    """One chunk with its length and its checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_with_data(data: bytes, stream: bytes) -> bytes:
    """The same PNG with another zlib stream in one IDAT; every checksum of a chunk is right."""
    out, written = [data[:8]], False
    for name, body in png_chunks(data):
        if name != b"IDAT":
            out.append(png_chunk(name, body))
        elif not written:
            out.append(png_chunk(b"IDAT", stream))
            written = True
    return b"".join(out)


def png_stream(data: bytes) -> bytes:
    """The zlib stream of all IDAT chunks."""
    return b"".join(body for name, body in png_chunks(data) if name == b"IDAT")


def png_rows(data: bytes, share: float) -> bytes:
    """Only the first ``share`` of the filtered bytes, in one complete zlib stream."""
    raw = zlib.decompress(png_stream(data))
    return png_with_data(data, zlib.compress(raw[: int(share * len(raw))]))


def png_wrong_checksum(data: bytes, name: bytes = b"IDAT") -> bytes:
    """The checksum of the first chunk ``name`` is wrong by one bit."""
    at = data.index(name) - 4
    (length,) = struct.unpack_from(">I", data, at)
    place = at + 8 + length + 3
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def png_without_adler(data: bytes) -> bytes:
    """The zlib stream without its last four bytes, the checksum of the pixels."""
    return png_with_data(data, png_stream(data)[:-4])


def png_unknown_critical(data: bytes) -> bytes:
    """A chunk whose name says that nobody may show the picture without knowing it stands before the pixels."""
    at = data.index(b"IDAT") - 4
    return data[:at] + png_chunk(b"ZZZZ", b"x") + data[at:]


# -- RIFF, boxes -------------------------------------------------------------------------------------------------


def riff_shorter(data: bytes, share: float) -> bytes:
    """A WebP cut at ``share`` whose RIFF length was set to what is left, as some tools repair it."""
    kept = data[: int(share * len(data)) // 2 * 2]
    return kept[:4] + struct.pack("<I", len(kept) - 8) + kept[8:]
