"""Copies of a picture as people make them, by kind."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

Change = Callable[[Image.Image, np.random.Generator], Image.Image]


def opened(source: Path | io.BytesIO) -> Image.Image:
    """A picture as displayed: upright, on white, RGB."""
    with Image.open(source) as picture:
        shown = ImageOps.exif_transpose(picture)
        if shown.mode in ("RGBA", "LA", "PA", "P"):
            rgba = shown.convert("RGBA")
            shown = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba)
        return shown.convert("RGB")


def crop(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    """Without these shares of its sides."""
    width, height = picture.size
    return picture.crop(
        (round(width * left), round(height * top), width - round(width * right), height - round(height * bottom))
    )


def one_sided(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    shares = [0.0, 0.0, 0.0, 0.0]
    shares[int(rng.integers(4))] = 0.05
    return crop(picture, *shares)


def watermark(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Half-transparent words over a third of the width, in one of the corners or the middle of an edge."""
    width, height = picture.size
    words = Image.new("RGBA", (120, 16))
    ImageDraw.Draw(words).text(
        (4, 2), "(c) example shop", fill=(255, 255, 255, 150), stroke_width=1, stroke_fill=(0, 0, 0, 150)
    )
    words = words.resize((max(8, width // 3), max(4, width * 16 // 360)))
    x = int(rng.choice([width // 50, (width - words.width) // 2, width - words.width - width // 50]))
    y = int(rng.choice([height // 50, height - words.height - height // 50]))
    out = picture.convert("RGBA")
    out.alpha_composite(words, (max(0, x), max(0, y)))
    return out.convert("RGB")


def framed(picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    edge = max(1, round(min(picture.size) * 0.01))
    return ImageOps.expand(picture, edge, fill=["black", "white", "red"][int(rng.integers(3))])


def padded(picture: Image.Image, colour: str) -> Image.Image:
    side = max(picture.size)
    out = Image.new("RGB", (side, side), colour)
    out.paste(picture, ((side - picture.width) // 2, (side - picture.height) // 2))
    return out


def _enhanced(kind: type, factor: float) -> Change:
    return lambda picture, rng: kind(picture).enhance(factor)


def _turned(how: Image.Transpose) -> Change:
    return lambda picture, rng: picture.transpose(how)


KINDS: dict[str, Change] = {
    "jpeg q60": lambda picture, rng: picture,
    "half size": lambda p, rng: p.resize((max(1, p.width // 2), max(1, p.height // 2)), Image.Resampling.LANCZOS),
    "crop 3%": lambda picture, rng: crop(picture, 0.03, 0.03, 0.03, 0.03),
    "mirrored": _turned(Image.Transpose.FLIP_LEFT_RIGHT),
    "brightness +12": _enhanced(ImageEnhance.Brightness, 1.12),
    "contrast +12": _enhanced(ImageEnhance.Contrast, 1.12),
    "watermark": watermark,
    "border 1%": framed,
    "webp": lambda picture, rng: picture,
    "brightness +15": _enhanced(ImageEnhance.Brightness, 1.15),
    "brightness -15": _enhanced(ImageEnhance.Brightness, 0.85),
    "contrast +15": _enhanced(ImageEnhance.Contrast, 1.15),
    "contrast -15": _enhanced(ImageEnhance.Contrast, 0.85),
    "crop 5%": lambda picture, rng: crop(picture, 0.05, 0.05, 0.05, 0.05),
    "one-sided 5%": one_sided,
    "rotated 90": _turned(Image.Transpose.ROTATE_270),
    "rotated 180": _turned(Image.Transpose.ROTATE_180),
    "rotated 270": _turned(Image.Transpose.ROTATE_90),
    "jpeg q40": lambda picture, rng: picture,
    "saturation +20": _enhanced(ImageEnhance.Color, 1.2),
    "saturation -20": _enhanced(ImageEnhance.Color, 0.8),
    "padded, white": lambda picture, rng: padded(picture, "white"),
    "padded, black": lambda picture, rng: padded(picture, "black"),
    "grey": lambda picture, rng: picture.convert("L"),
}
MAIN = tuple(KINDS)[:9]  #: those of the goal of .97


def copy(kind: str, picture: Image.Image, name: str) -> bytes:
    """The file of a copy of one kind, the same for the same picture and name."""
    changed = KINDS[kind](picture, np.random.default_rng(zlib.crc32(f"{name} {kind}".encode())))
    out = io.BytesIO()
    if kind == "webp":
        changed.save(out, "WEBP", quality=80)
    else:
        changed.save(out, "JPEG", quality={"jpeg q60": 60, "jpeg q40": 40}.get(kind, 90))
    return out.getvalue()
