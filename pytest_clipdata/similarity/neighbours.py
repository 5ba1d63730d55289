"""Near signatures, in near-linear time: pairs of pictures whose views may be the same shape.

Locality-sensitive hashing by sampled bits (Indyk and Motwani, "Approximate nearest neighbors", 1998): each of
``TABLES`` keys is ``KEY_BITS`` fixed bits of one word; pictures that agree in a key meet, and those that meet are
compared bit by bit. The keys are the same for every search, so whether two pictures meet is a matter of these two
alone.

A mirrored picture has some words complemented. Keys of the word of even rows and columns, which mirroring leaves alone,
are taken as they are; keys of the others are complemented where their first bit is set, so that a word and its
complement have one key. Only transposed pictures need keys of their own.

Soft pictures, without an edge, have few bits that no noise can turn. They meet by those of the lowest frequencies too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.images.signature import BOX, VIEWS, WHOLE, Signatures
from pytest_clipdata.similarity.ways import FEWEST, FURTHEST, Words, transposed

Indices = NDArray[np.int64]

TABLES = 48
KEY_BITS = 24
_SOFT = 128  #: sure bits of 256 under which a view also meets others by its lowest frequencies
_CHUNK = 1_000_000  #: meetings that are compared together

#: Orientations of one transposition: which of the words (even/even, even/odd, odd/even, odd/odd) are complemented.
_FLIPS = np.array([(0, 0, 0, 0), (0, 1, 0, 1), (0, 0, 1, 1), (0, 1, 1, 0)], dtype=bool)


@dataclass(frozen=True)
class Meetings:
    """Views of two pictures that are nearly the same shape; one row for each way, sorted and without repeats."""

    first: Indices  #: the picture that is turned
    second: Indices
    orientation: NDArray[np.uint8]  #: of the first, so that it lies like the second
    views: NDArray[np.uint8]  #: (rows, 2): of the first once it is turned, and of the second

    def __len__(self) -> int:
        return len(self.first)


def near_meetings(signatures: Signatures) -> Meetings:
    """All meetings of different pictures in which at most ``FURTHEST`` of the sure bits differ.

    A whole meets any view of another picture, a box meets a box. Every two pictures are there in one order only, but
    where a whole meets a part.
    """
    count = len(signatures)
    rows = []
    for views, against in (((WHOLE,), tuple(range(VIEWS))), ((BOX,), (BOX,))):
        asked = _entries(signatures, views, (False, True))
        kept = _entries(signatures, against, (False,))
        for table in range(TABLES):
            for i, j in _collisions(asked.keys(table), kept.keys(table)):
                rows.append(_compare(asked, kept, i, j, count))
        soft, others = asked.soft(), kept.soft()
        for word, half in product((1, 2, 3), (0x5A5A, 0xA5A5)):
            for i, j in _collisions(asked.low_keys(word, half)[soft], kept.low_keys(word, half)[others]):
                rows.append(_compare(asked, kept, soft[i], others[j], count))
    found = np.concatenate(rows) if rows else np.empty(0, dtype=np.uint64)
    return _unpack(np.unique(found))


@dataclass(frozen=True)
class _Entries:
    """Views of pictures: entry n is of picture n % count."""

    bits: Words  #: (entries, 4)
    sure: Words
    view: NDArray[np.uint8]
    transposed: NDArray[np.bool_]
    count: int

    def keys(self, table: int) -> NDArray[np.uint32]:
        word, places = _samples()[table]
        values = self.bits[:, word]
        key = np.zeros(len(values), dtype=np.uint64)
        for n, place in enumerate(places[1:]):
            key |= ((values >> np.uint64(place)) & np.uint64(1)) << np.uint64(n)
        first = (values >> np.uint64(places[0])) & np.uint64(1)
        if word:  # a complemented word has the same key
            key ^= first * np.uint64((1 << KEY_BITS) - 1)
        return key.astype(np.uint32)

    def soft(self) -> Indices:
        """The entries of which few bits are sure: of their sampled keys most bits are noise."""
        sure = np.bitwise_count(self.sure).sum(axis=1, dtype=np.int64)
        return np.flatnonzero((sure >= FEWEST) & (sure < _SOFT))

    def low_keys(self, word: int, half: int) -> NDArray[np.uint32]:
        """The sure bits of some of the lowest frequencies of the even/even word and of another.

        The other may be complemented: the lesser of both stands for it. ``half`` masks the bits that are taken, so that
        a bit which is just sure in one of two pictures spoils some keys only.
        """
        mask = np.uint64(half)
        even, other, known = (_low(each) & mask for each in (self._told(0), self._told(word), self.sure[:, word]))
        key: NDArray[np.uint64] = even << np.uint64(16) | np.minimum(other, other ^ known)
        return key.astype(np.uint32)

    def _told(self, word: int) -> NDArray[np.uint64]:
        told: NDArray[np.uint64] = self.bits[:, word] & self.sure[:, word]
        return told


def _low(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """16 bits of each word: its lowest four frequencies of each axis."""
    key = np.zeros(len(words), dtype=np.uint64)
    for n, (row, column) in enumerate(np.ndindex(4, 4)):
        key |= ((words >> np.uint64(63 - 8 * row - column)) & np.uint64(1)) << np.uint64(n)
    return key


def _entries(signatures: Signatures, views: tuple[int, ...], turns: tuple[bool, ...]) -> _Entries:
    parts = []
    for turn in turns:
        for view in views:
            bits, sure = signatures.bits[:, view], signatures.sure[:, view]
            parts.append((transposed(bits), transposed(sure)) if turn else (bits, sure))
    count = len(signatures)
    return _Entries(
        np.concatenate([bits for bits, _ in parts]),
        np.concatenate([sure for _, sure in parts]),
        np.repeat(np.tile(np.array(views, dtype=np.uint8), len(turns)), count),
        np.repeat(np.array(turns), len(views) * count),
        count,
    )


@cache
def _samples() -> list[tuple[int, NDArray[np.int64]]]:
    """(word, bits of it) of each table. The first bit of the even/even word is the mean, which is always 1."""
    rng = np.random.default_rng(16)
    samples = []
    for table in range(TABLES):
        word = table % 4
        places = rng.permutation(63 if word == 0 else 64)[: KEY_BITS + 1]
        samples.append((word, places))
    return samples


def _collisions(asked: NDArray[np.uint32], kept: NDArray[np.uint32]) -> Iterator[tuple[Indices, Indices]]:
    """Entries of both with equal keys, a bounded number at a time."""
    asked_keys, asked_order = _sorted(asked)
    kept_keys, kept_order = _sorted(kept)
    starts = np.searchsorted(kept_keys, asked_keys, side="left")
    counts = np.searchsorted(kept_keys, asked_keys, side="right") - starts
    total = np.cumsum(counts)
    at = 0
    while at < len(counts):
        done = int(total[at - 1]) if at else 0
        stop = max(at + 1, int(np.searchsorted(total, done + _CHUNK, side="right")))
        count = counts[at:stop]
        place = np.repeat(starts[at:stop] - (total[at:stop] - count - done), count) + np.arange(total[stop - 1] - done)
        yield np.repeat(asked_order[at:stop], count), kept_order[place]
        at = stop


def _sorted(keys: NDArray[np.uint32]) -> tuple[NDArray[np.uint32], Indices]:
    packed = np.sort(keys.astype(np.uint64) << np.uint64(32) | np.arange(len(keys), dtype=np.uint64))
    return (packed >> np.uint64(32)).astype(np.uint32), (packed & np.uint64(0xFFFFFFFF)).astype(np.int64)


def _compare(asked: _Entries, kept: _Entries, i: Indices, j: Indices, count: int) -> NDArray[np.uint64]:
    """The packed meetings among colliding entries."""
    first, second = i % count, j % count
    # Where both are of one view, each two pictures are compared once.
    some = np.flatnonzero(np.where(asked.view[i] == kept.view[j], first < second, first != second))
    i, j = i[some], j[some]
    both = asked.sure[i] & kept.sure[j]
    told = np.bitwise_count(both).astype(np.int16)
    differ = np.bitwise_count((asked.bits[i] ^ kept.bits[j]) & both).astype(np.int16)
    all_told = told.sum(axis=1)
    limit = np.where(all_told >= FEWEST, all_told * FURTHEST, -1.0)
    out = []
    for flips, words in enumerate(_FLIPS):
        near = np.flatnonzero(np.where(words, told - differ, differ).sum(axis=1) <= limit)
        a, b = i[near], j[near]
        orientation = (asked.transposed[a] * 4 + flips).astype(np.uint64)
        packed = (a % count).astype(np.uint64) << np.uint64(36) | (b % count).astype(np.uint64) << np.uint64(10)
        packed |= orientation << np.uint64(7) | kept.view[b].astype(np.uint64) << np.uint64(4) | asked.view[a]
        out.append(packed)
    return np.concatenate(out)


def _unpack(packed: NDArray[np.uint64]) -> Meetings:
    def part(low: int, bits: int) -> NDArray[np.uint64]:
        return (packed >> np.uint64(low)) & np.uint64((1 << bits) - 1)

    views = np.stack([part(0, 4), part(4, 3)], axis=1).astype(np.uint8)
    return Meetings(part(36, 28).astype(np.int64), part(10, 26).astype(np.int64), part(7, 3).astype(np.uint8), views)
