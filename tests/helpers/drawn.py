"""The drawings of ``pictures`` as the bytes of files."""

from __future__ import annotations

import io
import struct
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from helpers import pictures
from helpers.pictures import garment, photo

__all__ = [
    "animated",
    "bomb",
    "cmyk",
    "cut_off",
    "deep",
    "deep_colour",
    "encoded",
    "photo",
    "pointer",
    "see_through",
    "shirt",
    "turned",
]


def encoded(picture: Image.Image, kind: str = "jpeg", **options: Any) -> bytes:
    """The picture as the bytes of a file; JPEG of quality 90 unless told otherwise."""
    out = io.BytesIO()
    picture.save(out, kind, **({"quality": 90} if kind == "jpeg" else {}) | options)
    return out.getvalue()


def _bytes(saver: Callable[..., Path], *arguments: Any) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return saver(*arguments, Path(folder, "picture")).read_bytes()


def shirt(colour: str) -> Image.Image:
    """A T-shirt; every colour has the same cut and pose."""
    return garment("tshirt", colour, seed=1)


def cut_off(data: bytes, share: float = 0.6) -> bytes:
    return data[: int(len(data) * share)]


def bomb() -> bytes:
    """A PNG of 20000 x 20000 pixels in under 2 MB."""
    return _bytes(pictures.bomb)


def deep() -> bytes:
    """A PNG of 16-bit grey samples."""
    return _bytes(pictures.png16, photo(16))


def deep_colour(side: int = 64) -> bytes:
    """A PNG of 16 bits a sample and three samples a pixel, which Pillow reads but does not write."""
    row = b"\0" + b"".join(struct.pack(">3H", x * 999 % 65536, x * 77, 65535 - x * 5) for x in range(side))
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", side, side, 16, 2, 0, 0, 0)), (b"IDAT", zlib.compress(row * side)))
    parts = [struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
             for name, body in (*chunks, (b"IEND", b""))]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def see_through() -> bytes:
    """A palette PNG with a transparent colour."""
    return _bytes(pictures.palette_transparent, shirt("green"))


def animated() -> bytes:
    return _bytes(pictures.animated_gif, photo(1))


def cmyk() -> bytes:
    return _bytes(pictures.cmyk, photo(5))


def turned(size: tuple[int, int] = (300, 240)) -> bytes:
    """A JPEG that EXIF orientation 6 shows as ``size``, a quarter turn from how it is stored."""
    return _bytes(pictures.exif_rotated, photo(6, size))


def pointer() -> bytes:
    """What Git leaves in place of a file that Git LFS has not fetched."""
    return _bytes(pictures.lfs_pointer)
