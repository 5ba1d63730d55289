"""The page as one HTML text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib.resources import files

from pytest_clipdata.findings import Report
from pytest_clipdata.reports.html.cards import html_text
from pytest_clipdata.reports.html.page import Page
from pytest_clipdata.reports.html.profile import Profile
from pytest_clipdata.reports.rule import RuleText
from pytest_clipdata.reports.view import View


def render(
    report: Report,
    profile: Profile,
    thumbnails: Mapping[tuple[str, str], bytes],
    view: View,
    rules: Mapping[str, RuleText] | None = None,
) -> str:
    """The page, the same text for the same data.

    ``thumbnails`` maps (source, image path) to WebP data and may hold fewer than `pictures` asks for. Known
    findings are shown and marked.
    """
    page = Page(report, profile, thumbnails, rules or {}, view)
    style = files(__package__).joinpath("report.css").read_text("utf-8")
    script = files(__package__).joinpath("report.js").read_text("utf-8")
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    body = "\n".join([page.verdict(), page.checks(), page.spread(), page.findings(), page.sample()])
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f'<title>{html_text(report.dataset, 80)}: {page.words[1]}</title>\n<link rel="icon" href="data:,">\n'
        f"<style>{style}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#findings">Skip to the findings</a>\n{page.symbols()}\n<main>\n{body}\n</main>\n'
        "<footer>Made by pytest-clipdata. Everything on this page is in the file itself; findings.json has every "
        f"finding.</footer>\n<script>{script}</script>\n</body>\n</html>\n"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"
