"""What the page's script makes cards of, as JSON: findings, the rows that they are about, pictures.

Text from the data is cut and made visible here; the script sets it as text and never as markup.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pytest_clipdata.findings import Finding, Place, Report, Severity
from pytest_clipdata.reports.html.about import About, encoded_file
from pytest_clipdata.reports.html.clusters import Case, cases
from pytest_clipdata.reports.html.profile import Pair, Profile
from pytest_clipdata.reports.view import View
from pytest_clipdata.reports.visible import visible

#: Bytes of all thumbnails together (1.33 times as many in the page), and how many there are at most.
THUMBNAIL_BUDGET, THUMBNAILS = 2_600_000, 1_500
#: Characters of a caption and of a path that the page holds, and pieces of a message.
_CAPTION, _PATH, _PIECES = 280, 120, 12

#: The (source, image path) of a picture.
Picture = tuple[str, str]
Groups = Mapping[str, list[Case]]


def groups_of(held: Mapping[str, list[Finding]], order: Iterable[str]) -> dict[str, list[Case]]:
    """The cases of each check that has one, in the ``order`` of the checks' weight."""
    return {check: cases(held[check]) for check in order if held.get(check)}


def pictures(groups: Groups, profile: Profile) -> list[Picture]:
    """The pictures that the page shows, those worth a thumbnail first, as many as it may hold.

    The sample comes first, then the cases of all checks in turn, so that a budget is shared fairly.
    """
    rows = {pair.place: pair for pair in profile.pairs}
    wanted: dict[Picture, None] = {(s.place.source, s.image_path): None for s in profile.samples if s.image_path}
    for i in range(max(map(len, groups.values()), default=0)):
        for found in (found[i] for found in groups.values() if i < len(found)):
            for pair in filter(None, map(rows.get, found.rows)):
                if pair.image_path:
                    wanted[pair.place.source, pair.image_path] = None
        if len(wanted) >= THUMBNAILS:
            break
    return list(wanted)[:THUMBNAILS]


@dataclass
class Content:
    """The tables of the page's data. What occurs often stands once and is named by its number, -1 for none."""

    profile: Profile
    splits_of: Mapping[str, str]
    view: View
    thumbnails: Mapping[Picture, bytes]
    links: Mapping[Picture, str]
    files: dict[str, int] = field(default_factory=dict)
    splits: dict[str, int] = field(default_factory=dict)
    images: dict[bytes, int] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._pairs = {pair.place: pair for pair in self.profile.pairs}
        self._numbers: dict[Place, int] = {}

    def case(self, case: Case, check: int) -> dict[str, Any]:
        """One card: its findings by number, its tiles as lists of rows by number."""
        tiles: dict[object, list[int]] = {}
        for place in case.rows:
            if (pair := self._pairs.get(place)) is not None:
                key = (place.source, pair.image_path) if case.one_picture else place
                tiles.setdefault(key, []).append(self.row(pair))
        numbers = range(len(self.findings), len(self.findings) + len(case.findings))
        self.findings += (self._finding(finding, check) for finding in case.findings)
        return {"findings": list(numbers), "tiles": list(tiles.values())}

    def row(self, pair: Pair) -> int:
        """The number of a row, with what a person sees of it."""
        number = self._numbers.setdefault(pair.place, len(self.rows))
        if number == len(self.rows):
            key = (pair.place.source, pair.image_path or "")
            record: dict[str, Any] = {"at": self._at(pair.place)}
            record["name"] = visible(pair.image_path or "no picture", _PATH)
            if (data := self.thumbnails.get(key)) is not None:
                record["picture"] = self.images.setdefault(data, len(self.images))
            if key in self.links:
                record["href"] = self.links[key]
            record |= {"text": visible(pair.text, _CAPTION)} if pair.text else {}
            record |= {"label": visible(pair.label, 40)} if pair.label else {}
            self.rows.append(record)
        return number

    def _finding(self, finding: Finding, check: int) -> dict[str, Any]:
        split = self.splits_of.get(finding.place.source, finding.place.source)
        record: dict[str, Any] = {"check": check, "at": self._at(finding.place)}
        record["split"] = self.splits.setdefault(split, len(self.splits))
        record["words"] = self._words(finding)
        if finding.severity is not Severity.CRITICAL:
            record["severity"] = str(finding.severity)
        if finding in self.view.known:
            record["known"] = True
        if tags := [visible(tag, 40) for tag in (finding.grade, finding.transform) if tag]:
            record["tags"] = tags
        if (pair := self._pairs.get(finding.place)) is not None:
            record["row"] = self.row(pair)
        return record

    def _words(self, finding: Finding) -> list[Any]:
        """The message in pieces; between them stand the places of other rows."""
        parts: list[Any] = []
        left = 600
        for i, words in enumerate(finding.words[:_PIECES]):
            if i and i <= len(finding.related):
                parts.append(self._at(finding.related[i - 1].place))
            parts.append(visible(words, max(left, 0)) if words else "")
            left -= len(words)
        return parts

    def _at(self, place: Place) -> list[int | None]:
        return [self.files.setdefault(place.file, len(self.files)), place.line]


def content(
    report: Report,
    profile: Profile,
    groups: Groups,
    thumbnails: Mapping[Picture, bytes],
    links: Mapping[Picture, str],
    view: View,
    about: About,
) -> str:
    """The data of the page as the text of a script element; the same for the same arguments."""
    made = Content(profile, {s.source: s.split for s in report.splits}, view, thumbnails, links)
    samples = [made.row(pair) for pair in profile.samples]
    cards = [[made.case(case, i) for case in found] for i, found in enumerate(groups.values())]
    tables: dict[str, list[Any]] = {
        "checks": [visible(check) for check in groups],
        "splits": [visible(split, 80) for split in made.splits],
        "files": [[view.file(name), encoded_file(name)] for name in made.files],
        "pictures": [f"data:image/webp;base64,{base64.b64encode(data).decode('ascii')}" for data in made.images],
        "rows": made.rows,
        "findings": made.findings,
        "cases": cards,
        "samples": samples,
    }
    parts = [f'"root":{_json(about.root)}']
    parts += [f'"{name}":[\n' + ",\n".join(map(_json, values)) + "\n]" for name, values in tables.items()]
    return "{" + ",\n".join(parts) + "}"


def _json(value: Any) -> str:
    # Neither the end of the element nor a comment, within which a browser would look for another end.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
