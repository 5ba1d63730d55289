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
from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.intact.by_format import check_pixels
from pytest_clipdata.images.intact.jpeg import decode_jpeg
from pytest_clipdata.images.intact.missing import CutShortError, MissingPixelsError
from pytest_clipdata.images.intact.png import checked_png
from pytest_clipdata.images.jpeg_segments import jpeg_pixel_digest
from pytest_clipdata.images.opening import (
    measure_header,
    words_of_error,
)
from pytest_clipdata.images.signature import sign_picture
from pytest_clipdata.images.visibility import REDUCED_SIDE, visibility_of

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
                shown, box = decode_jpeg(data, picture.mode, picture.size, REDUCED_SIDE)
                digest = jpeg_pixel_digest(data, str(facts.sha256), facts.orientation or 1)
            else:
                if isinstance(picture, PngImageFile):
                    picture = PngImageFile(io.BytesIO(checked_png(data)))
                else:
                    check_pixels(data, str(facts.format), picture)
                picture.load()
                shown, transparent = as_displayed(picture)
                if upright is not None and not isinstance(picture, TiffImageFile):  # Pillow turns a TIFF as it loads
                    shown = shown.transpose(upright)
                upright = None
                digest = hashlib.sha256(b"%dx%d" % shown.size + shown.convert("RGB").tobytes()).hexdigest()
                factor = max(1, min(shown.size) // REDUCED_SIDE)
                box = (0.0, 0.0, shown.width / factor, shown.height / factor)
                shown = shown.reduce(factor) if factor > 1 else shown
            shown = shown if shown.mode in ("L", "RGB") else shown.convert("RGB")
            luma = shown.convert("L")
            phash, signature = sign_picture(shown, luma, box, upright)
            brightness, contrast, sharpness = visibility_of(luma)
    except CutShortError as error:
        return replace(facts, status=ImageStatus.TRUNCATED, error=str(error))
    except MissingPixelsError as error:
        return replace(facts, status=ImageStatus.BROKEN, error=str(error))
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
