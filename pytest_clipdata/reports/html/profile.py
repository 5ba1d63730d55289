"""What the HTML report shows beside the findings: how the data is spread, the rows behind findings, a sample.

Plain values only, drawn from the columns of the facts table; no frame, no picture.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pytest_clipdata.findings import Finding, Place, Report
from pytest_clipdata.reports.html.spread import Histogram, LabelShare, Names, charts_of, labels_of, truth
from pytest_clipdata.texts.mismatches import Mismatches, mismatch_kinds

#: Findings that the page holds; the rest is counted.
LIMIT = 10_000
#: Good pairs drawn for inspection by eye.
SAMPLE = 24


@dataclass(frozen=True, slots=True)
class Pair:
    """One row as a person sees it; None where the cell is missing."""

    place: Place
    image_path: str | None
    text: str | None
    label: str | None


@dataclass(frozen=True)
class Profile:
    """``pairs`` are the rows that held findings and their related rows name; ``samples`` rows without a finding.

    ``charts`` are drawn in order, and whoever knows more about the data adds a `Names` or a `Histogram`.
    """

    charts: tuple[Histogram | Names, ...] = ()
    labels: tuple[LabelShare, ...] = ()
    samples: tuple[Pair, ...] = ()
    pairs: tuple[Pair, ...] = ()
    mismatches: Mismatches | None = None  #: by what mismatch texts differ


def held_findings(report: Report, known: Collection[Finding] = (), limit: int = LIMIT) -> dict[str, list[Finding]]:
    """The findings that the page holds: by check, in the report's order, at most ``limit`` in all.

    Checks share the limit fairly: one with few findings has all of them. Of one check new findings come before those
    that are ``known``.
    """
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.check, []).append(finding)
    left = limit
    held = {}
    for i, check in enumerate(sorted(found, key=lambda check: (len(found[check]), check))):
        ordered = sorted(found[check], key=lambda finding: finding in known) if known else found[check]
        held[check] = ordered[: left // (len(found) - i)]
        left -= len(held[check])
    return dict(sorted(held.items()))


def build_profile(
    columns: Mapping[str, Sequence[Any]], report: Report, known: Collection[Finding] = (), *, seed: int = 0
) -> Profile:
    """The profile of a dataset from columns of equal length, one value a row.

    ``csv``, ``file``, ``line``, ``key``, ``row`` and ``split`` are needed; ``image_path``, ``text``, ``label``,
    ``is_match`` and the `spread.COLUMNS` are used where they are there. None and NaN are missing.
    """
    sources, numbers = columns["csv"], columns["row"]
    splits = list(dict.fromkeys(columns["split"]))

    def pair(i: int) -> Pair:
        cells = (columns[name][i] if name in columns else None for name in ("image_path", "text", "label"))
        place = Place(sources[i], columns["file"][i], columns["line"][i], columns["key"][i], numbers[i])
        return Pair(place, *(cell if isinstance(cell, str) else None for cell in cells))

    held = chain.from_iterable(held_findings(report, known).values())
    wanted = {row for finding in held for row in _rows_named(finding)}
    bad = {row for finding in report.findings for row in _rows_named(finding)}
    pairs = [pair(i) for i, row in enumerate(zip(sources, numbers, strict=True)) if row in wanted]
    # Enough draws to find good rows unless nearly all are bad, and no shuffle of a million.
    draws = random.Random(seed).sample(range(len(numbers)), min(len(numbers), 200 * SAMPLE))
    good = [i for i in draws if (sources[i], numbers[i]) not in bad][:SAMPLE]
    samples = tuple(pair(i) for i in sorted(good))
    kinds = None
    if {"image_path", "text", "is_match"} <= columns.keys():
        kinds = mismatch_kinds(columns["image_path"], columns["text"], [truth(m) for m in columns["is_match"]])
    return Profile(charts_of(columns, splits), labels_of(columns, splits), samples, tuple(pairs), kinds)


def _rows_named(finding: Finding) -> set[tuple[str, int | None]]:
    places = (finding.place, *(other.place for other in finding.related[:1]))
    return {(place.source, place.row) for place in places}
