"""One picture file, opened once and read once, becomes ``ImageFacts``. Bad data becomes a status, never an exception.

Runs in worker processes. What Pillow is given has passed the limits: the format by its first bytes, the file's size,
the pixels and frames that the header announces, and its metadata. EXIF rotation is applied and transparency laid on
white before anything is measured, as a browser shows the picture; colour profiles are not applied, as trainers don't.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
import re
import stat
import struct
import warnings
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from pytest_clipdata.images.displayed import as_displayed
from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.headers import (
    FORMATS,
    exif_orientation,
    is_cut_short,
    jpeg_pixel_digest,
    sniff,
    stranger,
    tiff_is_too_large,
    webp_size,
)
from pytest_clipdata.images.signature import sign_picture

#: Short side that a reduced decode must keep, and the side at which visibility is measured.
REDUCED_SIDE = 112

_CUT_SHORT = "the file ends before the picture does"
_PNG_END = b"IEND\xaeB`\x82"

_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class _Jpeg(JpegImageFile):
    def _read_dpi_from_exif(self) -> None:
        """Leaves EXIF alone: following all its offsets is work without a bound, for a resolution nobody asked for."""


# The plugins' own classes, not Image.open: no other format can be tried, no pixel limit but ours can be hit, and a
# JPEG with an embedded gain map stays one JPEG.
_OPENERS: dict[str, type[ImageFile]] = {
    "jpeg": _Jpeg,
    "png": PngImageFile,
    "webp": WebPImageFile,
    "gif": GifImageFile,
    "bmp": BmpImageFile,
    "tiff": TiffImageFile,
    "avif": AvifImageFile,
}


class _RefusalError(Exception):
    """Stops a measurement with a status and its words."""

    def __init__(self, status: ImageStatus, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


def measure(path: Path, limits: Limits, *, pixels: bool) -> ImageFacts:
    """The facts of the file ``path``; see ``ImageFacts``. Never raises for what the file holds, but MemoryError.

    With ``pixels`` the whole file is read once and hashed, and every pixel is decoded; without, the header alone is
    read, and gives the same facts of the header. A file over ``limits.max_bytes`` is not read at all.
    """
    facts = ImageFacts(ImageStatus.OK)
    try:
        with _open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            facts = replace(facts, bytes=size)
            if size == 0:
                raise _RefusalError(ImageStatus.EMPTY, "the file is empty")
            if size > limits.max_bytes:
                raise _RefusalError(
                    ImageStatus.TOO_LARGE, f"the file has {size} bytes, the limit is {limits.max_bytes}"
                )
            if not pixels:
                return _measure_header(file, facts, limits)[1]
            data = file.read(limits.max_bytes)
        facts = replace(facts, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        return _measure_pixels(data, facts, limits)
    except _RefusalError as refusal:
        return replace(facts, status=refusal.status, error=refusal.words)
    except OSError as error:
        words = os.strerror(error.errno) if error.errno else "the file can't be read"
        return replace(facts, status=ImageStatus.UNREADABLE, error=words)


def _open_regular(path: Path) -> IO[bytes]:
    # Without O_NONBLOCK opening a pipe would wait for its writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except ValueError:
        raise _RefusalError(ImageStatus.UNREADABLE, "the path holds a NUL character") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _RefusalError(ImageStatus.UNREADABLE, "not a regular file")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _measure_header(file: IO[bytes], facts: ImageFacts, limits: Limits) -> tuple[ImageFile | None, ImageFacts]:
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
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = _OPENERS[name](file)
            several = bool(getattr(picture, "is_animated", False))
    except Exception as error:
        status, words = _judge(error, "the header can't be read")
        return None, replace(facts, status=status, error=words)
    orientation = _orientation(picture)
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


def _orientation(picture: ImageFile) -> int:
    if isinstance(picture, TiffImageFile):
        value = picture.tag_v2.get(0x0112, 1)
        return value if isinstance(value, int) and 1 <= value <= 8 else 1
    exif = picture.info.get("exif", b"")
    return exif_orientation(exif) if isinstance(exif, bytes) else 1


def _mode(picture: ImageFile) -> str:
    """Pillow's mode, or the raw mode of samples that it would cut to 8 bits, such as ``RGB;16B``."""
    arguments: Any = picture.tile[0].args if picture.tile else None
    raw = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    if isinstance(raw, str) and ";16" in raw and not picture.mode.startswith(("I", "F")):
        return raw
    return picture.mode


def _measure_pixels(data: bytes, facts: ImageFacts, limits: Limits) -> ImageFacts:
    picture, facts = _measure_header(io.BytesIO(data), facts, limits)
    if picture is None:
        return facts
    upright = _TRANSPOSE.get(facts.orientation or 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shown: Image.Image
            transparent = False
            if isinstance(picture, JpegImageFile):
                picture.decodermaxblock = len(data) + 1  # the whole stream at once: no row is begun twice
                box = _reduce_jpeg(picture)
                shown = picture
                digest = jpeg_pixel_digest(data, str(facts.sha256), facts.orientation or 1)
            else:
                if isinstance(picture, PngImageFile) and data.rfind(_PNG_END) < 0:
                    raise EOFError(_CUT_SHORT)
                picture.load()
                shown, transparent = as_displayed(picture)
                if upright is not None and not isinstance(picture, TiffImageFile):  # Pillow turns a TIFF as it loads
                    shown = shown.transpose(upright)
                upright = None
                digest = hashlib.sha256(b"%dx%d" % shown.size + shown.convert("RGB").tobytes()).hexdigest()
                factor = max(1, min(shown.size) // REDUCED_SIDE)
                box = (0.0, 0.0, shown.width / factor, shown.height / factor)
                shown = shown.reduce(factor) if factor > 1 else shown
            shown = shown if shown.mode == "YCbCr" else shown.convert("RGB").convert("YCbCr")
            phash, signature = sign_picture(shown, box, upright)
            brightness, contrast, sharpness = _visibility(shown.getchannel(0))
    except Exception as error:
        status, words = _judge(error, "the pixels can't be decoded")
        return replace(facts, status=status, error=words)
    return replace(
        facts,
        pixel_digest=digest,
        transparent=transparent,
        phash=phash,
        brightness=brightness,
        contrast=contrast,
        sharpness=sharpness,
        signature=signature,
    )


def _reduce_jpeg(picture: JpegImageFile) -> tuple[float, float, float, float]:
    """Decodes the JPEG at the smallest of 1/8, 1/4, 1/2, 1 whose short side keeps ``REDUCED_SIDE``; its filled part.

    libjpeg still reads the whole entropy-coded stream. YCbCr is what most files hold: one conversion less.
    """
    short = min(picture.size)
    wanted = tuple(max(1, side * REDUCED_SIDE // short) for side in picture.size)
    ids = [layer[0] for layer in picture.layer]
    # libjpeg's rule (jdapimin.c, default_decompress_parms) for files that hold RGB, which it can't give as YCbCr.
    untold = 0 if ids == [82, 71, 66] else 1
    holds_rgb = "jfif" not in picture.info and picture.info.get("adobe_transform", untold) == 0
    drafted = picture.draft("RGB" if holds_rgb else "YCbCr", (wanted[0], wanted[1]))
    picture.load()
    # The last column or row of a reduced decode may stand for less than a whole one.
    return drafted[1] if drafted else (0.0, 0.0, float(picture.width), float(picture.height))


def _visibility(luma: Image.Image) -> tuple[float, float, float]:
    """(brightness, contrast, sharpness) of the centre square, which is what CLIP sees, at ``REDUCED_SIDE``."""
    short = min(luma.size)
    left, top = (luma.width - short) / 2, (luma.height - short) / 2
    side = (REDUCED_SIDE, REDUCED_SIDE)
    square = luma.resize(side, Image.Resampling.BILINEAR, box=(left, top, left + short, top + short))
    pixels = np.asarray(square).astype(np.int16)
    edges = pixels[:-2, 1:-1] + pixels[2:, 1:-1] + pixels[1:-1, :-2] + pixels[1:-1, 2:] - 4 * pixels[1:-1, 1:-1]
    brightness, variance = _mean_and_variance(pixels)
    return brightness / 255, math.sqrt(variance) / 255, _mean_and_variance(edges)[1]


def _mean_and_variance(whole_numbers: NDArray[np.int16]) -> tuple[float, float]:
    # Sums of whole numbers are exact in float64, in whatever order a machine adds them.
    values = whole_numbers.ravel().astype(np.float64)
    mean = float(values.sum()) / values.size
    return mean, float(np.square(values).sum()) / values.size - mean * mean  # not by a dot: BLAS would start threads


def _judge(error: Exception, doing: str) -> tuple[ImageStatus, str]:
    """(status, stable words) of what a decoder raised: no addresses, paths or reprs."""
    if isinstance(error, MemoryError):
        raise error  # what this machine has is no fact of the file
    text = str(error)
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
