"""Text from the data as text of a page."""

from __future__ import annotations

from html import escape

from pytest_clipdata.reports.visible import visible


def html_text(text: str, limit: int = 600) -> str:
    """``text`` as text of a page or of a quoted attribute, whatever it holds."""
    return escape(visible(text, limit))
