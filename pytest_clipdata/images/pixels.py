"""A picture is decoded, and what its pixels say is measured."""

from __future__ import annotations

import hashlib
import io
import warnings
from dataclasses import replace

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from pytest_clipdata.images.displayed import as_displayed
from pytest_clipdata.images.facts import ImageFacts, Limits
from pytest_clipdata.images.first_bytes import (
    jpeg_pixel_digest,
)
from pytest_clipdata.images.opening import (
    CUT_SHORT,
    measure_header,
    words_of_error,
)
from pytest_clipdata.images.signature import sign_picture
from pytest_clipdata.images.visibility import REDUCED_SIDE, visibility_of

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


def measure_pixels(data: bytes, facts: ImageFacts, limits: Limits) -> ImageFacts:
    picture, facts = measure_header(io.BytesIO(data), facts, limits)
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
                    raise EOFError(CUT_SHORT)
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
            brightness, contrast, sharpness = visibility_of(shown.getchannel(0))
    except Exception as error:
        status, words = words_of_error(error, "the pixels can't be decoded")
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
