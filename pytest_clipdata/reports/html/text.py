"""Text from the data as text of a page."""

from __future__ import annotations

from html import escape

from pytest_clipdata.reports.visible import visible


def html_text(text: str, limit: int = 600) -> str:
    """``text`` as text of a page or of a quoted attribute, whatever it holds."""
    return escape(visible(text, limit))


def plural(count: int, word: str) -> str:
    """``1 check``, ``2,000 checks``."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
