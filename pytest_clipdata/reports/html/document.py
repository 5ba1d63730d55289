"""A page as one HTML text: nothing is loaded, style and script stand in it and are named by hash in its policy.

Its Content-Security-Policy lets nothing else run: a script which a caption might bring would not run even if it got
through the escaping.
"""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from pytest_clipdata.reports.html.text import html_text

_STYLES, _SCRIPTS = ("report.css", "findings.css"), ("cards.js", "report.js")


def document(title: str, body: str, data: str | None = None) -> str:
    """A page with ``body``, trusted HTML; ``data`` is the JSON that the script makes cards of, None for no script."""
    style = _together(_STYLES)
    script = "" if data is None else _together(_SCRIPTS)
    scripts = f" script-src {_hash(script)};" if script else ""
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)};{scripts} base-uri 'none'; form-action 'none'"
    )
    made = ""
    if data is not None:
        made = f'<script type="application/json" id="content">{data}</script>\n<script>{script}</script>\n'
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n<meta name="referrer" content="no-referrer">\n'
        f'<title>{html_text(title, 120)}</title>\n<link rel="icon" href="data:,">\n'
        f"<style>{style}</style>\n</head>\n<body>\n{body}\n{made}</body>\n</html>\n"
    )


def _together(names: tuple[str, ...]) -> str:
    return "\n".join(files(__package__).joinpath(name).read_text("utf-8") for name in names)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"
