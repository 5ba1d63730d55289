"""``report.html``: one file that answers "can I train on this?", opened from disk or as a CI artefact.

Without the script, as a mail program or a CI server may show it, the page has all but the cards: the first findings of
each check stand in it as lines.
"""

from __future__ import annotations

from collections.abc import Mapping

from pytest_clipdata.findings import Report
from pytest_clipdata.reports.html.about import About
from pytest_clipdata.reports.html.content import Picture, content, groups_of
from pytest_clipdata.reports.html.document import document
from pytest_clipdata.reports.html.page import Page
from pytest_clipdata.reports.html.profile import LIMIT, Profile, held_findings
from pytest_clipdata.reports.html.verdict import verdict
from pytest_clipdata.reports.rule import RuleText
from pytest_clipdata.reports.view import View

#: Bytes of the page without its pictures, about.
BUDGET = 4_000_000


def render(
    report: Report,
    profile: Profile,
    thumbnails: Mapping[Picture, bytes],
    view: View,
    rules: Mapping[str, RuleText] | None = None,
    about: About | None = None,
    links: Mapping[Picture, str] | None = None,
) -> str:
    """The page, the same text for the same arguments.

    ``thumbnails`` maps (source, image path) to WebP data and may hold fewer than `pictures` asks for, ``links`` to
    where the file is, seen from the page. Known findings are shown and marked. The page holds at most `LIMIT`
    findings, fewer if their texts are long, and says how many.
    """
    about = about or About()
    told = verdict(report, view.known)
    pictures = sum(map(len, set(thumbnails.values()))) * 4 // 3
    for limit in (LIMIT >> halved for halved in range(LIMIT.bit_length())):
        groups = groups_of(held_findings(report, view.known, limit), told.outcomes)
        data = content(report, profile, groups, thumbnails, links or {}, view, about)
        if len(data.encode()) - pictures <= BUDGET:
            break
    page = Page(report, profile, told, groups, rules or {}, view, about)
    parts = [page.head(), page.contents(), page.splits(), page.checks(), page.findings(), page.spread()]
    body = "\n".join(part for part in (*parts, page.sample(), page.run()) if part)
    return document(
        f"{report.dataset}: {told.title}",
        f'<a class="skip" href="#findings">Skip to the findings</a>\n<main>\n{body}\n</main>\n'
        "<footer>Made by pytest-clipdata. Everything on this page is in the file itself.</footer>",
        data,
    )
