"""What the smoke test takes and gives, as plain values; importing them imports neither torch nor Pillow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import pairwise
from math import isfinite, nan
from typing import Any

from pytest_clipdata.reading.blob import Blob


class SmokeError(Exception):
    """The smoke test could not be run, by no fault of the data; its text is one sentence for the user.

    Raised for a device that is not to be had, a checkpoint that cannot be used, and memory that ran out.
    """


@dataclass(frozen=True, slots=True)
class Pair:
    """One row whose label, text and file are there. ``image`` says where the bytes of the picture are, ``row`` is the
    row's number in the source.

    ``matches`` is the label; ``pair_key`` is equal for rows that have the same picture (by content) and text.
    """

    row: int
    image: Blob
    text: str
    matches: bool
    pair_key: str


@dataclass(frozen=True, slots=True)
class SmokeFailure:
    """One reason why CLIP cannot learn from these rows: a stable ``code`` (docs/smoke.md), the cause, its rows."""

    code: str
    message: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SmokeResult:
    """How a smoke test ended.

    ``skipped`` says why nothing was tried (then there are no failures); ``evaluated`` counts the rows trained on.
    ``figures`` are JSON-able and the same from run to run on one machine and device; ``timings`` hold what is not
    (seconds, pairs per second, peak memory in bytes).
    """

    failures: tuple[SmokeFailure, ...] = ()
    skipped: str | None = None
    evaluated: int = 0
    figures: dict[str, Any] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)


def missing_extra() -> str | None:
    """What to install before the smoke test can run, as a sentence; None if all is there. Imports nothing."""
    missing = [name for name in ("torch", "transformers", "safetensors") if find_spec(name) is None]
    if not missing:
        return None
    return f"{' and '.join(missing)} not installed: pip install pytest-clipdata[smoke]"


def sparkline(losses: Sequence[float | None], width: int = 40) -> str:
    """The losses as a line of at most ``width`` block characters, highest loss full; ``!`` for one that is not
    finite or None.

    A longer curve shows the mean of each stretch. An empty curve is an empty string.
    """
    stretches = min(width, len(losses))
    edges = [len(losses) * i // stretches for i in range(stretches + 1)] if stretches else [0]
    heights = [nan if loss is None else loss for loss in losses]
    means = [sum(heights[a:b]) / (b - a) for a, b in pairwise(edges)]
    top = max((mean for mean in means if isfinite(mean)), default=0.0)
    return "".join(_block(mean / top if top else 0.0) if isfinite(mean) else "!" for mean in means)


def _block(share: float) -> str:
    return "▁▂▃▄▅▆▇█"[min(7, max(0, int(share * 8)))]
