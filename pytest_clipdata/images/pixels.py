"""A picture is decoded, and what its pixels say is measured."""

from __future__ import annotations

import hashlib
import io
from dataclasses import asdict, replace

from pytest_clipdata.images.decoding import decode
from pytest_clipdata.images.displayed import UPRIGHT, as_displayed
from pytest_clipdata.images.facts import ImageFacts, Limits
from pytest_clipdata.images.jpeg_segments import jpeg_pixel_digest
from pytest_clipdata.images.opening import measure_header, words_of_error
from pytest_clipdata.images.signature import sign_picture
from pytest_clipdata.images.visibility import REDUCED_SIDE, visibility_of


def measure_pixels(data: bytes, facts: ImageFacts, limits: Limits) -> ImageFacts:
    """The facts of the header and the pixels of a picture; ``facts`` are those of the file, ``sha256`` among them."""
    opened, facts = measure_header(io.BytesIO(data), facts, limits)
    if opened is None:
        return facts
    upright = UPRIGHT.get(facts.orientation or 1)
    transparent = False
    try:
        shown, box = decode(opened, data, str(facts.format), REDUCED_SIDE)
        if facts.format == "jpeg":
            digest = jpeg_pixel_digest(data, str(facts.sha256), facts.orientation or 1)
        else:
            shown, transparent = as_displayed(shown)
            if upright is not None and facts.format != "tiff":  # Pillow turns a TIFF as it loads
                shown = shown.transpose(upright)
            upright = None
            digest = hashlib.sha256(b"%dx%d" % shown.size + shown.convert("RGB").tobytes()).hexdigest()
            factor = max(1, min(shown.size) // REDUCED_SIDE)
            box = (0.0, 0.0, shown.width / factor, shown.height / factor)
            shown = shown.reduce(factor) if factor > 1 else shown
        shown = shown if shown.mode in ("L", "RGB") else shown.convert("RGB")
        luma = shown.convert("L")
        phash, signature = sign_picture(shown, luma, box, upright)
        visibility = visibility_of(luma)
    except Exception as error:
        status, words = words_of_error(error, "the pixels can't be decoded")
        return replace(facts, status=status, error=words)
    return replace(
        facts,
        pixel_digest=digest,
        transparent=transparent,
        phash=phash,
        **asdict(visibility),
        signature=signature,
    )
