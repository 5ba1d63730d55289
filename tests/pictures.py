"""Small pictures drawn by seeded code: photo-like ones, a garment in any colour, and files with one defect each."""

from __future__ import annotations

import io
import random
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

LFS_POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
    b"size 12345\n"
)


def photo(seed: int, size: tuple[int, int] = (256, 256)) -> Image.Image:
    """Something with shapes, shades and grain; no two seeds look alike."""
    rng = random.Random(seed)
    width, height = size
    picture = Image.new("RGB", size, tuple(rng.randrange(60, 200) for _ in range(3)))
    draw = ImageDraw.Draw(picture)
    for _ in range(14):
        x, y = rng.randrange(width), rng.randrange(height)
        reach = rng.randrange(min(size) // 10, min(size) // 3)
        colour = tuple(rng.randrange(256) for _ in range(3))
        draw.ellipse((x - reach, y - reach // 2, x + reach, y + reach), fill=colour)
    grain = Image.frombytes("L", size, rng.randbytes(width * height)).filter(ImageFilter.GaussianBlur(1))
    return Image.blend(picture, Image.merge("RGB", (grain, grain, grain)), 0.25)


def shirt(colour: str, size: tuple[int, int] = (256, 256)) -> Image.Image:
    """A T-shirt of one colour on white; every colour has the same cut."""
    picture = Image.new("RGB", (400, 400), "white")
    outline = [(130, 60), (170, 80), (230, 80), (270, 60), (360, 130), (320, 190), (280, 160), (280, 350), (120, 350)]
    ImageDraw.Draw(picture).polygon([*outline, (120, 160), (80, 190), (40, 130)], fill=colour)
    return picture.resize(size)


def encoded(picture: Image.Image, kind: str = "jpeg", **options: Any) -> bytes:
    """The picture as the bytes of a file; JPEG of quality 90 unless told otherwise."""
    out = io.BytesIO()
    picture.save(out, kind, **({"quality": 90} if kind == "jpeg" else {}) | options)
    return out.getvalue()


def cut_off(data: bytes, share: float = 0.6) -> bytes:
    return data[: int(len(data) * share)]


def bomb() -> bytes:
    """A PNG of 20000 x 20000 pixels of one colour in under 2 MB."""
    return encoded(Image.new("1", (20_000, 20_000)), "png")


def deep() -> bytes:
    """A PNG of 16-bit grey samples."""
    picture = photo(16).convert("L")
    samples = b"".join(bytes((level, level)) for level in picture.tobytes())
    return encoded(Image.frombytes("I;16B", picture.size, samples).convert("I;16"), "png")


def see_through() -> bytes:
    """A palette PNG with a transparent colour."""
    picture = shirt("green").quantize(16)
    return encoded(picture, "png", transparency=picture.getpixel((0, 0)))


def animated() -> bytes:
    return encoded(photo(1), "gif", save_all=True, append_images=[photo(2)])


def turned(size: tuple[int, int] = (300, 240)) -> bytes:
    """A JPEG that EXIF orientation 6 shows a quarter turn from how it is stored."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(photo(6, size), exif=exif)
