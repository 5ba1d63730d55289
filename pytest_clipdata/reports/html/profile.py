"""What the HTML report shows beside the findings: how the data is spread, the rows behind findings, a sample.

Plain values only, drawn from the columns of the facts table; no frame, no picture.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_clipdata.findings import Finding, Place, Report
from pytest_clipdata.texts.mismatches import Mismatches, mismatch_kinds

#: Findings of one check (over all CSVs) that the HTML report shows; the rest is counted.
LIMIT = 100
#: Good pairs drawn for inspection by eye.
SAMPLE = 24
_BINS = 20

#: column of the facts table, title, unit
_MEASURES = (
    ("image_short_side", "Short side", "pixels"),
    ("word_count", "Words", "per text"),
    ("token_count", "CLIP tokens", "per text"),
)


@dataclass(frozen=True, slots=True)
class Histogram:
    """Rows by one measure. Bin ``i`` holds ``edges[i] <= value < edges[i + 1]``; if ``open_ended`` the last bin also
    holds everything above. ``counts`` has (split, rows per bin) in the order of the splits."""

    title: str
    unit: str
    edges: tuple[float, ...]
    counts: tuple[tuple[str, tuple[int, ...]], ...]
    open_ended: bool = False


@dataclass(frozen=True, slots=True)
class LabelShare:
    """Rows of one split by label; ``other`` are those with neither word."""

    split: str
    match: int
    mismatch: int
    other: int = 0


@dataclass(frozen=True, slots=True)
class Pair:
    """One row as a person sees it; None where the cell is missing."""

    place: Place
    image_path: str | None
    text: str | None
    label: str | None


@dataclass(frozen=True)
class Profile:
    """``pairs`` are the rows that shown findings and their related rows name; ``samples`` rows without a finding."""

    histograms: tuple[Histogram, ...] = ()
    labels: tuple[LabelShare, ...] = ()
    samples: tuple[Pair, ...] = ()
    pairs: tuple[Pair, ...] = ()
    mismatches: Mismatches | None = None  #: by what mismatch texts differ


def shown_findings(report: Report, limit: int = LIMIT) -> dict[str, list[Finding]]:
    """The findings that the HTML report shows: by check, at most ``limit`` each, in the report's order."""
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in report.findings:
        if len(found[finding.check]) < limit:
            found[finding.check].append(finding)
    return dict(sorted(found.items()))


def build_profile(columns: Mapping[str, Sequence[Any]], report: Report, *, seed: int = 0) -> Profile:
    """The profile of a dataset from columns of equal length, one value a row.

    ``csv``, ``file``, ``line``, ``key``, ``row`` and ``split`` are needed; ``image_path``, ``text``, ``label``,
    ``is_match``, ``image_short_side``, ``word_count`` and ``token_count`` are used where they are there. None and NaN
    are missing.
    """
    names, numbers, splits = columns["csv"], columns["row"], columns["split"]
    order = list(dict.fromkeys(splits))
    histograms = [
        _histogram(title, unit, order, Counter(zip(splits, columns[name], strict=True)))
        for name, title, unit in _MEASURES
        if name in columns
    ]
    labels = []
    if "is_match" in columns:
        counts = Counter(zip(splits, map(_truth, columns["is_match"]), strict=True))
        labels = [LabelShare(s, counts[s, True], counts[s, False], counts[s, None]) for s in order]

    def pair(i: int) -> Pair:
        cells = (columns[name][i] if name in columns else None for name in ("image_path", "text", "label"))
        place = Place(names[i], columns["file"][i], columns["line"][i], columns["key"][i], numbers[i])
        return Pair(place, *(cell if isinstance(cell, str) else None for cell in cells))

    wanted: set[tuple[str, int | None]] = set()
    for findings in shown_findings(report).values():
        for finding in findings:
            wanted |= _rows_named(finding)
    bad = {row for finding in report.findings for row in _rows_named(finding)}
    pairs = [pair(i) for i, row in enumerate(zip(names, numbers, strict=True)) if row in wanted]
    # Enough draws to find good rows unless nearly all are bad, and no shuffle of a million.
    draws = random.Random(seed).sample(range(len(numbers)), min(len(numbers), 200 * SAMPLE))
    good = [i for i in draws if (names[i], numbers[i]) not in bad][:SAMPLE]
    samples = tuple(pair(i) for i in sorted(good))
    kinds = None
    if {"image_path", "text", "is_match"} <= columns.keys():
        kinds = mismatch_kinds(columns["image_path"], columns["text"], [_truth(m) for m in columns["is_match"]])
    return Profile(tuple(h for h in histograms if h), tuple(labels), samples, tuple(pairs), kinds)


def _rows_named(finding: Finding) -> set[tuple[str, int | None]]:
    places = (finding.place, *(other.place for other in finding.related[:1]))
    return {(place.source, place.row) for place in places}


def _truth(value: Any) -> bool | None:
    number = _number(value)
    return None if number is None else bool(number)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _histogram(title: str, unit: str, splits: Sequence[str], rows: Counter[tuple[str, Any]]) -> Histogram | None:
    values: Counter[tuple[str, float]] = Counter()
    for (split, value), count in rows.items():
        if (number := _number(value)) is not None:
            values[split, number] += count
    if not values:
        return None
    spread = sorted({value for _, value in values})
    low, high = spread[0], _quantile(values, 0.99)
    step = _nice((high - low) / _BINS)
    start = math.floor(low / step) * step
    bins = max(1, math.floor((high - start) / step) + 1)
    edges = tuple(start + step * i for i in range(bins + 1))
    counts = {split: [0] * bins for split in splits}
    for (split, value), count in values.items():
        counts[split][min(bins - 1, int((value - start) // step))] += count
    shown = tuple((split, tuple(counts[split])) for split in splits)
    return Histogram(title, unit, edges, shown, open_ended=spread[-1] >= edges[-1])


def _quantile(values: Counter[tuple[str, float]], share: float) -> float:
    left = share * values.total()
    ranked = sorted((value, count) for (_, value), count in values.items())
    for value, count in ranked:
        left -= count
        if left <= 0:
            return value
    return ranked[-1][0]


def _nice(step: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, 50, ... that is at least ``step``: bins with round edges."""
    if step <= 1:
        return 1
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * (1 - 1e-9))
