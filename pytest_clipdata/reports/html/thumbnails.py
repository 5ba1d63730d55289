"""Small WebP copies of pictures for the HTML report."""

from __future__ import annotations

import io
import warnings
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

#: What Pillow may open: the formats that the check ``decodable`` allows by default.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


def thumbnails(
    paths: Mapping[Key, Path],
    *,
    size: int = 144,
    max_count: int = 1_500,
    max_bytes: int = 2_400_000,
    max_file: int = 64 * 1024 * 1024,
    max_pixels: int = 64_000_000,
) -> dict[Key, bytes]:
    """WebP data for the first of ``paths`` that can be had, at most ``size`` pixels a side.

    Stops at ``max_count`` pictures or ``max_bytes`` in all; equal paths count once. Files over ``max_file`` bytes or
    ``max_pixels`` are left out, so is whatever Pillow can't decode; nothing is raised for a bad picture. Pass only
    pictures that were decoded before: a decoder that crashes takes this process with it.
    """
    made: dict[Path, bytes | None] = {}
    thumbs: dict[Key, bytes] = {}
    total = 0
    for key, path in paths.items():
        if path not in made:
            if len(made) >= max_count or total >= max_bytes:
                continue
            data = _thumbnail(path, size, max_file, max_pixels)
            made[path] = data if data is not None and total + len(data) <= max_bytes else None
            total += len(made[path] or b"")
        if (known := made[path]) is not None:
            thumbs[key] = known
    return thumbs


def _thumbnail(path: Path, size: int, max_file: int, max_pixels: int) -> bytes | None:
    from PIL import Image, ImageOps

    try:
        if not path.is_file() or path.stat().st_size > max_file:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=FORMATS) as image:
                if image.width * image.height > max_pixels:
                    return None
                image.draft("RGB", (2 * size, 2 * size))
                upright = ImageOps.exif_transpose(image).convert("RGBA")
                upright.thumbnail((size, size), Image.Resampling.BICUBIC, reducing_gap=2.0)
                flat = Image.new("RGB", upright.size, "white")
                flat.paste(upright, mask=upright)
            buffer = io.BytesIO()
            flat.save(buffer, "WEBP", quality=55, method=4)
            return buffer.getvalue()
    except Exception:  # whatever a decoder thinks up, MemoryError included; the finding says what is wrong
        return None
