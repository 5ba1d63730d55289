"""A picture file is opened: its header read, and refused before any decoding if it passes a limit."""

from __future__ import annotations

import io
import os
import re
import struct
import warnings
from dataclasses import replace
from typing import IO, Any

from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.first_bytes import (
    exif_orientation,
    is_cut_short,
    sniff,
    stranger,
    tiff_is_too_large,
    webp_size,
)
from pytest_clipdata.images.intact.missing import CutShortError, MissingPixelsError
from pytest_clipdata.images.jpeg_segments import read_segments
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reading.formats import FORMATS
from pytest_clipdata.reading.remote_failures import RemoteError

_CUT_SHORT = str(CutShortError())


# The plugins' own classes, not Image.open: no other format can be tried, no pixel limit but ours can be hit, and a
# JPEG with an embedded gain map stays one JPEG.
OPENERS: dict[str, type[ImageFile]] = {
    "jpeg": JpegImageFile,
    "png": PngImageFile,
    "webp": WebPImageFile,
    "gif": GifImageFile,
    "bmp": BmpImageFile,
    "tiff": TiffImageFile,
    "avif": AvifImageFile,
}


class RefusalError(Exception):
    """Stops a measurement with a status and its words."""

    def __init__(self, status: ImageStatus, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


def read(blob: Blob, limits: Limits) -> bytes:
    """The bytes of a picture. Raises RefusalError if there are none or too many, and OSError."""
    with blob.open() as raw, io.BufferedReader(raw) as file:
        return file.read(within_limits(blob.length(raw), limits))


def within_limits(size: int, limits: Limits) -> int:
    """``size``, in bytes, of a picture. Raises RefusalError if it is 0 or over the limit."""
    if size == 0:
        raise RefusalError(ImageStatus.EMPTY, "the file is empty")
    if size > limits.max_bytes:
        raise RefusalError(ImageStatus.TOO_LARGE, f"the file has {size} bytes, the limit is {limits.max_bytes}")
    return size


def measure_header(file: IO[bytes], facts: ImageFacts, limits: Limits) -> tuple[ImageFile | None, ImageFacts]:
    """(the opened picture, or None where it must not be decoded; the facts of its header)."""
    head = file.read(64)
    name = sniff(head)
    if name is None:
        words = f"{stranger(head + file.read(256))}, not one of {' '.join(FORMATS)}"
        return None, replace(facts, status=ImageStatus.NOT_ALLOWED, error=words)
    facts = replace(facts, format=name)
    if name == "webp" and (size := webp_size(head)):
        facts = replace(facts, width=size[0], height=size[1])
        if size[0] * size[1] > limits.max_pixels:
            return None, _refuse_pixels(facts, limits)
    file.seek(0)
    if name == "tiff" and tiff_is_too_large(file.read()):
        return None, replace(facts, status=ImageStatus.TOO_LARGE, error="its TIFF directory is over the limit")
    if is_cut_short(name, file, facts.bytes or 0):
        return None, replace(facts, status=ImageStatus.TRUNCATED, error=_CUT_SHORT)
    file.seek(0)
    exif: object = None
    if name == "jpeg":
        if (segments := read_segments(file)) is None:
            return None, replace(facts, status=ImageStatus.TOO_LARGE, error="its metadata is over the limit")
        file, exif = io.BytesIO(segments[0]), segments[1]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = OPENERS[name](file)
            several = bool(getattr(picture, "is_animated", False))
    except Exception as error:
        status, words = words_of_error(error, "the header can't be read")
        return None, replace(facts, status=status, error=words)
    orientation = _orientation(picture, exif)
    width, height = picture.size
    # A TIFF's size is already that of the picture as displayed.
    if orientation >= 5 and name != "tiff":
        width, height = height, width
    facts = replace(facts, mode=_mode(picture), width=width, height=height, orientation=orientation)
    if width * height > limits.max_pixels:
        return None, _refuse_pixels(facts, limits)
    if several:
        return None, replace(facts, status=ImageStatus.ANIMATED, error="it holds more than one frame")
    return picture, facts


def _refuse_pixels(facts: ImageFacts, limits: Limits) -> ImageFacts:
    words = f"{facts.width}x{facts.height} pixels, the limit is {limits.max_pixels}"
    return replace(facts, status=ImageStatus.TOO_LARGE, error=words)


def _orientation(picture: ImageFile, exif: object) -> int:
    """1..8; ``exif`` is the block of a JPEG, which Pillow is not given."""
    if isinstance(picture, TiffImageFile):
        value = picture.tag_v2.get(0x0112, 1)
        return value if isinstance(value, int) and 1 <= value <= 8 else 1
    exif = picture.info.get("exif") if exif is None else exif
    return exif_orientation(exif) if isinstance(exif, bytes) else 1


def _mode(picture: ImageFile) -> str:
    """Pillow's mode, or the raw mode of samples that it would cut to 8 bits, such as ``RGB;16B``."""
    arguments: Any = picture.tile[0].args if picture.tile else None
    raw = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    if isinstance(raw, str) and ";16" in raw and not picture.mode.startswith(("I", "F")):
        return raw
    return picture.mode


def unreadable(error: OSError) -> tuple[ImageStatus, str]:
    """(status, words) of why the bytes of a picture cannot be had; those of the operating system for a file."""
    if isinstance(error, RemoteError):
        return ImageStatus.UNREACHABLE, error.told
    return ImageStatus.UNREADABLE, os.strerror(error.errno) if error.errno else str(error)


def words_of_error(error: Exception, doing: str) -> tuple[ImageStatus, str]:
    """(status, stable words) of what a decoder raised: no addresses, paths or reprs."""
    if isinstance(error, MemoryError):
        raise error  # what this machine has is no fact of the file
    text = str(error)
    if isinstance(error, CutShortError):
        return ImageStatus.TRUNCATED, str(error)
    if isinstance(error, MissingPixelsError):
        return ImageStatus.BROKEN, str(error)
    if isinstance(error, Image.DecompressionBombError):
        return ImageStatus.TOO_LARGE, "its pixels are over the limit"
    if re.search(r"too large|exceeds limit|MAX_TEXT", text):
        return ImageStatus.TOO_LARGE, f"{doing}: its metadata is over the limit"
    causes = (EOFError, struct.error, IndexError)
    if (
        isinstance(error, causes)
        or isinstance(error.__cause__, causes)
        or re.search(r"(?i)truncat|too short|end of", text)
    ):
        return ImageStatus.TRUNCATED, _CUT_SHORT
    plain = re.fullmatch(r"[A-Za-z0-9 ,;:.'()-]{1,100}", text) and "0x" not in text
    return ImageStatus.BROKEN, f"{doing}: {text}" if plain else doing
