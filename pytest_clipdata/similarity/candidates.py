"""Which pictures may be the same, by their hashes, and which of them are, once they are laid over each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.images.facts import ImageFacts
from pytest_clipdata.images.signature import INNER_VIEW, INVERSE, ORIENTATIONS, Signatures
from pytest_clipdata.similarity.confirmation import Rows, same_rows
from pytest_clipdata.similarity.glance import Glances
from pytest_clipdata.similarity.match import Likeness, SamePicture
from pytest_clipdata.similarity.neighbours import Indices, near_pairs

_GRADES = ("bytes", "pixels", "perceptual")
_SURE = 7  #: bits within which every pair of hashes is found; of those with 8 to 10 most, which costs a tenth
#: Pairs of pictures that one pair of near hashes may give before each picture is compared with a few only.
_CROWD = 65_536
_NEAREST = 16
_CHUNK = 500_000  #: pairs of pictures that are glanced at together


def likenesses_of(
    pictures: Sequence[ImageFacts], first: dict[int, int], rules: SamePicture
) -> dict[int, dict[int, Likeness]]:
    """For each content the others that it is like; the orientation is that of the content itself, seen from them."""
    signed = [content for content, n in first.items() if pictures[n].signature is not None]
    if len(signed) < 2:
        return {}
    signatures = Signatures.unpack([pictures[first[content]].signature or b"" for content in signed])
    rows = _candidates(signatures, rules)
    rows = rows.take(same_rows(signatures, rows, rules.colour_tolerance))
    # The best of several ways in which two pictures are alike: nearest, whole before cropped, upright before turned.
    order = np.lexsort((rows.orientation, rows.view, rows.distance))
    found: dict[int, dict[int, Likeness]] = {}
    columns = (rows.whole, rows.other, rows.orientation, rows.view, rows.distance)
    for whole, other, orientation, view, distance in zip(*(column[order].tolist() for column in columns), strict=True):
        a, b = signed[whole], signed[other]
        if b in found.get(a, {}):
            continue
        cropped = 0 < view < INNER_VIEW
        # ``whole`` turned by ``orientation`` looks like ``other``.
        found.setdefault(b, {})[a] = Likeness(distance, orientation, cropped)
        found.setdefault(a, {})[b] = Likeness(distance, INVERSE[orientation], cropped)
    return found


def _candidates(signatures: Signatures, rules: SamePicture) -> Rows:
    """Pairs of pictures with hashes within the radius, whole with whole or centre, inner with inner part.

    Both ways round: a brightened copy is explained by its original, the original not by what was clipped to white.
    """
    ways = len(ORIENTATIONS) if rules.orientations else 1
    views = signatures.views if rules.crops else signatures.views[:, :1]
    glances = Glances.of(signatures)
    means = np.column_stack([glances.mean, signatures.luma.mean(axis=(1, 2))])
    ranks = np.argsort(np.argsort(means, axis=0, kind="stable"), axis=0)
    parts = []
    for turned, seen, first_view in (
        (signatures.turned[:, :ways], views, 0),
        (signatures.inner[:, :ways], signatures.inner[:, :1], INNER_VIEW),
    ):
        for entry, view, distance in _near_entries(turned, seen, ranks, rules.radius):
            rows = Rows(entry // ways, entry % ways, view // seen.shape[1], view % seen.shape[1] + first_view, distance)
            rows = rows.take(rows.whole != rows.other)
            cropped = (rows.view > 0) & (rows.view < INNER_VIEW)
            hopeful = glances.alike(rows.whole, rows.orientation, rows.other, cropped, rules.colour_tolerance)
            parts.append(rows.take(hopeful))
    return Rows(*(np.concatenate(column) for column in zip(*(part.columns() for part in parts), strict=True)))


def _near_entries(
    turned: NDArray[np.uint64], views: NDArray[np.uint64], ranks: Indices, radius: int
) -> Iterator[tuple[Indices, Indices, Indices]]:
    """(flat entry of ``turned``, flat entry of ``views``, distance) of near hashes, a bounded number at a time."""
    left, left_rows = _collapse(turned)
    right, right_rows = _collapse(views)
    near_left, near_right, distances = near_pairs(left, right, radius, _SURE)
    counts = left_rows.count[near_left] * right_rows.count[near_right]
    few = np.flatnonzero(counts <= _CROWD)
    total = np.cumsum(counts[few])
    at = 0
    yield (np.empty(0, dtype=np.int64),) * 3
    while at < len(few):
        done = total[at - 1] if at else 0
        stop = max(at + 1, int(np.searchsorted(total, done + _CHUNK, side="right")))
        some = few[at:stop]
        yield _all_pairs(left_rows, right_rows, near_left[some], near_right[some], distances[some])
        at = stop
    for n in np.flatnonzero(counts > _CROWD):
        members = left_rows.members(near_left[n]), right_rows.members(near_right[n])
        yield _crowded_pairs(*members, int(distances[n]), ranks, views.shape[1], turned.shape[1])


@dataclass(frozen=True)
class _Collapsed:
    order: Indices
    start: Indices
    count: Indices

    def members(self, value: int) -> Indices:
        return self.order[self.start[value] : self.start[value] + self.count[value]]


def _collapse(hashes: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], _Collapsed]:
    """(the different hashes; which flat entries of ``hashes`` hold each, in order)."""
    values, inverse, count = np.unique(hashes.ravel(), return_inverse=True, return_counts=True)
    order = np.argsort(inverse, kind="stable")
    return values, _Collapsed(order, np.cumsum(count) - count, count)


def _all_pairs(
    left: _Collapsed, right: _Collapsed, a: Indices, b: Indices, distances: Indices
) -> tuple[Indices, Indices, Indices]:
    counts = left.count[a] * right.count[b]
    pair = np.repeat(np.arange(len(a)), counts)
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    wide = right.count[b][pair]
    return (
        left.order[left.start[a][pair] + within // wide],
        right.order[right.start[b][pair] + within % wide],
        distances[pair],
    )


def _crowded_pairs(
    left: Indices, right: Indices, distance: int, ranks: Indices, views: int, orientations: int
) -> tuple[Indices, Indices, Indices]:
    """Of many pictures that share one hash, each with the first few and with those nearest in Cb, in Cr and in luma."""
    right = right[np.unique(right // views, return_index=True)[1]]  # of each picture the widest view, once
    offsets = np.arange(-_NEAREST // 2, _NEAREST // 2)[None, :]
    some = [np.broadcast_to(right[:_NEAREST], (len(left), len(right[:_NEAREST])))]
    for rank in ranks.T:
        ordered = right[np.argsort(rank[right // views], kind="stable")]
        place = np.searchsorted(rank[ordered // views], rank[left // orientations])
        some.append(ordered[(place[:, None] + offsets).clip(0, len(right) - 1)])
    chosen = np.sort(np.concatenate(some, axis=1), axis=1)
    once = np.column_stack([np.ones(len(left), dtype=bool), chosen[:, 1:] != chosen[:, :-1]])
    pairs = np.broadcast_to(left[:, None], chosen.shape)[once], chosen[once]
    return *pairs, np.full(len(pairs[0]), distance, dtype=np.int64)
