"""Says whether an AVIF holds all of its pixels, although the format has no checksum.

As for a WebP: an encoder writes no byte that its decoder does not read. So the picture is decoded a second time after
the last bytes of its compressed data were made padding. Of a whole file the decoder then says that the data ends too
early; where it decodes all the same, the data was damaged before its end.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL.AvifImagePlugin import AvifImageFile

from pytest_clipdata.images.intact.missing import CutShortError, MissingPixelsError

#: Bytes made padding. Of 402 whole files none can spare 12; one of a single pixel can spare 8.
_TAKEN = 16
#: Pictures in tiles have dozens of items; each would cost a decode.
_MAX_DECODES = 4
#: A picture has one place for each item; a hostile file announces billions that take no byte to tell.
_MAX_PLACES = 10_000
#: No AV1 encoder writes so many: its coder gives each symbol some of the range (longest run seen in a whole file: 8).
MAX_ZEROS = 64

_PADDING = 15 << 3 | 2  # an OBU of type 15 with a size (AV1, section 5.3.2)
_FRAMES = (4, 6)  # tile group, frame


def check_avif(data: bytes) -> None:
    """Raises MissingPixelsError where ``data``, a still AVIF, does not hold all of its pixels."""
    items = [list(extents) for kind, extents in _items(data) if kind == b"av01"]
    for extents in items:
        for start, end in extents:
            if end > len(data):
                raise CutShortError
            if data.find(bytes(MAX_ZEROS), start, end) >= 0:
                raise MissingPixelsError(f"a part of its pixel data is zero ({MAX_ZEROS} bytes or more in a row)")
    for extents in items[:_MAX_DECODES]:
        if len(extents) == 1 and (shorter := _shortened(data, *extents[0])) is not None and _decodes(shorter):
            raise MissingPixelsError("its pixel data is damaged: the picture is complete before the data ends")


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, end) of the contents of each box (ISO 14496-12, section 4.2) between two places."""
    while at + 8 <= end:
        length, name, start = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8], at + 8
        if length == 1:
            length, start = int.from_bytes(data[start : start + 8], "big"), start + 8
        stop = at + length if length else end
        if stop < start or stop > end:
            return
        yield name, start, stop
        at = stop


def _items(data: bytes) -> Iterator[tuple[bytes, list[tuple[int, int]]]]:
    """(type, [(start, end) in the file]) of each item of the ``meta`` box whose data lies in the file itself."""
    meta = next(((start, end) for name, start, end in _boxes(data, 0, len(data)) if name == b"meta"), None)
    if meta is None:
        return
    kinds: dict[int, bytes] = {}
    places: dict[int, list[tuple[int, int]]] = {}
    for name, start, end in _boxes(data, meta[0] + 4, meta[1]):
        if name == b"iinf":
            for inner, at, _ in _boxes(data, start + (8 if data[start] else 6), end):
                wide = 4 if data[at] == 3 else 2
                if inner == b"infe" and data[at] >= 2:
                    kind = at + 4 + wide + 2  # behind the item's number and its protection
                    kinds[int.from_bytes(data[at + 4 : at + 4 + wide], "big")] = data[kind : kind + 4]
        elif name == b"iloc":
            places = _locations(data[start:end])
    for item, extents in places.items():
        yield kinds.get(item, b""), extents


def _locations(box: bytes) -> dict[int, list[tuple[int, int]]]:
    """{item: [(start, end)]} of an ``iloc`` box (ISO 14496-12, section 8.11.3)."""
    version, stream = box[0], io.BytesIO(box[4:])

    def number(size: int) -> int:
        return int.from_bytes(stream.read(size), "big")

    sizes = number(2)
    offset, length, base, index = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    places = {}
    left = _MAX_PLACES
    for _ in range(min(number(2 if version < 2 else 4), _MAX_PLACES)):
        item = number(2 if version < 2 else 4)
        method = number(2) & 15 if version else 0
        number(2)
        start = number(base)
        extents = []
        count = min(number(2), left)
        left -= count
        for _ in range(count):
            number(index if version else 0)
            at = start + number(offset)
            extents.append((at, at + number(length)))
        if method == 0:
            places[item] = extents
    return places


def _shortened(data: bytes, start: int, end: int) -> bytes | None:
    """The file with the last bytes of the item's last frame made padding; None if that cannot be done."""
    at = start
    while at < end:
        head, size_at = data[at], at + 1 + (data[at] >> 2 & 1)
        if not head & 2:
            return None
        size, body = _leb128(data, size_at)
        if body + size >= end:
            break
        at = body + size
    else:
        return None
    if head >> 3 & 15 not in _FRAMES or body + size != end or size <= 4 * _TAKEN:
        return None
    wide = body - size_at
    left = size - _TAKEN
    told = bytes((left >> 7 * place & 127) | (128 if place < wide - 1 else 0) for place in range(wide))
    padding = bytes([_PADDING, _TAKEN - 2]) + bytes(_TAKEN - 3) + b"\x80"
    return data[:size_at] + told + data[body : end - _TAKEN] + padding + data[end:]


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """(value, place after it) of a number of 7 bits a byte (AV1, section 4.10.5)."""
    value = 0
    for place in range(8):
        value |= (data[at + place] & 127) << 7 * place
        if not data[at + place] & 128:
            return value, at + place + 1
    return value, at + 8


def _decodes(data: bytes) -> bool:
    try:
        with AvifImageFile(io.BytesIO(data)) as picture:
            picture.load()
    except (OSError, EOFError, SyntaxError, ValueError, RuntimeError):
        return False
    return True
