"""The drawings of ``pictures`` as the bytes of files."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pictures
from pictures import garment, photo
from PIL import Image

__all__ = [
    "animated",
    "bomb",
    "cmyk",
    "cut_off",
    "deep",
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
