"""Which pictures are the same picture: by bytes, by pixels, or to a person's eye.

Groups are stars, not chains. In their order, each picture joins the earliest representative that it matches DIRECTLY,
and is a representative itself where there is none. So with A~B and B~C but A far from C, B joins A and C stays alone:
every member of a group is a copy of its representative, and a long row of small changes never becomes one group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from pytest_clipdata.images.facts import ImageFacts, ImageStatus
from pytest_clipdata.similarity.match import Copy, Match


def same_pictures(
    pictures: Sequence[ImageFacts], splits: Sequence[str], apart: Mapping[str, Sequence[str]], looks: Looks
) -> tuple[list[Match | None], list[Match | None]]:
    """(duplicates, leaks), each one entry per picture.

    ``pictures`` come in the order in which they may represent others (training split first, then rows), ``splits``
    names the split of each. A duplicate's match is its representative within its own split. ``apart`` gives, for a
    split, those with which it may share no picture. A leak's match is the best picture of these: the best grade, then
    the first of the splits, then the first picture. Pictures that are not OK or have no SHA-256 match nothing.
    """
    usable = [n for n, facts in enumerate(pictures) if facts.status is ImageStatus.OK and facts.sha256 is not None]
    search = _Search(pictures, splits, apart, looks, contents_of(pictures, usable))
    duplicates: list[Match | None] = [None] * len(pictures)
    leaks: list[Match | None] = [None] * len(pictures)
    for n in usable:
        duplicates[n] = search.duplicate(n)
        leaks[n] = search.leak(n)
    return duplicates, leaks


class Looks(Protocol):
    """Second looks at pictures that may be copies to the eye."""

    def near(self, pictures: Sequence[ImageFacts]) -> Mapping[int, Sequence[int]]:
        """For each picture, by index, those that may be the same as it to the eye."""
        ...

    def look(self, picture: ImageFacts, other: ImageFacts) -> Copy | None:
        """How ``picture`` is a copy of ``other``; None if it is not. A function of these two pictures alone."""
        ...


class _Search:
    """What is found as the pictures are gone through in their order.

    A picture is looked at beside earlier representatives only, and no further once it has joined one: what is skipped
    could change no group, and in a crowd of equal pictures each is looked at once.
    """

    def __init__(
        self,
        pictures: Sequence[ImageFacts],
        splits: Sequence[str],
        apart: Mapping[str, Sequence[str]],
        looks: Looks,
        contents: Mapping[int, int],
    ) -> None:
        self._pictures, self._splits, self._apart, self._contents = pictures, splits, apart, contents
        self._look = looks.look
        first: dict[int, int] = {}
        self._heads: dict[tuple[str, int], int] = {}  # the first picture of a content in a split
        self._exact: dict[tuple[str, str], int] = {}  # the first picture of the same bytes in a split
        for n, content in contents.items():
            first.setdefault(content, n)
            self._heads.setdefault((splits[n], content), n)
            self._exact.setdefault((splits[n], str(pictures[n].sha256)), n)
        distinct = list(first)
        near = looks.near([pictures[n] for n in first.values()])
        self._near = {distinct[index]: [distinct[other] for other in others] for index, others in near.items()}
        self._joined: dict[tuple[str, int], Match | None] = {}

    def duplicate(self, n: int) -> Match | None:
        """The representative of a picture in its own split; None if it is one itself."""
        split, content = self._splits[n], self._contents[n]
        head = self._heads[split, content]
        if head == n:
            earlier = [other for other in self._of_split(split, content) if other < n]
            free = (other for other in earlier if self._joined[split, self._contents[other]] is None)
            self._joined[split, content] = self._first_alike(n, free)
            return self._joined[split, content]
        if (match := self._joined[split, content]) is not None:
            return match
        same_bytes = self._exact[split, str(self._pictures[n].sha256)] == head
        return Match(head, "bytes" if same_bytes else "pixels", None, 0)

    def leak(self, n: int) -> Match | None:
        """The best match of a picture in the splits that it must not share it with."""
        content, sha256 = self._contents[n], str(self._pictures[n].sha256)
        apart = self._apart.get(self._splits[n], ())
        for grade, first in (
            ("bytes", [self._exact.get((split, sha256)) for split in apart]),
            ("pixels", [self._heads.get((split, content)) for split in apart]),
        ):
            found = next((other for other in first if other is not None), None)
            if found is not None:
                return Match(found, grade, None, 0)
        return self._first_alike(n, (other for split in apart for other in self._of_split(split, content)))

    def _of_split(self, split: str, content: int) -> list[int]:
        """The pictures of a split, in their order, that may be the same as a content to the eye."""
        heads = (self._heads.get((split, other)) for other in self._near.get(content, ()))
        return sorted(head for head in heads if head is not None)

    def _first_alike(self, n: int, others: Iterable[int]) -> Match | None:
        for other in others:
            copy = self._look(self._pictures[n], self._pictures[other])
            if copy is not None:
                return Match(other, "perceptual", copy.transform, copy.distance)
        return None


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
