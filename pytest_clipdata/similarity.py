"""Which pictures are the same picture: by bytes, by pixels, or to a person's eye.

Groups are stars, not chains. In their order, each picture joins the earliest representative that it matches DIRECTLY,
and is a representative itself where there is none. So with A~B and B~C but A far from C, B joins A and C stays alone:
every member of a group is a copy of its representative, and a long row of small changes never becomes one group.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pytest_clipdata.confirmation import Rows, same_rows
from pytest_clipdata.glance import Glances
from pytest_clipdata.images.facts import ImageFacts, ImageStatus
from pytest_clipdata.images.signature import INNER_VIEW, INVERSE, ORIENTATIONS, Signatures
from pytest_clipdata.neighbours import Indices, near_pairs

_GRADES = ("bytes", "pixels", "perceptual")

_SURE = 7  #: bits within which every pair of hashes is found; of those with 8 to 10 most, which costs a tenth

#: Pairs of pictures that one pair of near hashes may give before each picture is compared with a few only.
_CROWD = 65_536
_NEAREST = 16
_CHUNK = 500_000  #: pairs of pictures that are glanced at together


@dataclass(frozen=True, slots=True)
class SamePicture:
    """The settings under ``[same_picture]``."""

    radius: int = 10  #: bits of the 64-bit pHash in which copies may differ, 0..16
    #: Share of its colour, 0..1, by which a copy may differ: the unexplained chroma over the chroma, both root mean
    #: squares over the picture, once a saturation from 0.7 to 1.4 is allowed for. 0.35 is a hue turned by 20 degrees.
    colour_tolerance: float = 0.35
    orientations: bool = True  #: find mirrored and turned copies
    crops: bool = True  #: find copies that lack up to 5 % of a side or have a thin border


@dataclass(frozen=True, slots=True)
class Match:
    """How one picture is the same as another."""

    of: int  #: index of the other picture
    grade: str  #: ``bytes``, ``pixels`` or ``perceptual``
    transform: str | None  #: how the picture differs from the other: ``mirrored``, ``rotated 90, cropped``, ...
    distance: int | None  #: pHash bits in which the two differ once turned and cropped alike; 0 for the same bytes


@dataclass(frozen=True, slots=True)
class _Likeness:
    """One content is like another: ``orientation`` is how the later one is turned."""

    distance: int
    orientation: int
    cropped: bool


def same_pictures(
    pictures: Sequence[ImageFacts], splits: Sequence[str], training: str | None, rules: SamePicture
) -> tuple[list[Match | None], list[Match | None]]:
    """(duplicates, leaks), each one entry per picture.

    ``pictures`` come in the order in which they may represent others (training split first, then rows), ``splits``
    names the split of each. A duplicate's match is its representative within its own split. A leak's match is, for a
    picture of a split other than ``training``, the best of the training split: best grade, then the smallest
    distance, then the first. Pictures that are not OK or have no SHA-256 match nothing.
    """
    usable = [n for n, facts in enumerate(pictures) if facts.status is ImageStatus.OK and facts.sha256 is not None]
    contents = _contents(pictures, usable)
    first: dict[int, int] = {}
    for n in usable:
        first.setdefault(contents[n], n)
    likenesses = _likenesses(pictures, first, rules)

    duplicates: list[Match | None] = [None] * len(pictures)
    leaks: list[Match | None] = [None] * len(pictures)
    heads: dict[tuple[str, int], int] = {}  # the first picture of a content in a split
    for n in usable:
        heads.setdefault((splits[n], contents[n]), n)
    exact: dict[tuple[str, str], int] = {}  # the first picture of the same bytes in a split
    joined: dict[tuple[str, int], Match | None] = {}
    for n in usable:
        split, content = splits[n], contents[n]
        twin = exact.setdefault((split, str(pictures[n].sha256)), n)
        head = heads[split, content]
        if head == n:
            joined[split, content] = duplicates[n] = _representative(split, content, n, likenesses, heads, joined)
        elif (match := joined[split, content]) is not None:
            duplicates[n] = match
        else:
            duplicates[n] = Match(head, "bytes" if twin == head else "pixels", None, 0)
        if training is not None and split != training:
            same = exact.get((training, str(pictures[n].sha256)))
            leaks[n] = (
                Match(same, "bytes", None, 0)
                if same is not None
                else Match(heads[training, content], "pixels", None, 0)
                if (training, content) in heads
                else _best(content, likenesses, training, heads)
            )
    return duplicates, leaks


def _contents(pictures: Sequence[ImageFacts], usable: Sequence[int]) -> dict[int, int]:
    """The content of each usable picture: a number that pictures of the same bytes or pixels share."""
    by_key: dict[str, int] = {}
    contents = {}
    for n in usable:
        sha256, digest = str(pictures[n].sha256), pictures[n].pixel_digest
        known = by_key.get(sha256)
        if known is None and digest is not None:
            known = by_key.get("pixels " + digest)
        content = n if known is None else known
        by_key.setdefault(sha256, content)
        if digest is not None:
            by_key.setdefault("pixels " + digest, content)
        contents[n] = content
    return contents


def _representative(
    split: str,
    content: int,
    n: int,
    likenesses: dict[int, dict[int, _Likeness]],
    heads: dict[tuple[str, int], int],
    joined: dict[tuple[str, int], Match | None],
) -> Match | None:
    found: Match | None = None
    for other, likeness in likenesses.get(content, {}).items():
        head = heads.get((split, other))
        earlier = head is not None and head < n and (found is None or head < found.of)
        if head is not None and earlier and joined[split, other] is None:
            found = _as_match(head, likeness)
    return found


def _best(
    content: int, likenesses: dict[int, dict[int, _Likeness]], training: str, heads: dict[tuple[str, int], int]
) -> Match | None:
    found = [
        (likeness.distance, head, likeness)
        for other, likeness in likenesses.get(content, {}).items()
        if (head := heads.get((training, other))) is not None
    ]
    if not found:
        return None
    _, head, likeness = min(found, key=lambda each: each[:2])
    return _as_match(head, likeness)


def _as_match(of: int, likeness: _Likeness) -> Match:
    words = [ORIENTATIONS[likeness.orientation]] if likeness.orientation else []
    words += ["cropped"] if likeness.cropped else []
    return Match(of, "perceptual", ", ".join(words) or None, likeness.distance)


def _likenesses(
    pictures: Sequence[ImageFacts], first: dict[int, int], rules: SamePicture
) -> dict[int, dict[int, _Likeness]]:
    """For each content the others that it is like; the orientation is that of the content itself, seen from them."""
    signed = [content for content, n in first.items() if pictures[n].signature is not None]
    if len(signed) < 2:
        return {}
    signatures = Signatures.unpack([pictures[first[content]].signature or b"" for content in signed])
    rows = _candidates(signatures, rules)
    rows = rows.take(same_rows(signatures, rows, rules.colour_tolerance))
    # The best of several ways in which two pictures are alike: nearest, whole before cropped, upright before turned.
    order = np.lexsort((rows.orientation, rows.view, rows.distance))
    found: dict[int, dict[int, _Likeness]] = {}
    columns = (rows.whole, rows.other, rows.orientation, rows.view, rows.distance)
    for whole, other, orientation, view, distance in zip(*(column[order].tolist() for column in columns), strict=True):
        a, b = signed[whole], signed[other]
        if b in found.get(a, {}):
            continue
        cropped = 0 < view < INNER_VIEW
        # ``whole`` turned by ``orientation`` looks like ``other``.
        found.setdefault(b, {})[a] = _Likeness(distance, orientation, cropped)
        found.setdefault(a, {})[b] = _Likeness(distance, INVERSE[orientation], cropped)
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
