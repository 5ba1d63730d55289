"""Inflates a zlib stream piece by piece, so that a few bytes that announce gigabytes cost no memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zlib import _Decompress

#: Most bytes of a piece.
PIECE = 256 * 1024
#: What is handed to zlib at once: it copies what it leaves each time.
_INPUT = 64 * 1024


def pieces(inflater: _Decompress, stream: Iterable[memoryview]) -> Iterator[bytes]:
    """What comes out of ``inflater`` (``zlib.decompressobj()``) for ``stream``, in pieces of at most ``PIECE`` bytes.

    Ends with the stream's own end (``inflater.eof`` is then true) or with its data. Raises zlib.error.
    """
    for part in (*stream, memoryview(b"")):
        for at in range(0, len(part) or 1, _INPUT):
            waiting: bytes | memoryview = part[at : at + _INPUT]
            while not inflater.eof:
                piece = inflater.decompress(waiting, PIECE)
                waiting = inflater.unconsumed_tail
                yield piece
                if not waiting and len(piece) < PIECE:
                    break
