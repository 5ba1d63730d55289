"""The baseline: findings that are known and don't fail, and pairs of pictures that a person judged different.

An entry says what was found, never where: the picture, the normalised text, the label, the check and the fault itself.
So an inserted, moved or sorted row revives nothing, a row whose content changes is judged anew, and so is a row on
which another fault appears or a known one grows. Two entries of one content stand for two findings; a third is new.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from pytest_clipdata.faults import Fault
from pytest_clipdata.findings import Finding, Place
from pytest_clipdata.reports.visible import visible

_FAULT = 300  #: characters of what was seen; longer values end in a digest already
_TEXT = 160  #: characters of a text in an entry; a longer one ends in a digest of the whole
#: The key of one picture: ``sha256:...`` of its file, or its path where there is no file to read.
Picture = str


@dataclass(frozen=True, slots=True)
class Content:
    """What one row says, whatever its line: its picture's key, its normalised text and its label."""

    picture: Picture
    text: str
    label: str


#: Gives the content of the row at a place, or None if that is a whole source or a row that could not be read.
ContentOf = Callable[[Place], Content | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One known finding. ``message`` is for readers; the other fields are its key.

    ``pictures`` holds one key, both of a pair in sorted order, or none for a finding about a whole source or a row that
    could not be read. ``faults`` is None in an entry of version 1, which knows none: it stands for any fault of its
    check on its row, and for a whole source for the same words without the numbers in them.
    """

    check: str
    pictures: tuple[Picture, ...]
    text: str
    label: str
    source: str
    message: str
    faults: tuple[Fault, ...] | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for two findings of the same row or pair; a pair of pictures is the same with either text.

        The source is part of it: what is known in one split is news in another.
        """
        if not self.pictures:
            return self.check, self.source, self.text
        if len(self.pictures) > 1:
            return self.check, self.source, self.pictures
        return self.check, self.source, self.pictures, self.text, self.label

    def __lt__(self, other: Entry) -> bool:
        """The order of entries in the file."""
        names = ("check", "pictures", "text", "label", "source", "message")
        mine, its = ([*(getattr(entry, name) for name in names), repr(entry.faults)] for entry in (self, other))
        return mine < its

    def knows(self, found: Entry) -> bool:
        """Whether ``found``, of the same key, is what this entry stands for: the same faults, and none worse."""
        if self.faults is None:
            return bool(self.pictures) or _without_numbers(self.message) == _without_numbers(found.message)
        wanted = list(self.faults)
        for fault in found.faults or ():
            match = next((known for known in wanted if known.covers(fault)), None)
            if match is None:
                return False
            wanted.remove(match)
        return bool(found.faults) or not self.faults

    def __str__(self) -> str:
        return f"{self.source}: {self.check}: {self.message}"


@dataclass(frozen=True, slots=True)
class Baseline:
    """``known`` findings, and ``different``: sorted pairs of picture keys that are not the same picture."""

    known: tuple[Entry, ...] = ()
    different: tuple[tuple[Picture, Picture], ...] = ()
    version: int = 2


def entry_of(finding: Finding, content: ContentOf) -> Entry:
    """The entry that makes ``finding`` known."""
    row = content(finding.place)
    message = visible(finding.told(lambda place: place.source), 200)
    source = visible(finding.place.source)
    if row is None:
        return Entry(finding.check, (), _text(finding.value or ""), "", source, message, _faults(finding))
    pictures = _pictures(finding, content) or (visible(row.picture),)
    return Entry(finding.check, pictures, _text(row.text), visible(row.label, 80), source, message, _faults(finding))


def _faults(finding: Finding) -> tuple[Fault, ...]:
    return tuple(
        replace(fault, value=None if fault.value is None else visible(fault.value, _FAULT))
        for fault in sorted(finding.faults, key=repr)
    )


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+(?:[.,]\d+)*", "#", text)


def _pictures(finding: Finding, content: ContentOf) -> tuple[Picture, ...]:
    """The keys of the pictures that a finding compares, sorted; empty if it compares none."""
    if finding.grade is None or not finding.related:
        return ()
    rows = [content(place) for place in (finding.place, *(related.place for related in finding.related[:1]))]
    return tuple(sorted(visible(row.picture) for row in rows if row is not None)) if all(rows) else ()


def judged_different(
    finding: Finding, content: ContentOf, different: Collection[tuple[Picture, Picture]]
) -> set[tuple[Picture, Picture]]:
    """The judged pairs that settle ``finding``; only looks can be judged, equal bytes or pixels can't."""
    if not different or finding.grade != "perceptual":
        return set()
    row = content(finding.place)
    others = [content(related.place) for related in finding.related[:1]]  # that it was looked at beside
    if row is None or not others:
        return set()
    pairs = {sorted_pair(visible(row.picture), visible(other.picture)) if other else ("", "") for other in others}
    return pairs if all(pair in different for pair in pairs) else set()


def sorted_pair(first: Picture, second: Picture) -> tuple[Picture, Picture]:
    return (first, second) if first <= second else (second, first)


def _text(text: str) -> str:
    shown = visible(text[:_TEXT])
    if len(text) <= _TEXT:
        return shown
    return f"{shown}… sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
