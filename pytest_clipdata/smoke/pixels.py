"""From an image file to what CLIP sees, through Pillow alone; and what can be seen to be wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_clipdata.images.facts import Limits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

#: CLIP's channel means and standard deviations of pixels in 0..1 (Radford et al. 2021, the released preprocessing).
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)

#: JPEGs above this many pixels are decoded at reduced scale, never below four times the side that CLIP sees.
_DRAFT_ABOVE = 2_000_000
#: Longer than this times its short side, a picture is cut to it about its centre: CLIP's centre crop loses the rest,
#: and scaling a 1 x 100000 picture to CLIP's short side would take gigabytes.
_MAX_ASPECT = 32


class UnreadablePictureError(Exception):
    """The pixels of a file could not be had; its text says why in stable words."""


def open_picture(path: Path, side: int) -> tuple[Image.Image, bool]:
    """The decoded picture as RGB, transparency on white, EXIF rotation not applied (as transformers 5 does it);
    and whether converting it to 8 bits lost all there was to see (16-bit and float samples saturate silently).

    Raises:
        UnreadablePictureError: the file is missing, over the pixel limit, or not decodable.
    """
    import warnings

    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own words about size and metadata; the limit below decides
            with Image.open(path) as source:
                width, height = source.size
                if width * height > Limits().max_pixels:
                    raise UnreadablePictureError(f"{width}x{height} is over the pixel limit")
                if source.format == "JPEG" and width * height > _DRAFT_ABOVE:
                    source.draft("RGB", (4 * side, 4 * side))
                source.load()
                picture = _as_rgb(source)
                return picture, _saturated(source, picture)
    except UnreadablePictureError:
        raise
    except FileNotFoundError as error:
        raise UnreadablePictureError("the file is not there") from error
    except Exception as error:  # decoders raise almost anything on hostile bytes
        raise UnreadablePictureError(f"it cannot be decoded ({type(error).__name__})") from error


def clip_pixels(picture: Image.Image, side: int) -> NDArray[np.float32]:
    """An RGB picture as CLIP sees it: float32 of shape (3, side, side), normalised by CLIP's mean and deviation.

    Short side scaled to ``side`` (bicubic), centre crop. Equal to transformers' CLIPImageProcessor with the PIL
    backend within 1e-5 for pictures up to 32 times as long as they are wide.
    """
    import numpy as np
    from PIL import Image

    width, height = picture.size
    short = min(width, height)
    # int() and not round(): an odd remainder would shift the crop by a pixel.
    scaled = (int(side * width / short), int(side * height / short))
    picture = picture.resize(scaled, Image.Resampling.BICUBIC)
    left, top = (scaled[0] - side) // 2, (scaled[1] - side) // 2
    values = np.asarray(picture.crop((left, top, left + side, top + side)), dtype=np.float32) / 255
    normalised = (values - np.array(CLIP_MEAN, np.float32)) / np.array(CLIP_STD, np.float32)
    return np.ascontiguousarray(normalised.transpose(2, 0, 1))


def is_blank(pixels: NDArray[np.float32]) -> bool:
    """Whether normalised pixels (3, h, w) hold one colour, give or take two of 255 grey levels."""
    spread = pixels.reshape(3, -1).max(axis=1) - pixels.reshape(3, -1).min(axis=1)
    return bool((spread < 2.5 / 255 / min(CLIP_STD)).all())


def _as_rgb(source: Image.Image) -> Image.Image:
    from PIL import Image

    width, height = source.size
    short = min(width, height)
    if max(width, height) > _MAX_ASPECT * short:
        keep_x, keep_y = min(width, _MAX_ASPECT * short), min(height, _MAX_ASPECT * short)
        left, top = (width - keep_x) // 2, (height - keep_y) // 2
        info = source.info
        source = source.crop((left, top, left + keep_x, top + keep_y))
        source.info = info
    if "A" in source.getbands() or source.info.get("transparency") is not None:
        white = Image.new("RGBA", source.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, source.convert("RGBA")).convert("RGB")
    return source.convert("RGB")


def _saturated(source: Image.Image, picture: Image.Image) -> bool:
    """Whether a source of more than 8 bits has something to see and its 8-bit picture has not."""
    if not source.mode.startswith(("I", "F")):
        return False
    import numpy as np

    low, high = np.asarray(source.getextrema(), dtype=np.float64)
    # NaN in a float picture counts as something to see.
    return bool(low != high) and all(a == b for a, b in np.asarray(picture.getextrema()))
