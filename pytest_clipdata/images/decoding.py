"""The one place where the pixels of a picture are decoded: all of them, or none."""

from __future__ import annotations

import io
import warnings

from PIL import Image
from PIL.ImageFile import ImageFile
from PIL.PngImagePlugin import PngImageFile

from pytest_clipdata.images.intact.by_format import check_pixels
from pytest_clipdata.images.intact.jpeg import decode_jpeg
from pytest_clipdata.images.intact.png import checked_png

Box = tuple[float, float, float, float]


def decode(opened: ImageFile, data: bytes, name: str, side: int) -> tuple[Image.Image, Box]:
    """(the pixels as they are stored, the part of them that the picture fills).

    ``opened`` is ``data``, a picture of format ``name``, as ``measure_header`` let it pass. A JPEG comes at a reduced
    scale that keeps ``side`` pixels of its short side, so the last column or row may stand for less than a whole one.
    Raises MissingPixelsError where not all pixels are there, and whatever Pillow and libjpeg raise.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if name == "jpeg":
            return decode_jpeg(data, opened.mode, opened.size, side)
        if name == "png":
            opened = PngImageFile(io.BytesIO(checked_png(data)))
        else:
            check_pixels(data, name, opened)
        opened.load()
        return opened, (0.0, 0.0, float(opened.width), float(opened.height))
