"""Charts as inline SVG: no script, no style attribute (the page's policy forbids both), colours by class."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_clipdata.reports.html.spread import Histogram, LabelShare, Names
from pytest_clipdata.reports.html.text import html_text as _text

#: Splits have as many colours; further ones share the last.
COLOURS = 4
_WIDTH, _HEIGHT, _FOOT, _LEFT, _TOP = 320, 120, 18, 30, 8


def colours(splits: Sequence[str]) -> dict[str, str]:
    """The CSS class of each split: the usual three always look the same."""
    usual = {"train": "s0", "val": "s1", "test": "s2"}
    return {split: usual.get(split, f"s{COLOURS - 1}") for split in splits}


def legend(splits: Sequence[str]) -> str:
    items = "".join(f'<li><span class="dot {name}"></span>{_text(s, 40)}</li>' for s, name in colours(splits).items())
    return f'<ul class="legend">{items}</ul>'


def chart(chart: Histogram | Names) -> str:
    """Bars side by side for each bin or name, each the share of its split's rows, so that a small split compares."""
    if isinstance(chart, Names):
        slots, told = list(chart.names), f"{chart.title}: {', '.join(chart.names)}"
        width = (_WIDTH - _LEFT) / len(slots)
        ticks = [(_LEFT + width * (i + 0.5), "middle", _short(name, width)) for i, name in enumerate(slots)]
    else:
        slots, ticks = _bins(chart), _edges(chart)
        told = f"{chart.title}, share of rows per split from {ticks[0][2]} to {ticks[-1][2]}"
    labels = "".join(
        f'<text x="{x:.1f}" y="{_TOP + _HEIGHT + _FOOT - 4}" text-anchor="{anchor}">{_text(words, 40)}</text>'
        for x, anchor, words in ticks
    )
    counts = [(split, row) for split, row in chart.counts if sum(row)]
    top = _nice_share(max((max(row) / sum(row) for _, row in counts), default=1))
    return (
        f"<figure><figcaption>{_text(chart.title)} <span>{_text(chart.unit)}</span></figcaption>"
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_TOP + _HEIGHT + _FOOT}" role="img" aria-label="{_text(told)}">'
        f"{_y_axis(top)}{_bars(slots, counts, top)}{labels}</svg></figure>"
    )


def _bins(chart: Histogram) -> list[str]:
    """Each bin in words."""
    pairs = list(zip(chart.edges, chart.edges[1:], strict=False))
    words = [f"{low:g} to {high:g}" for low, high in pairs]
    if chart.open_ended:
        words[-1] = f"{pairs[-1][0]:g} to more"
    return words


def _edges(chart: Histogram) -> list[tuple[float, str, str]]:
    """What stands under the x axis: position, anchor, words."""
    edges, bins = chart.edges, len(chart.edges) - 1
    end = f"{edges[-2]:g}+" if chart.open_ended else f"{edges[-1]:g}"
    slot = (_WIDTH - _LEFT) / bins
    middle = [(_LEFT + slot * (bins // 2), "middle", f"{edges[bins // 2]:g}")] if bins > 3 else []
    return [(_LEFT, "start", f"{edges[0]:g}"), *middle, (_WIDTH, "end", end)]


def _y_axis(top: float) -> str:
    """Three lines with the share of rows that they stand for."""
    parts = []
    for share in (0.0, top / 2, top):
        y = _TOP + _HEIGHT - share / top * _HEIGHT
        kind = "axis" if not share else "grid"
        parts.append(
            f'<line class="{kind}" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
            f'<text x="{_LEFT - 4}" y="{y + 3.5:.1f}" text-anchor="end">{share * 100:g}%</text>'
        )
    return "".join(parts)


def _bars(slots: Sequence[str], counts: Sequence[tuple[str, Sequence[int]]], top: float) -> str:
    names = colours([split for split, _ in counts])
    slot = (_WIDTH - _LEFT) / len(slots)
    width = slot * 0.86 / max(1, len(counts))
    bars = []
    for i, words in enumerate(slots):
        for j, (split, row) in enumerate(counts):
            if not row[i]:
                continue
            share = row[i] / sum(row)
            height = max(1.5, share / top * _HEIGHT)
            title = f"{split}: {words}: {row[i]:,} rows ({share:.1%})"
            bars.append(
                f'<rect class="{names[split]}" x="{_LEFT + slot * (i + 0.07) + width * j:.2f}"'
                f' y="{_TOP + _HEIGHT - height:.2f}" width="{width:.2f}" height="{height:.2f}">'
                f"<title>{_text(title, 200)}</title></rect>"
            )
    return "".join(bars)


def _nice_share(share: float) -> float:
    """The smallest round share that holds ``share`` and halves to a round one."""
    power = 10.0 ** math.floor(math.log10(share))
    top = next(factor * power for factor in (1, 2, 4, 6, 8, 10) if factor * power >= share * (1 - 1e-9))
    return min(1.0, round(top, 10))


def _short(name: str, width: float) -> str:
    """As much of a name as stands in ``width`` units of the drawing."""
    room = max(3, int(width / 6))
    return name if len(name) <= room else f"{name[: room - 1]}…"


def label_bars(labels: Sequence[LabelShare]) -> str:
    """One bar a split: the shares of match, mismatch and other rows."""
    rows = []
    for share in labels:
        total = share.match + share.mismatch + share.other
        if not total:
            continue
        x, parts = 0.0, []
        for name, count in (("match", share.match), ("mismatch", share.mismatch), ("other", share.other)):
            width = count / total * _WIDTH
            parts.append(f'<rect class="l-{name}" x="{x:.2f}" y="0" width="{width:.2f}" height="14"/>')
            x += width
        words = f"{share.match / total:.0%} match, {share.mismatch / total:.0%} mismatch"
        if share.other:
            words += f", {share.other:,} other"
        rows.append(
            f'<div class="share"><p><b>{_text(share.split, 40)}</b> {words}</p><svg viewBox="0 0 {_WIDTH} 14"'
            f' preserveAspectRatio="none" aria-hidden="true">{"".join(parts)}</svg></div>'
        )
    if not rows:
        return ""
    return f"<figure><figcaption>Labels <span>share of rows</span></figcaption>{''.join(rows)}</figure>"


def share_bar(bad: int, total: int, outcome: str) -> str:
    """One check's rows: the unexpected share from the left, at least wide enough to be seen."""
    width = 0.0 if not total else min(100.0, max(bad / total * 100, 1.5 if bad else 0))
    base = "none" if not total else "held"
    return (
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="{base}" width="100" height="8"/>'
        f'<rect class="bad-{outcome}" width="{width:.2f}" height="8"/></svg>'
    )
