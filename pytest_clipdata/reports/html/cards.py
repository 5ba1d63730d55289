"""One finding, or one row, as a card of the HTML report: picture, caption, label, place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from pytest_clipdata.findings import Finding, Place
from pytest_clipdata.reports.html.profile import Pair, Profile
from pytest_clipdata.reports.view import View
from pytest_clipdata.reports.visible import visible

_CAPTION = 280  #: characters of a caption shown


@dataclass(frozen=True, slots=True)
class Cards:
    """Makes cards. ``numbers`` gives the page's picture of a (source, image path), ``splits`` the split of a CSV."""

    rows: Mapping[Place, Pair]
    numbers: Mapping[tuple[str, str], int]
    splits: Mapping[str, str]
    view: View

    def finding(self, finding: Finding) -> str:
        where = self.view.place(finding.place)
        row, others = row_of(finding, self.rows), related_of(finding, self.rows)
        sides = [self.row(row, where if others else "")] if row else []
        sides += [self.row(other, self.view.place(other.place)) for other in others]
        tags = [str(finding.severity), *(tag for tag in (finding.grade, finding.transform) if tag)]
        if finding in self.view.known:
            tags.append("known")
        marks = "".join(
            f'<span class="tag {finding.severity if i == 0 else ""}">{html_text(t)}</span>' for i, t in enumerate(tags)
        )
        pair = " pair" if len(sides) > 1 else ""
        return (
            f'<li class="card{pair}" data-check="{html_text(finding.check)}"'
            f' data-split="{html_text(self.split(finding))}" data-severity="{finding.severity}">'
            f'<div class="sides">{"".join(sides)}</div><div class="what">'
            f"<p>{html_text(self.view.message(finding))}</p>"
            f'<p class="where"><code>{html_text(where)}</code>{marks}</p></div></li>'
        )

    def row(self, row: Pair, where: str) -> str:
        caption = f"<q>{html_text(row.text, _CAPTION)}</q>" if row.text else "<em>no text</em>"
        label = f'<span class="tag">{html_text(row.label, 40)}</span>' if row.label else ""
        code = f"<code>{html_text(where)}</code>" if where else ""
        return (
            f'<figure class="side">{self._picture(row)}<figcaption>{caption}<span class="where">{label}{code}</span>'
            "</figcaption></figure>"
        )

    def _picture(self, row: Pair) -> str:
        name = html_text(row.image_path or "no picture", 120)
        number = self.numbers.get((row.place.source, row.image_path or ""))
        if number is None:
            return f'<div class="thumb gone"><span>{name}</span></div>'
        return f'<svg class="thumb" viewBox="0 0 144 144" role="img" aria-label="{name}"><use href="#p{number}"/></svg>'

    def split(self, finding: Finding) -> str:
        return self.splits.get(finding.place.source, finding.place.source)


def rows_of(profile: Profile) -> dict[Place, Pair]:
    return {pair.place: pair for pair in profile.pairs}


def row_of(finding: Finding, rows: Mapping[Place, Pair]) -> Pair | None:
    return rows.get(finding.place)


def related_of(finding: Finding, rows: Mapping[Place, Pair]) -> list[Pair]:
    """The other rows to set beside a finding; one is enough to compare."""
    return [rows[other.place] for other in finding.related[:1] if other.place in rows]


def html_text(text: str, limit: int = 600) -> str:
    """``text`` as text of a page or of a quoted attribute, whatever it holds."""
    return escape(visible(text, limit))
