"""The one place that knows which check belongs to which format."""

from __future__ import annotations

from typing import Any

from PIL.BmpImagePlugin import BmpImageFile
from PIL.ImageFile import ImageFile
from PIL.TiffImagePlugin import TiffImageFile

from pytest_clipdata.images.intact.avif import check_avif
from pytest_clipdata.images.intact.gif import check_gif
from pytest_clipdata.images.intact.missing import CutShortError
from pytest_clipdata.images.intact.rows import check_rows
from pytest_clipdata.images.intact.tiff import check_tiff
from pytest_clipdata.images.intact.webp import check_webp


def check_pixels(data: bytes, name: str, opened: ImageFile) -> None:
    """Raises MissingPixelsError where ``data``, a still picture, does not hold all of its pixels.

    ``name`` is its format, ``opened`` is it in Pillow, opened and not yet loaded: loading forgets where the rows are.
    What Pillow finds as it loads the picture is not looked for here. JPEG and PNG are judged as they are decoded
    (``decode_jpeg``, ``checked_png``) and pass.
    """
    if name == "webp":
        check_webp(data)
    elif name == "avif":
        check_avif(data)
    elif name == "gif":
        check_gif(data)
    elif isinstance(opened, TiffImageFile):
        check_tiff(data, opened.tag_v2)
    elif isinstance(opened, BmpImageFile) and opened.tile and opened.tile[0].codec_name == "raw":
        _check_bmp(data, opened.tile[0].offset, opened.tile[0].args, opened.height)


def _check_bmp(data: bytes, start: int, arguments: Any, height: int) -> None:
    stride = int(arguments[1])
    rows = data[start : start + stride * height]
    if len(rows) < stride * height:  # Pillow can do without the padding of the last row, OpenCV can't
        raise CutShortError
    check_rows(rows, stride)
