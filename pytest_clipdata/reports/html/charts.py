"""Charts as inline SVG: no script, no style attribute (the page's policy forbids both), colours by class."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from pytest_clipdata.reports.html.profile import Histogram, LabelShare
from pytest_clipdata.reports.visible import visible

#: Splits have as many colours; further ones share the last.
COLOURS = 4
_WIDTH, _HEIGHT, _FOOT = 320, 120, 18


def colours(splits: Sequence[str]) -> dict[str, str]:
    """The CSS class of each split: the usual three always look the same."""
    usual = {"train": "s0", "val": "s1", "test": "s2"}
    return {split: usual.get(split, f"s{COLOURS - 1}") for split in splits}


def legend(splits: Sequence[str]) -> str:
    items = "".join(f'<li><span class="dot {name}"></span>{_text(s)}</li>' for s, name in colours(splits).items())
    return f'<ul class="legend">{items}</ul>'


def histogram(chart: Histogram) -> str:
    """Bars side by side per bin, each the share of its split's rows, so that a small split can be compared."""
    bins = len(chart.edges) - 1
    splits = [(split, counts) for split, counts in chart.counts if sum(counts)]
    names = colours([split for split, _ in splits])
    top = max((max(counts) / sum(counts) for _, counts in splits), default=1)
    slot = _WIDTH / bins
    width = slot * 0.86 / max(1, len(splits))
    bars = []
    for i in range(bins):
        for j, (split, counts) in enumerate(splits):
            share = counts[i] / sum(counts)
            if not share:
                continue
            height = max(1.5, share / top * (_HEIGHT - 6))
            upper = f"{chart.edges[i + 1]:g}" if i < bins - 1 or not chart.open_ended else "more"
            words = f"{split}: {chart.edges[i]:g} to {upper}: {counts[i]:,} rows ({share:.1%})"
            bars.append(
                f'<rect class="{names[split]}" x="{slot * (i + 0.07) + width * j:.2f}" y="{_HEIGHT - height:.2f}"'
                f' width="{width:.2f}" height="{height:.2f}"><title>{_text(words)}</title></rect>'
            )
    end = f"{chart.edges[-2]:g}+" if chart.open_ended else f"{chart.edges[-1]:g}"
    middle = f"{chart.edges[bins // 2]:g}" if bins > 3 else ""
    y = _HEIGHT + _FOOT - 4
    labels = (
        f'<text x="0" y="{y}">{chart.edges[0]:g}</text>'
        f'<text x="{slot * (bins // 2):.1f}" y="{y}" text-anchor="middle">{middle}</text>'
        f'<text x="{_WIDTH}" y="{y}" text-anchor="end">{end}</text>'
    )
    told = f"{chart.title}, share of rows per split from {chart.edges[0]:g} to {end}"
    svg = (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT + _FOOT}" role="img" aria-label="{_text(told)}">'
        f'<line class="axis" x1="0" x2="{_WIDTH}" y1="{_HEIGHT}" y2="{_HEIGHT}"/>{"".join(bars)}{labels}</svg>'
    )
    return f"<figure><figcaption>{_text(chart.title)} <span>{_text(chart.unit)}</span></figcaption>{svg}</figure>"


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
            f'<div class="share"><p><b>{_text(share.split)}</b> {words}</p><svg viewBox="0 0 {_WIDTH} 14"'
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


def _text(text: str) -> str:
    return escape(visible(text, 200))
