"""Says whether a GIF goes on to its end mark. That each frame has all its rows, Pillow sees by itself."""

from __future__ import annotations

import re

from pytest_clipdata.images.intact.missing import CutShortError, MissingPixelsError

_NOT_ZERO = re.compile(rb"[^\0]")
_TRAILER, _EXTENSION, _IMAGE = 0x3B, 0x21, 0x2C


def check_gif(data: bytes) -> None:
    """Raises MissingPixelsError where the blocks of ``data``, a GIF, do not end with a trailer.

    OpenCV gives nothing for such a file. What follows the trailer is of no interest.
    """
    at = 13 + _colours(data[10])
    while at < len(data) and data[at] != _TRAILER:
        if data[at] == _EXTENSION:
            at += 2
        elif data[at] == _IMAGE and at + 9 < len(data):
            at += 11 + _colours(data[at + 9])
        elif data[at] == 0:  # some encoders write an empty block too many
            found = _NOT_ZERO.search(data, at)
            at = found.start() if found else len(data)
            continue
        else:
            break
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    if at >= len(data):
        raise CutShortError
    if data[at] != _TRAILER:
        raise MissingPixelsError("what follows its first frame is damaged")


def _colours(flags: int) -> int:
    """Bytes of the colour table that a descriptor's flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
