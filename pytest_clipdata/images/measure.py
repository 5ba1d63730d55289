"""One picture, opened once and read once, becomes ``ImageFacts``. Bad data becomes a status, never an exception.

Runs in worker processes. What Pillow is given has passed the limits: the format by its first bytes, the file's size,
the pixels and frames that the header announces, and its metadata. EXIF rotation is applied and transparency laid on
white before anything is measured, as a browser shows the picture; colour profiles are not applied, as trainers don't.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace

from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.opening import RefusalError, measure_header, unreadable, within_limits
from pytest_clipdata.images.pixels import measure_pixels
from pytest_clipdata.reading.blob import Blob


def measure(blob: Blob, limits: Limits, *, pixels: bool) -> ImageFacts:
    """The facts of a picture; see ``ImageFacts``. Never raises for what its bytes hold, but MemoryError.

    With ``pixels`` its bytes are read once and hashed, and every pixel is decoded; without, the header alone is read
    (of a picture within a file all of it), and gives the same facts of the header. More than ``limits.max_bytes`` are
    not read at all.
    """
    facts = ImageFacts(ImageStatus.OK)
    try:
        with blob.open() as raw, io.BufferedReader(raw) as file:
            size = blob.length(raw)
            facts = replace(facts, bytes=size)
            within_limits(size, limits)
            if not pixels and blob.is_whole_file:
                return measure_header(file, facts, limits)[1]
            data = file.read(size)
        facts = replace(facts, bytes=len(data))
        if not pixels:
            return measure_header(io.BytesIO(data), facts, limits)[1]
        return measure_pixels(data, replace(facts, sha256=hashlib.sha256(data).hexdigest()), limits)
    except RefusalError as refusal:
        return replace(facts, status=refusal.status, error=refusal.words)
    except OSError as error:
        status, words = unreadable(error)
        return replace(facts, status=status, error=words)
