"""A manual page in pieces, and as Markdown in which nothing of it is lost or marked up."""

from __future__ import annotations

import re

import pytest

from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.reports.manual import Block, blocks, markdown, pieces

PAGE = """First line.

Two lines of ``code and
more``. Bad::

    a,b

      c,d

Good::

    e
"""


def test_paragraphs_and_examples() -> None:
    assert blocks(PAGE) == [
        Block("First line."),
        Block("Two lines of ``code and\nmore``. Bad:"),
        Block("a,b\n\n  c,d", example=True),
        Block("Good:"),
        Block("e", example=True),
    ]
    assert pieces("Two ``code and\nmore`` x") == [("Two ", False), ("code and more", True), (" x", False)]
    assert blocks("") == []


@pytest.mark.parametrize("check_id", REGISTRY)
def test_nothing_of_a_check_s_page_is_lost(check_id: str) -> None:
    manual = REGISTRY[check_id].manual
    assert manual
    text = markdown(manual)
    kept, told = (re.sub(r"[`\\\\:]", "", words).split() for words in (text, manual))
    assert kept == told
    assert sum(block.example for block in blocks(manual)) >= 2
