"""Says whether a TIFF holds all of its pixels: every strip or tile is there, and its compressed data is whole."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

import simplejpeg

from pytest_clipdata.images.intact.inflate import PIECE, pieces
from pytest_clipdata.images.intact.jpeg import missing, tells_of_loss
from pytest_clipdata.images.intact.missing import CutShortError, MissingPixelsError
from pytest_clipdata.images.intact.rows import check_rows

# Tags (TIFF 6.0).
_WIDTH, _HEIGHT, _BITS, _COMPRESSION = 256, 257, 258, 259
_STRIP_OFFSETS, _SAMPLES, _ROWS_PER_STRIP, _STRIP_BYTES, _PLANAR = 273, 277, 278, 279, 284
_TILE_WIDTH, _TILE_HEIGHT, _TILE_OFFSETS, _TILE_BYTES, _JPEG_TABLES = 322, 323, 324, 325, 347
_NONE, _JPEG, _DEFLATE = 1, 7, (8, 32946)


def check_tiff(data: bytes, tags: Mapping[int, Any]) -> None:
    """Raises MissingPixelsError where ``data``, a TIFF of one picture, does not hold all of its pixels.

    ``tags`` are those of its first directory (Pillow's ``tag_v2``). LZW and PackBits libtiff judges as it decodes.
    """
    tiled = _TILE_OFFSETS in tags
    offsets = _numbers(tags, _TILE_OFFSETS if tiled else _STRIP_OFFSETS)
    lengths = _numbers(tags, _TILE_BYTES if tiled else _STRIP_BYTES)
    name = "tile" if tiled else "strip"
    wanted, size = _layout(tags, tiled)
    if not lengths and len(offsets) == wanted == 1 and tags.get(_COMPRESSION, 1) == _NONE:
        lengths = [size]  # old writers leave it out
    if min(len(offsets), len(lengths)) < wanted:
        raise MissingPixelsError(f"it holds {min(len(offsets), len(lengths))} of {wanted} {name}s")
    parts = []
    for number, (at, length) in enumerate(zip(offsets[:wanted], lengths, strict=False), 1):
        if at == 0 or length == 0:
            raise MissingPixelsError(f"its {name} {number} of {wanted} is missing")
        if at + length > len(data):
            raise CutShortError
        parts.append(memoryview(data)[at : at + length])
    compression = tags.get(_COMPRESSION, _NONE)
    if compression == _NONE and not tiled and size:
        check_rows(b"".join(part[:size] for part in parts), _row_bytes(tags))
    for number, part in enumerate(parts, 1):
        if compression in _DEFLATE:
            _check_deflate(part, size, f"{name} {number} of {wanted}")
        elif compression == _JPEG:
            _check_jpeg(part, tags.get(_JPEG_TABLES, b""), f"{name} {number} of {wanted}")


def _numbers(tags: Mapping[int, Any], tag: int) -> list[int]:
    value = tags.get(tag, ())
    return [int(one) for one in (value if isinstance(value, (tuple, list)) else (value,))]


def _row_bytes(tags: Mapping[int, Any]) -> int:
    """Bytes of one row of a strip; of one sample alone where samples are stored in planes."""
    bits = _numbers(tags, _BITS) or [1]
    planes = tags.get(_PLANAR, 1) == 2
    per_pixel = bits[0] if planes else sum(bits) if len(bits) > 1 else bits[0] * int(tags.get(_SAMPLES, 1))
    return (int(tags.get(_TILE_WIDTH, tags[_WIDTH])) * per_pixel + 7) // 8


def _layout(tags: Mapping[int, Any], tiled: bool) -> tuple[int, int]:
    """(strips or tiles that the picture needs, uncompressed bytes of a full one)."""
    width, height = int(tags[_WIDTH]), int(tags[_HEIGHT])
    planes = int(tags.get(_SAMPLES, 1)) if tags.get(_PLANAR, 1) == 2 else 1
    if tiled:
        across, down = int(tags[_TILE_WIDTH]) or 1, int(tags[_TILE_HEIGHT]) or 1
        return -(-width // across) * -(-height // down) * planes, _row_bytes(tags) * down
    rows = min(int(tags.get(_ROWS_PER_STRIP, height)) or height, height)
    return -(-height // rows) * planes, _row_bytes(tags) * rows


def _check_deflate(part: memoryview, size: int, where: str) -> None:
    """Inflates without keeping anything, for the checksum that libtiff does not look at; it counts the rows itself."""
    inflater, total = zlib.decompressobj(), 0
    try:
        for piece in pieces(inflater, [part]):
            total += len(piece)
            if total > 2 * size + PIECE:  # what follows the last row is not the picture's
                return
    except zlib.error:
        raise MissingPixelsError(f"the compressed data of its {where} is broken") from None
    if not inflater.eof:
        raise MissingPixelsError(f"the compressed data of its {where} ends too early")


def _check_jpeg(part: memoryview, tables: bytes, where: str) -> None:
    stream = tables[:-2] + bytes(part[2:]) if len(tables) > 4 else bytes(part)
    try:
        simplejpeg.decode_jpeg(stream, "rgb", min_width=1, min_height=1, strict=True)
    except ValueError as error:
        if tells_of_loss(str(error), stream):
            raise missing(f"{error} in its {where}") from None
