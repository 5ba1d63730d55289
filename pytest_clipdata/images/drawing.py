"""Pictures as reports and models want to see them. Runs in worker processes, like ``measure``."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
from PIL import Image

from pytest_clipdata.images.decoding import Box, decode
from pytest_clipdata.images.displayed import UPRIGHT, as_displayed, on_white
from pytest_clipdata.images.facts import Drawn, ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.opening import RefusalError, measure_header, read, unreadable, words_of_error
from pytest_clipdata.images.reduced import reduced
from pytest_clipdata.images.signature import raster
from pytest_clipdata.images.visibility import REDUCED_SIDE
from pytest_clipdata.reading.blob import Blob

#: Pictures above this many pixels are given to a model at reduced scale, never below four times the side that it sees.
REDUCED_ABOVE = 2_000_000
#: Longer than this times its short side, a picture is cut to it about its centre: CLIP's centre crop loses the rest,
#: and scaling a 1 x 100000 picture to CLIP's short side would take gigabytes.
_MAX_ASPECT = 32

#: Makes (pixels, the file or the samples, whether they are saturated) of decoded pixels and the facts of their header.
_Draw = Callable[[Image.Image, Box, ImageFacts], tuple[Image.Image, bytes, bool | None]]


def thumbnail(blob: Blob, limits: Limits, *, side: int) -> Drawn:
    """A small WebP, at most ``side`` pixels wide and high, as a browser would show the picture; no metadata."""

    def draw(pixels: Image.Image, box: Box, facts: ImageFacts) -> tuple[Image.Image, bytes, None]:
        small, _ = as_displayed(pixels)
        small.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
        if facts.format != "tiff" and (upright := UPRIGHT.get(facts.orientation or 1)) is not None:
            small = small.transpose(upright)  # Pillow turns a TIFF as it loads
        plain = Image.frombytes("RGB", small.size, small.convert("RGB").tobytes())  # without its EXIF and profile
        out = io.BytesIO()
        plain.save(out, "WEBP", quality=55, method=4)
        return plain, out.getvalue(), None

    return _drawn(blob, limits, lambda facts: side, draw)


def for_clip(blob: Blob, limits: Limits, *, side: int) -> Drawn:
    """The picture for a model that sees ``side`` pixels: RGB, transparency on white, EXIF rotation not applied, as
    transformers 5 does it; ``saturated`` where converting to 8 bits lost all there was to see (samples of 16 bits and
    floats are cut off, silently).

    Whole up to two megapixels, else at a reduced scale that keeps four times ``side``.
    """

    def enough(facts: ImageFacts) -> int:
        width, height = facts.width or 1, facts.height or 1
        return 4 * side if width * height > REDUCED_ABOVE else min(width, height)

    def draw(pixels: Image.Image, box: Box, facts: ImageFacts) -> tuple[Image.Image, bytes, bool]:
        pixels = _cut_about_its_centre(pixels)
        deep = pixels.mode.startswith(("I", "F"))
        shown = pixels.convert("RGB") if deep else on_white(pixels)[0]
        saturated = deep and _saturated(pixels, shown)
        factor = min(shown.size) // enough(facts)
        shown = shown.reduce(factor) if factor > 1 else shown
        return shown, shown.tobytes(), saturated

    return _drawn(blob, limits, enough, draw)


def for_comparison(blob: Blob, limits: Limits, *, side: int) -> Drawn:
    """The raster of ``side`` x ``side`` RGB pixels that the picture's signature was made of, as displayed."""

    def draw(pixels: Image.Image, box: Box, facts: ImageFacts) -> tuple[Image.Image, bytes, None]:
        seen = reduced(pixels, box, facts)
        small = Image.fromarray(raster(seen.picture, seen.box, seen.upright))
        return small, small.tobytes(), None

    return _drawn(blob, limits, lambda facts: REDUCED_SIDE, draw)


def resaved(blob: Blob, limits: Limits, *, side: int) -> Drawn:
    """The picture as a file of its own format, whole, upright, opaque and of 8 bits a sample; ``side`` means nothing.

    Its colour profile is kept, its other metadata are not: a loader may turn by them.
    """

    def draw(pixels: Image.Image, box: Box, facts: ImageFacts) -> tuple[Image.Image, bytes, None]:
        shown, _ = as_displayed(pixels)
        if facts.format != "tiff" and (upright := UPRIGHT.get(facts.orientation or 1)) is not None:
            shown = shown.transpose(upright)  # Pillow turns a TIFF as it loads
        plain = Image.frombytes(shown.mode, shown.size, shown.tobytes())
        profile = pixels.info.get("icc_profile") if shown.mode == pixels.mode else None
        out = io.BytesIO()
        plain.save(out, facts.format, icc_profile=profile, **_SAVING.get(str(facts.format), {}))
        return plain, out.getvalue(), None

    return _drawn(blob, limits, lambda facts: min(facts.width or 1, facts.height or 1), draw)


#: How a format is saved so that nobody sees a difference.
_SAVING: dict[str, dict[str, object]] = {
    "jpeg": {"quality": 95, "subsampling": 0},
    "webp": {"lossless": True},
    "avif": {"quality": 95},
}


def _drawn(blob: Blob, limits: Limits, enough: Callable[[ImageFacts], int], draw: _Draw) -> Drawn:
    """A picture, decoded with ``enough`` pixels of its short side and drawn."""
    try:
        data = read(blob, limits)
    except RefusalError as refusal:
        return Drawn(refusal.status, refusal.words)
    except OSError as error:
        return Drawn(*unreadable(error))
    opened, facts = measure_header(io.BytesIO(data), ImageFacts(ImageStatus.OK, bytes=len(data)), limits)
    if opened is None:
        return Drawn(facts.status, facts.error)
    try:
        pixels, box = decode(opened, data, str(facts.format), enough(facts))
        drawn, content, saturated = draw(pixels, box, facts)
    except Exception as error:
        return Drawn(*words_of_error(error, "the pixels can't be decoded"))
    return Drawn(ImageStatus.OK, None, drawn.width, drawn.height, content, pixels.width * pixels.height, saturated)


def _cut_about_its_centre(pixels: Image.Image) -> Image.Image:
    width, height = pixels.size
    longest = _MAX_ASPECT * min(width, height)
    if max(width, height) <= longest:
        return pixels
    keep_x, keep_y = min(width, longest), min(height, longest)
    left, top = (width - keep_x) // 2, (height - keep_y) // 2
    return pixels.crop((left, top, left + keep_x, top + keep_y))


def _saturated(deep: Image.Image, shown: Image.Image) -> bool:
    """Whether samples of more than 8 bits have something to see and the same as 8 bits have not."""
    low, high = np.asarray(deep.getextrema(), dtype=np.float64)
    # NaN in a float picture counts as something to see.
    return bool(low != high) and all(a == b for a, b in np.asarray(shown.getextrema()))
