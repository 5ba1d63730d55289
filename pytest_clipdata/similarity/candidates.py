"""Pairs of pictures that are worth a second look, from their signatures alone.

Shapes meet (``neighbours``), colours are glanced at (``glance``); blank pictures, which have no shape, meet by colour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.images.signature import WHOLE, Signatures
from pytest_clipdata.similarity.glance import promising
from pytest_clipdata.similarity.neighbours import Indices, near_meetings
from pytest_clipdata.similarity.ways import is_blank

_STEP = 8.0  #: levels, side of the boxes of mean colour in which blank pictures meet
_ALIKE = 6  #: levels by which any cell of two blank pictures may differ
_CHUNK = 200_000


def candidate_pairs(signatures: Signatures, grey: bool = False) -> tuple[Indices, Indices]:
    """(i, j) with i < j, each pair once, sorted by i, then j; with ``grey`` also grey pictures and coloured ones.

    Whether a pair is among them depends on its two signatures alone.
    """
    meetings = near_meetings(signatures)
    some = promising(signatures, meetings, grey)
    low, high = np.minimum(meetings.first, meetings.second)[some], np.maximum(meetings.first, meetings.second)[some]
    blank_low, blank_high = _blank_pairs(signatures)
    count = len(signatures)
    packed = np.unique(np.concatenate([low * count + high, blank_low * count + blank_high]))
    return packed // count, packed % count


def _blank_pairs(signatures: Signatures) -> tuple[Indices, Indices]:
    """Pairs of blank pictures of nearly one colour: neighbours in a grid of mean colours."""
    blank = np.flatnonzero(is_blank(signatures.sure[:, WHOLE]))
    colours = signatures.whole[blank].reshape(len(blank), 144, 3)
    place = np.floor(colours.mean(axis=1) / _STEP).astype(np.int64) + 1
    keys = _key(place)
    order = np.argsort(keys, kind="stable")
    found = [np.empty((0, 2), dtype=np.int64)]
    for step in np.ndindex(3, 3, 3):
        wanted = _key(place + np.array(step) - 1)
        starts = np.searchsorted(keys[order], wanted, side="left")
        counts = np.searchsorted(keys[order], wanted, side="right") - starts
        total = np.cumsum(counts)
        at = 0
        while at < len(counts):
            done = int(total[at - 1]) if at else 0
            stop = max(at + 1, int(np.searchsorted(total, done + _CHUNK, side="right")))
            count = counts[at:stop]
            i = np.repeat(np.arange(at, stop), count)
            offsets = np.arange(total[stop - 1] - done) - np.repeat(total[at:stop] - count - done, count)
            j = order[np.repeat(starts[at:stop], count) + offsets]
            i, j = i[i < j], j[i < j]
            near = np.abs(colours[i].astype(np.int16) - colours[j]).max(axis=(1, 2)) <= _ALIKE
            found.append(np.column_stack([blank[i[near]], blank[j[near]]]))
            at = stop
    pairs = np.concatenate(found)
    return pairs[:, 0], pairs[:, 1]


def _key(place: NDArray[np.int64]) -> Indices:
    key: Indices = (place[:, 0] * 64 + place[:, 1]) * 64 + place[:, 2]
    return key
