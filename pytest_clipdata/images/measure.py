"""One picture file, opened once and read once, becomes ``ImageFacts``. Bad data becomes a status, never an exception.

Runs in worker processes. What Pillow is given has passed the limits: the format by its first bytes, the file's size,
the pixels and frames that the header announces, and its metadata. EXIF rotation is applied and transparency laid on
white before anything is measured, as a browser shows the picture; colour profiles are not applied, as trainers don't.
"""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import replace
from pathlib import Path

from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.opening import (
    RefusalError,
    measure_header,
)
from pytest_clipdata.images.pixels import measure_pixels
from pytest_clipdata.reading.blob import open_regular


def measure(path: Path, limits: Limits, *, pixels: bool) -> ImageFacts:
    """The facts of the file ``path``; see ``ImageFacts``. Never raises for what the file holds, but MemoryError.

    With ``pixels`` the whole file is read once and hashed, and every pixel is decoded; without, the header alone is
    read, and gives the same facts of the header. A file over ``limits.max_bytes`` is not read at all.
    """
    facts = ImageFacts(ImageStatus.OK)
    try:
        with open_regular(path) as raw, io.BufferedReader(raw) as file:
            size = os.fstat(file.fileno()).st_size
            facts = replace(facts, bytes=size)
            if size == 0:
                raise RefusalError(ImageStatus.EMPTY, "the file is empty")
            if size > limits.max_bytes:
                raise RefusalError(ImageStatus.TOO_LARGE, f"the file has {size} bytes, the limit is {limits.max_bytes}")
            if not pixels:
                return measure_header(file, facts, limits)[1]
            data = file.read(limits.max_bytes)
        facts = replace(facts, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
        return measure_pixels(data, facts, limits)
    except RefusalError as refusal:
        return replace(facts, status=refusal.status, error=refusal.words)
    except OSError as error:
        words = os.strerror(error.errno) if error.errno else str(error)
        return replace(facts, status=ImageStatus.UNREADABLE, error=words)
