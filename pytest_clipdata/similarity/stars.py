"""Which pictures are the same picture: by bytes, by pixels, or to a person's eye.

Groups are stars, not chains. In their order, each picture joins the earliest representative that it matches DIRECTLY,
and is a representative itself where there is none. So with A~B and B~C but A far from C, B joins A and C stays alone:
every member of a group is a copy of its representative, and a long row of small changes never becomes one group.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from pytest_clipdata.images.facts import ImageFacts, ImageStatus
from pytest_clipdata.similarity.match import Copy, Match


def same_pictures(
    pictures: Sequence[ImageFacts], splits: Sequence[str], apart: Mapping[str, Sequence[str]], looks: Looks
) -> tuple[list[Match | None], list[Match | None]]:
    """(duplicates, leaks), each one entry per picture.

    ``pictures`` come in the order in which they may represent others (training split first, then rows), ``splits``
    names the split of each. A duplicate's match is the first picture of its split with the same bytes or pixels, else
    the representative that it is a copy of to the eye. ``apart`` gives, for a split, those with which it may share no
    picture. A leak's match is the best picture of these: the best grade, then the first of the splits, then the first
    picture. Pictures that are not OK or have no SHA-256 match nothing.
    """
    usable = [n for n, facts in enumerate(pictures) if facts.status is ImageStatus.OK and facts.sha256 is not None]
    equal = _Equal(pictures, splits, apart, contents_of(pictures, usable))
    to_the_eye = _to_the_eye(pictures, equal, looks)
    duplicates: list[Match | None] = [None] * len(pictures)
    leaks: list[Match | None] = [None] * len(pictures)
    for n in usable:
        head = equal.head(n)
        duplicates[n] = equal.duplicate(n) or to_the_eye.get(("duplicate", head))
        leaks[n] = equal.leak(n) or to_the_eye.get(("leak", head))
    return duplicates, leaks


class Looks(Protocol):
    """Second looks at pictures that may be copies to the eye."""

    def near(self, pictures: Sequence[ImageFacts]) -> Mapping[int, Sequence[int]]:
        """For each picture, by index, those that may be the same as it to the eye."""
        ...

    def look(self, pairs: Sequence[tuple[ImageFacts, ImageFacts]]) -> Sequence[Copy | None]:
        """How the first of each pair is a copy of the second; None if it is not.

        A function of these two pictures alone.
        """
        ...


class _Equal:
    """Which pictures have equal bytes or pixels."""

    def __init__(
        self,
        pictures: Sequence[ImageFacts],
        splits: Sequence[str],
        apart: Mapping[str, Sequence[str]],
        contents: Mapping[int, int],
    ) -> None:
        self._pictures, self._splits, self._apart, self._contents = pictures, splits, apart, contents
        self._heads: dict[tuple[str, int], int] = {}  # the first picture of a content in a split
        self._exact: dict[tuple[str, str], int] = {}  # the first picture of the same bytes in a split
        for n, content in contents.items():
            self._heads.setdefault((splits[n], content), n)
            self._exact.setdefault((splits[n], str(pictures[n].sha256)), n)

    def head(self, n: int) -> int:
        """The first picture of its split with the content of a picture."""
        return self._heads[self._splits[n], self._contents[n]]

    def duplicate(self, n: int) -> Match | None:
        head = self.head(n)
        if head == n:
            return None
        same_bytes = self._pictures[n].sha256 == self._pictures[head].sha256
        return Match(head, "bytes" if same_bytes else "pixels", None, 0)

    def leak(self, n: int) -> Match | None:
        apart = self._apart.get(self._splits[n], ())
        for grade, found in (
            ("bytes", (self._exact.get((split, str(self._pictures[n].sha256))) for split in apart)),
            ("pixels", (self._heads.get((split, self._contents[n])) for split in apart)),
        ):
            first = next((other for other in found if other is not None), None)
            if first is not None:
                return Match(first, grade, None, 0)
        return None

    def questions(self, looks: Looks) -> list[_Question]:
        """What is to be asked of the first picture of each content in each split."""
        near = self._near(looks)
        found = []
        for (split, content), n in self._heads.items():
            earlier = (other for other in self._others([split], near.get(content, ())) if other < n)
            found.append(_Question("duplicate", n, deque(earlier)))
            if self.leak(n) is None:
                apart = self._others(self._apart.get(split, ()), near.get(content, ()))
                found.append(_Question("leak", n, deque(apart)))
        return found

    def _near(self, looks: Looks) -> dict[int, list[int]]:
        """For each content those that may be the same to the eye."""
        first: dict[int, int] = {}
        for n, content in self._contents.items():
            first.setdefault(content, n)
        distinct = list(first)
        near = looks.near([self._pictures[n] for n in first.values()])
        return {distinct[index]: [distinct[other] for other in others] for index, others in near.items()}

    def _others(self, splits: Sequence[str], contents: Sequence[int]) -> Iterator[int]:
        """The first picture of each of these contents, in the order of the splits and then their own."""
        for split in splits:
            yield from sorted(self._heads[split, each] for each in contents if (split, each) in self._heads)


@dataclass(slots=True)
class _Question:
    """Which is the first of some pictures that a picture is a copy of; the pictures that are left."""

    kind: str  #: ``duplicate`` or ``leak``
    of: int
    others: deque[int]


def _to_the_eye(pictures: Sequence[ImageFacts], equal: _Equal, looks: Looks) -> dict[tuple[str, int], Match | None]:
    """The copies to the eye among the first pictures of each content, by kind and picture.

    A picture is looked at beside earlier representatives only, and no further once it has joined one: what is skipped
    could change no group, and in a crowd of equal pictures each is looked at once. Looks that do not wait for each
    other are made together.
    """
    answers: dict[tuple[str, int], Match | None] = {}
    waiting: dict[int, list[_Question]] = {}  # for a picture that may turn out to be a representative
    ready = equal.questions(looks)

    def answer(question: _Question, match: Match | None) -> None:
        answers[question.kind, question.of] = match
        if question.kind == "duplicate":
            ready.extend(waiting.pop(question.of, ()))

    while ready:
        asked = []
        while ready:
            question = ready.pop()
            if not question.others:
                answer(question, None)
            elif question.kind == "leak":
                asked.append(question)
            elif ("duplicate", question.others[0]) not in answers:
                waiting.setdefault(question.others[0], []).append(question)
            elif answers["duplicate", question.others[0]] is None:
                asked.append(question)
            else:  # it represents nothing
                question.others.popleft()
                ready.append(question)
        copies = looks.look([(pictures[question.of], pictures[question.others[0]]) for question in asked])
        for question, copy in zip(asked, copies, strict=True):
            other = question.others.popleft()
            if copy is None:
                ready.append(question)
            else:
                answer(question, Match(other, "perceptual", copy.transform, copy.distance))
    return answers


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
