"""A check's manual page as pieces, for pages and for Markdown: paragraphs, examples and words set as code."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass

_CODE = re.compile(r"``(.+?)``", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or an example whose lines stand as they are."""

    text: str
    example: bool = False


def blocks(manual: str) -> list[Block]:
    """The pieces of a manual page. A paragraph ends at an empty line; what is indented after ``::`` is an example."""
    found: list[Block] = []
    for part in re.split(r"\n[ \t]*\n", manual.strip("\n")):
        if part[:1].isspace():
            before = f"{found.pop().text}\n\n" if found and found[-1].example else ""
            found.append(Block(before + part.rstrip(), example=True))
        elif part:
            found.append(Block(re.sub(r"::$", ":", part.rstrip())))
    return [Block(textwrap.dedent(block.text), True) if block.example else block for block in found]


def pieces(paragraph: str) -> list[tuple[str, bool]]:
    """The words of a paragraph in order, each with whether it is code; no white space but single blanks."""
    parts = _CODE.split(" ".join(paragraph.split()))
    return [(part, i % 2 == 1) for i, part in enumerate(parts) if part]


def markdown(manual: str) -> str:
    """A manual page as Markdown: examples are indented by four blanks, code stands between backticks."""
    parts = []
    for block in blocks(manual):
        if block.example:
            parts.append(textwrap.indent(block.text, "    "))
        else:
            parts.append("".join(f"`{text}`" if code else _plain(text) for text, code in pieces(block.text)))
    return "\n\n".join(parts)


def _plain(text: str) -> str:
    """``text`` as words of Markdown, none of which is markup."""
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)
