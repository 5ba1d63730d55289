"""A decoded picture as a browser shows it: eight bits a sample, transparency laid on white."""

from __future__ import annotations

import numpy as np
from PIL import Image

#: What turns a picture upright, by its EXIF orientation (1 is upright).
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def as_displayed(picture: Image.Image) -> tuple[Image.Image, bool]:
    """(RGB or L pixels with transparency laid on white, whether some pixel is not opaque)."""
    if picture.mode.startswith(("I", "F")):
        return _scaled_to_bytes(picture), False
    if picture.has_transparency_data:
        return on_white(picture)
    if picture.mode in ("L", "RGB"):
        return picture, False
    return picture.convert("L" if picture.mode == "1" else "RGB"), False


def on_white(picture: Image.Image) -> tuple[Image.Image, bool]:
    """(RGB pixels with transparency laid on white, whether some pixel is not opaque)."""
    if not picture.has_transparency_data:
        return picture.convert("RGB"), False
    rgba = picture.convert("RGBA")
    if rgba.getchannel("A").getextrema()[0] == 255:
        return rgba.convert("RGB"), False
    white = Image.new("RGBA", rgba.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, rgba).convert("RGB"), True


def _scaled_to_bytes(picture: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float samples as 8 bits: by their type's range, or by their own where that says nothing."""
    samples = np.nan_to_num(np.asarray(picture, dtype=np.float32), posinf=0.0, neginf=0.0)
    low, high = float(samples.min()), float(samples.max())
    if picture.mode.startswith("I;16"):
        low, high = 0.0, 65535.0
    elif low >= 0.0 and high <= 1.0 and picture.mode == "F":
        low, high = 0.0, 1.0
    elif low >= 0.0 and high <= 65535.0:
        low, high = 0.0, 255.0 if high <= 255.0 else 65535.0
    scaled = (samples - low) * (255.0 / (high - low) if high > low else 0.0)
    return Image.fromarray(np.rint(scaled).clip(0, 255).astype(np.uint8))
