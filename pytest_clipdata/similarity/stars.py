"""Which pictures are the same picture: by bytes, by pixels, or to a person's eye.

Groups are stars, not chains. In their order, each picture joins the earliest representative that it matches DIRECTLY,
and is a representative itself where there is none. So with A~B and B~C but A far from C, B joins A and C stays alone:
every member of a group is a copy of its representative, and a long row of small changes never becomes one group.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pytest_clipdata.images.facts import ImageFacts, ImageStatus
from pytest_clipdata.images.signature import ORIENTATIONS
from pytest_clipdata.similarity.candidates import likenesses_of
from pytest_clipdata.similarity.match import Likeness, Match, SamePicture


def same_pictures(
    pictures: Sequence[ImageFacts], splits: Sequence[str], apart: Mapping[str, Sequence[str]], rules: SamePicture
) -> tuple[list[Match | None], list[Match | None]]:
    """(duplicates, leaks), each one entry per picture.

    ``pictures`` come in the order in which they may represent others (training split first, then rows), ``splits``
    names the split of each. A duplicate's match is its representative within its own split. ``apart`` gives, for a
    split, those with which it may share no picture. A leak's match is the best picture of these: the best grade, then
    the first of the splits, then the smallest distance, then the first picture. Pictures that are not OK or have no
    SHA-256 match nothing.
    """
    usable = [n for n, facts in enumerate(pictures) if facts.status is ImageStatus.OK and facts.sha256 is not None]
    contents = contents_of(pictures, usable)
    first: dict[int, int] = {}
    for n in usable:
        first.setdefault(contents[n], n)
    likenesses = likenesses_of(pictures, first, rules)

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
        leaks[n] = _leak(str(pictures[n].sha256), content, apart.get(split, ()), likenesses, heads, exact)
    return duplicates, leaks


def contents_of(pictures: Sequence[ImageFacts], usable: Sequence[int]) -> dict[int, int]:
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
    likenesses: dict[int, dict[int, Likeness]],
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


def _leak(
    sha256: str,
    content: int,
    apart: Sequence[str],
    likenesses: dict[int, dict[int, Likeness]],
    heads: dict[tuple[str, int], int],
    exact: dict[tuple[str, str], int],
) -> Match | None:
    """The best match of one picture in the splits ``apart``, see `same_pictures`."""
    for grade, first in (
        ("bytes", [exact.get((split, sha256)) for split in apart]),
        ("pixels", [heads.get((split, content)) for split in apart]),
    ):
        found = next((n for n in first if n is not None), None)
        if found is not None:
            return Match(found, grade, None, 0)
    for split in apart:
        near = [
            (likeness.distance, head, likeness)
            for other, likeness in likenesses.get(content, {}).items()
            if (head := heads.get((split, other))) is not None
        ]
        if near:
            _, head, likeness = min(near, key=lambda each: each[:2])
            return _as_match(head, likeness)
    return None


def _as_match(of: int, likeness: Likeness) -> Match:
    words = [ORIENTATIONS[likeness.orientation]] if likeness.orientation else []
    words += ["cropped"] if likeness.cropped else []
    return Match(of, "perceptual", ", ".join(words) or None, likeness.distance)
