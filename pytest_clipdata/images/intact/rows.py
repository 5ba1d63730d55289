"""Says whether uncompressed rows were overwritten with zeros, as far as that can be told from black.

Zeros are black, and black belongs into pictures. But what a picture shows begins and ends at an edge, and an edge that
leaves one row half black, all rows after it black and every pixel before it not is none that a camera or a painter
makes: it would have to be level to less than one row over the whole width.
"""

from __future__ import annotations

import re

from pytest_clipdata.images.intact.missing import MissingPixelsError

#: Zeros are only looked at from this many rows on.
MIN_ROWS = 2
#: Bytes of black that the row before or after may hold: padding of a row, three black pixels.
_DARK = 12
_NOT_ZERO = re.compile(rb"[^\0]")


def check_rows(data: bytes, stride: int) -> None:
    """Raises MissingPixelsError where zeros in ``data``, rows of ``stride`` bytes each, can't be the picture's."""
    rows = len(data) // max(stride, 1)
    if stride < 4 * _DARK or rows < 2 * MIN_ROWS:
        return
    zeros = bytes(MIN_ROWS * stride)
    at = 0
    while (at := data.find(zeros, at)) >= 0:
        found = _NOT_ZERO.search(data, at + len(zeros))
        end = found.start() if found else len(data)
        begun = at == 0 or _is_torn(data[max(0, at - stride) : at], at % stride, stride)
        ended = end == len(data) or _is_torn(data[end : end + stride], end % stride, stride)
        if begun and ended and (at > 0 or end < len(data)):
            raise MissingPixelsError(f"{end - at} bytes of its rows are zero, from the middle of a row on")
        at = end


def _is_torn(beside: bytes, column: int, stride: int) -> bool:
    """Whether zeros that touch ``column`` stop in the middle of a row, and the row beside them is nowhere black."""
    return _DARK <= column <= stride - _DARK and len(beside) == stride and bytes(_DARK) not in beside
