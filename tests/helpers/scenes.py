"""Pictures drawn for tests of damage, and the way in which a worker decodes them."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pytest
from PIL import Image

from pytest_clipdata.images.intact.by_format import check_pixels
from pytest_clipdata.images.intact.jpeg import decode_jpeg
from pytest_clipdata.images.intact.missing import MissingPixelsError
from pytest_clipdata.images.intact.png import checked_png
from pytest_clipdata.images.opening import OPENERS

REFUSALS = (MissingPixelsError, OSError, ValueError, SyntaxError, RuntimeError)


def scene(seed: int = 0, size: tuple[int, int] = (320, 261)) -> Image.Image:
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(30, 226, (7, 7, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    grain = np.asarray(coarse) + rng.normal(0, 6, (size[1], size[0], 3))
    return Image.fromarray(grain.clip(3, 255).astype(np.uint8))


def saved(name: str, picture: Image.Image | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    (picture or scene()).save(out, name, **options)
    return out.getvalue()


def load(data: bytes, name: str) -> Image.Image:
    """The picture as the checks hand it on; raises what they and Pillow raise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns of a TIFF that ends too early
        opened = OPENERS[name](io.BytesIO(data))
        if name == "jpeg":
            return decode_jpeg(data, opened.mode, opened.size, 112)[0]
        if name == "png":
            opened = OPENERS[name](io.BytesIO(checked_png(data)))
        check_pixels(data, name, opened)
        opened.load()
    return opened


def words(data: bytes, name: str) -> str:
    with pytest.raises(REFUSALS) as caught:
        load(data, name)
    return str(caught.value)
