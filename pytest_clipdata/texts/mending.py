"""What a machine can mend in a text without doubt: what `hygiene` and `style` find and there is one way to put right.

A letter that was lost, a stray escape or a mark of the tokenizer may mean several things: they stay for a person.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from pytest_clipdata.texts.hygiene import CONTROL, ENTITY, TAG, hygiene_problem, invisible_places, is_entity
from pytest_clipdata.texts.mojibake import without_mojibake
from pytest_clipdata.texts.style import blanks_problem

#: Times that what was mended is looked at again: ``&amp;amp;`` takes two. What takes more was made to take long.
_ROUNDS = 8


def mend_hygiene(text: str, *, tags: bool = False) -> str:
    """``text`` without mojibake, HTML entities, control and zero-width characters, and with ``tags`` without HTML tags.

    Text that is not found wrong stays as it is, and so does what would not be settled in a few rounds. Mending twice
    is mending once.
    """
    mended = text
    for _ in range(_ROUNDS):
        if hygiene_problem(mended) is None:
            return mended
        before = mended
        mended = without_mojibake(mended)
        mended = ENTITY.sub(_meant, mended)
        mended = CONTROL.sub(_control, mended)
        mended = _without_invisible(mended)
        if tags:
            mended = TAG.sub(_tag, _WHOLE.sub(" ", mended))
        if mended == before:
            return mended
    return text


def mend_blanks(text: str, allowed: Sequence[str] = ()) -> str:
    """``text`` without white space at its ends and with one blank for several; as it is where it is not found wrong, or
    where a string of ``allowed`` has such blanks of its own."""
    if blanks_problem(text, allowed) is None or any(string in text and _BLANK.search(string) for string in allowed):
        return text
    return _BLANKS.sub(" ", text.strip())


_BLANKS = re.compile("[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]{2,}")
_BLANK = re.compile(r"\s")


def _meant(entity: re.Match[str]) -> str:
    """What an entity stands for; itself if that is nothing, no character, or one that ends a line."""
    if not is_entity(entity):
        return entity.group()
    meant = html.unescape(entity.group())
    return " " if meant in ("\n", "\r") else entity.group() if not meant or "\ufffd" in meant else meant


def _control(found: re.Match[str]) -> str:
    """Windows-1252's sign for a byte that Latin-1 reads as a control, a blank for one that parts words, or nothing."""
    character = found.group()
    if character in "\x0b\x0c\x1c\x1d\x1e\x1f":
        return " "
    return bytes([ord(character)]).decode("cp1252", "ignore") if character >= "\x80" else ""


def _without_invisible(text: str) -> str:
    places = set(invisible_places(text))
    return "".join(char for i, char in enumerate(text) if i not in places) if places else text


def _tag(found: re.Match[str]) -> str:
    """A blank for a tag that ends a line or a block, nothing for one within words."""
    return "" if _INLINE.match(found.group()) else " "


_INLINE = re.compile(
    r"</?(?:a|abbr|b|big|code|em|font|i|ins|label|mark|q|small|span|strike|strong|sub|sup|u)\b", re.IGNORECASE
)
#: What is no text at all: comments, scripts and styles with what they hold. None reaches across the start of another
#: one, so that a text of starts alone is read once and not anew from each.
_WHOLE = re.compile(
    r"(?s)<!--(?:(?!<!--).){0,10000}?-->|(?i:<(script|style)\b[^<>]{0,1000}>(?:(?!<\1\b).){0,10000}?</\1\s{0,9}>)"
)
