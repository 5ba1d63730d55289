"""What a plugin's function says of one picture. Runs in worker processes, like ``measure``."""

from __future__ import annotations

import importlib
import io
import math
import re
from collections.abc import Callable, Sequence

from PIL import Image

from pytest_clipdata.images.decoding import decode
from pytest_clipdata.images.displayed import UPRIGHT, as_displayed
from pytest_clipdata.images.facts import Asked, ImageFacts, ImageStatus, Limits, Value
from pytest_clipdata.images.opening import RefusalError, measure_header, read, unreadable, words_of_error
from pytest_clipdata.reading.blob import Blob

#: Characters of a text that a plugin may say of a picture.
_LONGEST = 2000


def ask(blob: Blob, limits: Limits, *, function: Sequence[str], count: int, side: int) -> Asked:
    """The ``count`` values that a function gives for a picture; ``function`` are its module, name and file.

    Raises ImportError if it cannot be found, which is no fault of the picture.
    """
    asked = _function(*function)
    try:
        picture = _shown(blob, limits, side)
    except RefusalError as refusal:
        return Asked(refusal.status, refusal.words)
    except OSError as error:
        return Asked(*unreadable(error))
    if isinstance(picture, Asked):
        return picture
    try:
        values = tuple(map(_plain, asked(picture)))
    except MemoryError:
        raise
    except Exception as error:
        return Asked(ImageStatus.CRASHED, f"raised {words_of_failure(error)}")
    if len(values) != count:
        return Asked(ImageStatus.CRASHED, f"gave {len(values)} values for {count} facts")
    return Asked(ImageStatus.OK, values=values)


def words_of_failure(error: BaseException) -> str:
    """The kind of an exception and, where it holds no address or path, what it says."""
    kind, text = type(error).__name__, str(error)
    return f"{kind}: {text}" if re.fullmatch(r"[\w ,;:.'()=<>-]{1,200}", text) and "0x" not in text else kind


def _function(module: str, name: str, file: str) -> Callable[[Image.Image], Sequence[object]]:
    found = importlib.import_module(module)
    if (found.__file__ or "") != file:  # two files named conftest.py, for instance
        raise ImportError(f"{module} is {found.__file__} here, not {file}")
    asked: Callable[[Image.Image], Sequence[object]] = getattr(found, name)
    return asked


def _shown(blob: Blob, limits: Limits, side: int) -> Image.Image | Asked:
    """The picture as `facts.step.PictureStep` promises it, or why it cannot be shown."""
    data = read(blob, limits)
    opened, facts = measure_header(io.BytesIO(data), ImageFacts(ImageStatus.OK, bytes=len(data)), limits)
    if opened is None:
        return Asked(facts.status, facts.error)
    try:
        pixels, box = decode(opened, data, str(facts.format), side)
        displayed, _ = as_displayed(pixels)
        size = _scaled(box[2] - box[0], box[3] - box[1], side)
        if size != displayed.size:
            displayed = displayed.resize(size, Image.Resampling.BOX, box=box)
        if facts.format != "tiff" and (upright := UPRIGHT.get(facts.orientation or 1)) is not None:
            displayed = displayed.transpose(upright)  # Pillow turns a TIFF as it loads
        return Image.frombytes("RGB", displayed.size, displayed.convert("RGB").tobytes())  # without its metadata
    except Exception as error:
        return Asked(*words_of_error(error, "the pixels can't be decoded"))


def _scaled(width: float, height: float, side: int) -> tuple[int, int]:
    """The size at which the short side has at most ``side`` pixels."""
    factor = min(1.0, side / min(width, height))
    return max(1, round(width * factor)), max(1, round(height * factor))


def _plain(value: object) -> Value:
    """A value as plain data. Raises TypeError and ValueError for what no column can hold."""
    item = getattr(value, "item", None)
    value = item() if callable(item) else value  # a number of numpy's
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is not a number")
    if isinstance(value, str) and len(value) > _LONGEST:
        raise ValueError(f"a text of more than {_LONGEST} characters")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a {type(value).__name__} is no value of a fact")
