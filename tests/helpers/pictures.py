"""Seeded drawings for tests. They are the example dataset's own; nothing is drawn twice in this repository."""

from __future__ import annotations

import sys
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "example_dataset"
if str(EXAMPLE) not in sys.path:
    sys.path.append(str(EXAMPLE))

from catalogue.defects import (  # noqa: E402
    animated_gif,
    blurred,
    bomb,
    cmyk,
    dark,
    exif_rotated,
    jpeg,
    lfs_pointer,
    overexposed,
    palette_transparent,
    png16,
    truncated,
)
from catalogue.paint import COLOURS, garment, photo  # noqa: E402

__all__ = [
    "COLOURS",
    "EXAMPLE",
    "animated_gif",
    "blurred",
    "bomb",
    "cmyk",
    "dark",
    "exif_rotated",
    "garment",
    "jpeg",
    "lfs_pointer",
    "overexposed",
    "palette_transparent",
    "photo",
    "png16",
    "truncated",
]
