"""Near pairs among 64-bit hashes, in near-linear time and memory.

Generalised pigeonhole: cut the hash into m bands; two hashes that differ in at most d bits agree in at least m - d
bands. Sorting by every choice of m - d bands puts every such pair side by side; a pair is kept only at the first choice
in which it agrees, so none comes twice and none has to be remembered. More bands mean longer keys, fewer chance
meetings and more sorts: m is what costs least for the number of hashes at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
Indices = NDArray[np.int64]

_CHUNK = 1_000_000  #: candidates that are looked at together


def near_pairs(
    left: Hashes, right: Hashes | None, radius: int, sure: int | None = None
) -> tuple[Indices, Indices, NDArray[np.int64]]:
    """(i, j, distance) of pairs with ``hamming(left[i], right[j]) <= radius``, by i, then j.

    Without ``right`` the pairs are those within ``left``, each once with i < j. ``left`` and ``right`` should hold
    no hash twice: n equal ones are n squared pairs. ``radius`` is 0..32 bits. All pairs within ``sure`` bits (default
    ``radius``) are found, those beyond where their differing bits fall into few bands: the work grows with ``sure``.
    """
    if not 0 <= radius <= 32:
        raise ValueError(f"radius must be 0..32 bits, not {radius}")
    sure = radius if sure is None else min(sure, radius)
    other = left if right is None else right
    bands = _bands(sure, len(left), len(other))
    edges = np.linspace(0, 64, bands + 1).round().astype(int)
    found: list[tuple[Indices, Indices, NDArray[np.int64]]] = []
    for chosen in combinations(range(bands), bands - sure):
        for i, j, differ, distance in _meetings(
            left, right, [(int(edges[b]), int(edges[b + 1])) for b in chosen], radius
        ):
            first = np.ones(len(i), dtype=bool)
            for band in range(chosen[-1] if chosen else 0):
                if band not in chosen:
                    first &= (differ & _mask(int(edges[band]), int(edges[band + 1]))) != 0
            found.append((i[first], j[first], distance[first].astype(np.int64)))
    if not found:
        nothing = np.empty(0, dtype=np.int64)
        return nothing, nothing, nothing
    i, j, distance = (np.concatenate(part) for part in zip(*found, strict=True))
    if right is None:
        i, j = np.minimum(i, j), np.maximum(i, j)
    order = np.lexsort((j, i))
    return i[order], j[order], distance[order].astype(np.int64)


def _bands(sure: int, left: int, right: int) -> int:
    """The number of bands that is least work: sorts and look-ups for each choice of bands, chance meetings in each."""

    def work(bands: int) -> float:
        meetings: float = left * right / 2.0 ** (64 * (bands - sure) / bands)
        return comb(bands, sure) * float(30.0 * (left + right) + 5.0 * meetings)

    return min(range(sure + 1, sure + 6), key=work)


def _mask(low: int, high: int) -> np.uint64:
    return np.uint64((1 << high) - (1 << low))


def _meetings(
    left: Hashes, right: Hashes | None, bands: list[tuple[int, int]], radius: int
) -> Iterator[tuple[Indices, Indices, Hashes, NDArray[np.uint8]]]:
    """(i, j, differing bits, distance) of near pairs that agree in ``bands``, ``_CHUNK`` candidates at a time."""
    keys, order = _sorted_keys(left, bands)
    hashes = left[order]  # in the order of the keys, so that candidates lie side by side in memory
    if right is None:
        other_order, other_hashes, starts = order, hashes, np.arange(1, len(keys) + 1)
        last = np.flatnonzero(np.append(keys[1:] != keys[:-1], True)) + 1
        ends = np.repeat(last, np.diff(last, prepend=0))
    else:
        other_keys, other_order = _sorted_keys(right, bands)
        other_hashes = right[other_order]
        starts, ends = (np.searchsorted(other_keys, keys, side=side) for side in ("left", "right"))
    counts = ends - starts
    some = np.flatnonzero(counts)
    counts, starts = counts[some], starts[some]
    total = np.cumsum(counts)
    at = 0
    while at < len(some):
        done = total[at - 1] if at else 0
        stop = max(at + 1, int(np.searchsorted(total, done + _CHUNK, side="right")))
        count = counts[at:stop]
        place = np.repeat(starts[at:stop] - (total[at:stop] - count - done), count) + np.arange(total[stop - 1] - done)
        differ = np.repeat(hashes[some[at:stop]], count) ^ other_hashes[place]
        distance = np.bitwise_count(differ)
        near = np.flatnonzero(distance <= radius)
        which = some[at + np.searchsorted(total[at:stop] - done, near, side="right")]
        yield order[which], other_order[place[near]], differ[near], distance[near]
        at = stop


def _sorted_keys(hashes: Hashes, bands: list[tuple[int, int]]) -> tuple[Hashes, Indices]:
    """(the bits of ``bands`` side by side, sorted; the index of each)."""
    key = np.zeros_like(hashes)
    width = 0
    for low, high in bands:
        key |= (hashes & _mask(low, high)) >> np.uint64(low) << np.uint64(width)
        width += high - low
    places = max(1, len(hashes) - 1).bit_length()
    if width + places <= 64:  # one plain sort of key and index together is many times faster than an argsort
        packed = np.sort(key << np.uint64(places) | np.arange(len(hashes), dtype=np.uint64))
        return packed >> np.uint64(places), (packed & _mask(0, places)).astype(np.int64)
    order = np.argsort(key, kind="stable")
    return key[order], order
