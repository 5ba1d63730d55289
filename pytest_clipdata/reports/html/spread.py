"""How the data is spread, as plain values that charts are drawn from: shares of rows by split."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_BINS = 20
#: Bars of one chart of names; the rows of further names are counted together.
_NAMES = 8


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
class Names:
    """Rows by a name: the format of a picture, the kind of a mismatch. ``counts`` has (split, rows for each name)."""

    title: str
    unit: str
    names: tuple[str, ...]
    counts: tuple[tuple[str, tuple[int, ...]], ...]


@dataclass(frozen=True, slots=True)
class LabelShare:
    """Rows of one split by label; ``other`` are those with neither word."""

    split: str
    match: int
    mismatch: int
    other: int = 0


@dataclass(frozen=True, slots=True)
class _Measure:
    """A column of the facts table; its values are divided by ``scale``, its bins are at least ``step`` wide."""

    column: str
    title: str
    unit: str
    step: float = 1
    scale: float = 1


_MEASURES = (
    _Measure("image_short_side", "Short side", "pixels"),
    _Measure("image_aspect_ratio", "Aspect ratio", "long side to short side", step=0.1),
    _Measure("image_bytes", "File size", "kB", scale=1000),
    _Measure("image_brightness", "Brightness", "0 black to 1 white", step=0.05),
    _Measure("word_count", "Words", "per text"),
    _Measure("token_count", "CLIP tokens", "per text"),
)
_NAMED = (("image_format", "Format", "of the picture"),)

#: What the charts are drawn from, beside the split and the label.
COLUMNS = (*(measure.column for measure in _MEASURES), *(column for column, _, _ in _NAMED))


def charts_of(columns: Mapping[str, Sequence[Any]], splits: Sequence[str]) -> tuple[Histogram | Names, ...]:
    """The charts of those `COLUMNS` that are there and have a value; ``columns`` also has ``split``."""
    charts: list[Histogram | Names | None] = []
    for measure in _MEASURES:
        if measure.column in columns:
            rows = Counter(zip(columns["split"], columns[measure.column], strict=True))
            charts.append(_histogram(measure, splits, rows))
    for column, title, unit in _NAMED:
        if column in columns:
            charts.append(names(title, unit, splits, zip(columns["split"], columns[column], strict=True)))
    return tuple(chart for chart in charts if chart is not None)


def names(title: str, unit: str, splits: Sequence[str], rows: Any) -> Names | None:
    """A chart of (split, name) pairs, the most frequent name first; what is no text is left out. None if nothing is."""
    found = Counter((split, name) for split, name in rows if isinstance(name, str))
    totals: Counter[str] = Counter()
    for (_, name), count in found.items():
        totals[name] += count
    if not totals:
        return None
    ranked = sorted(totals, key=lambda name: (-totals[name], name))
    shown = ranked[:_NAMES]
    counts = []
    for split in splits:
        rest = sum(found[split, name] for name in ranked[_NAMES:])
        counts.append((split, (*(found[split, name] for name in shown), *([rest] if ranked[_NAMES:] else []))))
    return Names(title, unit, (*shown, *(["other"] if ranked[_NAMES:] else [])), tuple(counts))


def labels_of(columns: Mapping[str, Sequence[Any]], splits: Sequence[str]) -> tuple[LabelShare, ...]:
    """The share of each label in each split."""
    if "is_match" not in columns:
        return ()
    counts = Counter(zip(columns["split"], map(truth, columns["is_match"]), strict=True))
    return tuple(LabelShare(s, counts[s, True], counts[s, False], counts[s, None]) for s in splits)


def truth(value: Any) -> bool | None:
    number = _number(value)
    return None if number is None else bool(number)


def _number(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _histogram(measure: _Measure, splits: Sequence[str], rows: Counter[tuple[str, Any]]) -> Histogram | None:
    values: Counter[tuple[str, float]] = Counter()
    for (split, value), count in rows.items():
        if (number := _number(value)) is not None:
            values[split, number / measure.scale] += count
    if not values:
        return None
    spread = sorted({value for _, value in values})
    low, high = spread[0], _quantile(values, 0.99)
    step = _nice((high - low) / _BINS, measure.step)
    first = math.floor(low / step + 1e-9)
    bins = max(1, math.floor(high / step + 1e-9) - first + 1)
    edges = tuple(round(step * (first + i), 10) for i in range(bins + 1))
    counts = {split: [0] * bins for split in splits}
    for (split, value), count in values.items():
        # A hair more than the quotient: 0.15 / 0.05 is less than 3.
        counts[split][min(bins - 1, max(0, math.floor(value / step + 1e-9) - first))] += count
    shown = tuple((split, tuple(counts[split])) for split in splits)
    return Histogram(measure.title, measure.unit, edges, shown, open_ended=spread[-1] >= edges[-1])


def _quantile(values: Counter[tuple[str, float]], share: float) -> float:
    left = share * values.total()
    ranked = sorted((value, count) for (_, value), count in values.items())
    for value, count in ranked:
        left -= count
        if left <= 0:
            return value
    return ranked[-1][0]


def _nice(step: float, least: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, 50, ... times ``least`` that is at least ``step``: bins with round edges."""
    if step <= least:
        return least
    power = 10.0 ** math.floor(math.log10(step / least))
    return next(factor * power * least for factor in (1, 2, 5, 10) if factor * power * least >= step * (1 - 1e-9))
