"""The baseline: findings that are known and don't fail, and pairs of pictures that a person judged different.

An entry says what was found, never where: the picture, the normalised text, the label and the check. So an inserted,
moved or sorted row revives nothing, and a row whose content changes is judged anew. Two entries of one content stand
for two findings; a third is new.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from itertools import chain
from typing import Any

from pytest_clipdata.findings import Finding, Outcome, Report
from pytest_clipdata.reports.visible import visible

_TEXT = 160  #: characters of a text in an entry; a longer one ends in a digest of the whole

#: The key of one picture: ``sha256:...`` of its file, or its path where there is no file to read.
Picture = str


@dataclass(frozen=True, slots=True)
class Content:
    """What one row says, whatever its line: its picture's key, its normalised text and its label."""

    picture: Picture
    text: str
    label: str


#: Gives the content of the row of a CSV (relative to the dataset root) that starts at a line, or None if the row
#: could not be read.
ContentOf = Callable[[str, int], Content | None]


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One known finding. ``message`` is for readers; the other fields are its key.

    ``pictures`` holds one key, both of a pair in sorted order, or none for a finding about a whole CSV or a row that
    could not be read; those are known by ``csv`` and by their words without the numbers in them.
    """

    check: str
    pictures: tuple[Picture, ...]
    text: str
    label: str
    csv: str
    message: str

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for two findings of the same thing; a pair of pictures is the same with either text.

        The CSV is part of it: what is known in one split is news in another.
        """
        if not self.pictures:
            return self.check, self.csv, self.text, re.sub(r"\d+(?:[.,]\d+)*", "#", self.message)
        if len(self.pictures) > 1:
            return self.check, self.csv, self.pictures
        return self.check, self.csv, self.pictures, self.text, self.label

    def __str__(self) -> str:
        return f"{self.csv}: {self.check}: {self.message}"


@dataclass(frozen=True, slots=True)
class Baseline:
    """``known`` findings, and ``different``: sorted pairs of picture keys that are not the same picture."""

    known: tuple[Entry, ...] = ()
    different: tuple[tuple[Picture, Picture], ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """A report seen through a baseline.

    ``report`` keeps every finding; a check all of whose findings are known has passed and says so in its reason.
    ``known`` are the findings that reports mark or leave out; ``stale`` names, in words, what the baseline holds and
    the data no longer do.
    """

    report: Report
    known: frozenset[Finding]
    stale: tuple[str, ...]


class BaselineError(ValueError):
    """A baseline file that can't be read; its text says what is wrong and where."""


def dumps(
    report: Report,
    content: ContentOf,
    different: Collection[tuple[Picture, Picture]] = (),
    kept: Collection[Entry] = (),
) -> str:
    """A baseline of every finding of ``report`` and the entries ``kept``, one a line, sorted.

    ``different`` (usually that of the baseline before) is carried over; what it settles is not listed again.
    """
    pairs = sorted({_pair(*pair) for pair in different})
    found = [_entry(f, content) for f in report.findings if not _judged(f, content, frozenset(pairs))]
    known = sorted([*kept, *found])
    lists: dict[str, list[Any]] = {"different": [list(pair) for pair in pairs], "known": [asdict(e) for e in known]}
    parts = [' "version": 1']
    for name, rows in lists.items():
        lines = ",".join(f"\n  {json.dumps(row, ensure_ascii=False)}" for row in rows)
        parts.append(f' "{name}": [{lines}{chr(10) + " " if lines else ""}]')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def load(text: str) -> Baseline:
    """The baseline in ``text``.

    Raises:
        BaselineError: ``text`` is not a baseline of version 1.
    """
    if re.search(r"^(<{7}|>{7}) ", text, re.MULTILINE):
        raise BaselineError("holds the marks of an unfinished merge (<<<<<<<)")
    try:
        record = json.loads(text)
    except json.JSONDecodeError as error:
        raise BaselineError(f"line {error.lineno}: is not JSON: {error.msg}") from None
    except RecursionError:
        raise BaselineError("is nested too deeply") from None
    if not isinstance(record, dict) or record.get("version") != 1:
        raise BaselineError('is not a baseline of version 1: {"version": 1, "different": [...], "known": [...]}')
    pairs = [_read_pair(row, i) for i, row in enumerate(_read_list(record, "different"), 1)]
    known = [_read_entry(row, i) for i, row in enumerate(_read_list(record, "known"), 1)]
    return Baseline(tuple(sorted(known)), tuple(sorted(set(pairs))))


def apply(report: Report, baseline: Baseline, content: ContentOf) -> Applied:
    """``report`` with what ``baseline`` knows no longer failing.

    A check that failed or warned only by known findings has passed; one new finding leaves its outcome as it was.
    An entry is stale only if its check was judged on its CSV in this run: what was not looked at may still be there.
    """
    open_entries: defaultdict[tuple[object, ...], list[Entry]] = defaultdict(list)
    for entry in baseline.known:
        open_entries[entry.key].append(entry)
    different = frozenset(baseline.different)
    known, used = set(), set()
    waiting = []
    for finding in report.findings:
        if pairs := _judged(finding, content, different):
            known.add(finding)
            used |= pairs
            continue
        entry = _entry(finding, content)
        # A pair is first matched with its own text, so that of five rows with one picture the new one is named.
        same = [e for e in open_entries[entry.key] if (e.text, e.label) == (entry.text, entry.label)]
        if same:
            open_entries[entry.key].remove(same[0])
            known.add(finding)
        else:
            waiting.append((finding, entry))
    for finding, entry in waiting:
        if open_entries[entry.key]:
            open_entries[entry.key].pop(0)
            known.add(finding)
    checks = []
    for result in report.checks:
        count = sum(finding in known for finding in result.findings)
        if count and count == len(result.findings) and result.outcome in (Outcome.FAILED, Outcome.WARNED):
            words = f"{count} known finding{'s' if count > 1 else ''}"
            result = replace(result, outcome=Outcome.PASSED, reason=words)
        checks.append(result)
    judged = {(r.csv, r.check) for r in report.checks if r.outcome not in (Outcome.SKIPPED, Outcome.ERROR)}
    left = sorted(entry for entry in chain.from_iterable(open_entries.values()) if (entry.csv, entry.check) in judged)
    stale = [str(entry) for entry in left]
    if {check for _, check in judged} >= _PAIR_CHECKS:
        stale += [f"judged different: {a} and {b}" for a, b in baseline.different if (a, b) not in used]
    return Applied(replace(report, checks=tuple(checks)), frozenset(known), tuple(stale))


#: A judged pair is stale only where both have looked at the pictures.
_PAIR_CHECKS = frozenset({"duplicate_images", "leakage"})


def _entry(finding: Finding, content: ContentOf) -> Entry:
    row = None if finding.line is None else content(finding.csv, finding.line)
    words = finding.message
    for related in finding.related:
        words = words.replace(f"{related.csv}:{related.line}", related.csv)
    message = visible(words, 200)
    if row is None:
        return Entry(finding.check, (), _text(finding.value or ""), "", visible(finding.csv), message)
    pictures = _pictures(finding, content) or (visible(row.picture),)
    return Entry(finding.check, pictures, _text(row.text), visible(row.label, 80), visible(finding.csv), message)


def _pictures(finding: Finding, content: ContentOf) -> tuple[Picture, ...]:
    """The keys of the pictures that a finding compares, sorted; empty if it compares none."""
    if finding.grade is None or finding.line is None or not finding.related:
        return ()
    places = [(finding.csv, finding.line), *((related.csv, related.line) for related in finding.related)]
    rows = [content(*place) for place in places]
    return tuple(sorted(visible(row.picture) for row in rows if row is not None)) if all(rows) else ()


def _judged(
    finding: Finding, content: ContentOf, different: Collection[tuple[Picture, Picture]]
) -> set[tuple[Picture, Picture]]:
    """The judged pairs that settle ``finding``; only looks can be judged, equal bytes or pixels can't."""
    if not different or finding.grade != "perceptual" or finding.line is None:
        return set()
    row = content(finding.csv, finding.line)
    others = [content(related.csv, related.line) for related in finding.related]
    if row is None or not others:
        return set()
    pairs = {_pair(visible(row.picture), visible(other.picture)) if other else ("", "") for other in others}
    return pairs if all(pair in different for pair in pairs) else set()


def _pair(first: Picture, second: Picture) -> tuple[Picture, Picture]:
    return (first, second) if first <= second else (second, first)


def _text(text: str) -> str:
    shown = visible(text[:_TEXT])
    if len(text) <= _TEXT:
        return shown
    return f"{shown}… sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def _read_list(record: dict[str, Any], name: str) -> list[Any]:
    rows = record.get(name, [])
    if not isinstance(rows, list):
        raise BaselineError(f'"{name}" is not a list')
    return rows


def _read_pair(row: object, number: int) -> tuple[Picture, Picture]:
    if not isinstance(row, list) or len(row) != 2 or not all(isinstance(key, str) for key in row):
        raise BaselineError(f'"different", entry {number}: is not a pair of picture keys, ["sha256:...", "sha256:..."]')
    return _pair(*row)


def _read_entry(row: object, number: int) -> Entry:
    names = ("check", "text", "label", "csv", "message")
    where = f'"known", entry {number}'
    if not isinstance(row, dict):
        raise BaselineError(f"{where}: is not an object")
    for name in names:
        if not isinstance(row.get(name), str):
            raise BaselineError(f'{where}: "{name}" is missing or not a string')
    pictures = row.get("pictures")
    if not isinstance(pictures, list) or not all(isinstance(key, str) for key in pictures):
        raise BaselineError(f'{where}: "pictures" is missing or not a list of strings')
    return Entry(pictures=tuple(sorted(pictures)), **{name: row[name] for name in names})
