"""From a picture to what CLIP sees, and what can be seen to be wrong with it."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_clipdata.images.facts import Drawn, Limits
from pytest_clipdata.images.workers.pool import draw_all
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.settings.options import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

#: CLIP's channel means and standard deviations of pixels in 0..1 (Radford et al. 2021, the released preprocessing).
CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass(frozen=True, slots=True)
class Opening:
    """How pictures are opened: what one may cost, by how many worker processes at most (None: one a core), and what
    shows how far it is."""

    limits: Limits = field(default_factory=Limits)
    workers: int | None = None
    progress: Progress = lambda total, doing: nullcontext(lambda done: None)

    def pictures(self, paths: Sequence[Path], side: int) -> Generator[Drawn, None, None]:
        """Each picture as RGB for a model that sees ``side`` pixels, in order, decoded by worker processes.

        See ``images.drawing.for_clip``. Close the generator to end the workers early.
        """
        blobs = [Blob.of(path) for path in paths]
        return draw_all(blobs, "for_clip", side, limits=self.limits, workers=self.workers)


def picture_of(drawn: Drawn) -> Image.Image | None:
    """The RGB picture that a worker decoded; None if it could not."""
    from PIL import Image

    if drawn.data is None:
        return None
    return Image.frombytes("RGB", (drawn.width or 0, drawn.height or 0), drawn.data)


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


def planes(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The pixels of each channel, (3, pixels): of a picture (3, h, w), or of patches in which the channel is last."""
    return pixels.reshape(3, -1) if pixels.ndim == 3 else pixels.reshape(-1, 3).T


def is_blank(pixels: NDArray[np.float32]) -> bool:
    """Whether normalised pixels, as `planes` takes them, hold one colour, give or take two of 255 grey levels.

    The padding of patches is zero, so a picture that does not fill them is blank only if it is of that grey.
    """
    values = planes(pixels)
    spread = values.max(axis=1) - values.min(axis=1)
    return bool((spread < 2.5 / 255 / min(CLIP_STD)).all())
