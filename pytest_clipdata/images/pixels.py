"""A picture is decoded, and what its pixels say is measured."""

from __future__ import annotations

import hashlib
import io
from dataclasses import asdict, replace

from pytest_clipdata.images.decoding import decode
from pytest_clipdata.images.facts import ImageFacts, Limits
from pytest_clipdata.images.jpeg_segments import jpeg_pixel_digest
from pytest_clipdata.images.opening import measure_header, words_of_error
from pytest_clipdata.images.reduced import reduced
from pytest_clipdata.images.signature import raster, short_hash, sign
from pytest_clipdata.images.visibility import REDUCED_SIDE, visibility_of


def measure_pixels(data: bytes, facts: ImageFacts, limits: Limits) -> ImageFacts:
    """The facts of the header and the pixels of a picture; ``facts`` are those of the file, ``sha256`` among them."""
    opened, facts = measure_header(io.BytesIO(data), facts, limits)
    if opened is None:
        return facts
    try:
        seen = reduced(*decode(opened, data, str(facts.format), REDUCED_SIDE), facts)
        if seen.displayed is None:
            digest = jpeg_pixel_digest(data, str(facts.sha256), facts.orientation or 1)
        else:
            rgb = seen.displayed.convert("RGB")
            digest = hashlib.sha256(b"%dx%d" % rgb.size + rgb.tobytes()).hexdigest()
        small = raster(seen.picture, seen.box, seen.upright)
        phash, signature = short_hash(small), sign(small)
        visibility = visibility_of(seen.picture)
    except Exception as error:
        status, words = words_of_error(error, "the pixels can't be decoded")
        return replace(facts, status=status, error=words)
    return replace(
        facts,
        pixel_digest=digest,
        transparent=seen.transparent,
        phash=phash,
        **asdict(visibility),
        signature=signature,
    )
