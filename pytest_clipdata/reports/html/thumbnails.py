"""Small WebP copies of pictures for the HTML report, drawn by worker processes."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from contextlib import closing
from typing import TypeVar

from pytest_clipdata.images.facts import Limits
from pytest_clipdata.images.workers.pool import WorkerError, draw_all
from pytest_clipdata.reading.blob import Blob

Key = TypeVar("Key", bound=Hashable)

#: Pixels of a side, at most: of few pictures each may be looked at closely, many shall still be seen.
_LARGE, _SMALL = 320, 144
#: Pictures, at most, of which there may be large ones.
_FEW = 120


def thumbnails(
    blobs: Mapping[Key, Blob],
    limits: Limits,
    *,
    workers: int | None = None,
    max_count: int = 1_500,
    max_bytes: int = 2_400_000,
) -> dict[Key, bytes]:
    """WebP data for the first of ``blobs`` that can be had, at most 320 pixels a side, or 144 if there are many.

    Stops at ``max_count`` pictures or ``max_bytes`` in all; equal blobs count once. What passes ``limits``, takes too
    long or does not decode is left out; nothing is raised for a bad picture, nor where no worker can be started.
    """
    wanted = list(dict.fromkeys(blobs.values()))[:max_count]
    side = _LARGE if len(wanted) <= _FEW else _SMALL
    made: dict[Blob, bytes] = {}
    total = 0
    try:
        with closing(draw_all(wanted, "thumbnail", side, limits=limits, workers=workers)) as drawing:
            for blob, drawn in zip(wanted, drawing, strict=True):
                if drawn.data is not None and total + len(drawn.data) <= max_bytes:
                    made[blob] = drawn.data
                    total += len(drawn.data)
                if total >= max_bytes:
                    break
    except WorkerError:  # a report without pictures is better than none
        pass
    return {key: made[blob] for key, blob in blobs.items() if blob in made}
