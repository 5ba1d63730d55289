"""What does not belong into a text because it is no text: control characters, mojibake, HTML, escapes, marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from html.entities import html5

from pytest_clipdata.texts.mojibake import MOJIBAKE_START, mojibake


def hygiene_problem(text: str) -> str | None:
    """What does not belong into a caption, in words, each kind once with its first place; None if it is clean.

    Characters are counted from 1. Tabs and line breaks are white space and allowed inside of a text.
    """
    plain = text.isascii() or not (MOJIBAKE_START.search(text) or _ODD_PRINTABLE.search(text))
    if plain and text.isprintable() and not _MARKUP_START.search(text):
        return None
    kinds = (_control, _invisible, _lost, mojibake, _html, _escape, _special_mark)
    problems = [words for kind in kinds if (words := kind(text)) is not None]
    return "; ".join(problems) if problems else None


_MARKUP_START = re.compile(r"[<&\\%]")


def _at(what: str, text: str, position: int) -> str:
    character = text[position]
    name = unicodedata.name(character, "")
    return f"{what} U+{ord(character):04X}{' ' + name if name else ''} at character {position + 1}"


def _control(text: str) -> str | None:
    match = CONTROL.search(text)
    return _at("control character", text, match.start()) if match else None


CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _invisible(text: str) -> str | None:
    """The first zero-width or bidirectional control character that has no business where it stands."""
    return next((_at("invisible character", text, position) for position in invisible_places(text)), None)


def invisible_places(text: str) -> Iterator[int]:
    """Where such characters stand."""
    right_to_left: bool | None = None
    for match in _FORMAT.finditer(text):
        position = match.start()
        character = text[position]
        before = text[position - 1] if position else " "
        allowed = False
        if character in "\u200c\u200d":
            # They join or part the letters of Arabic, Persian and Indic words, and the parts of an emoji.
            allowed = unicodedata.category(before) in ("Lo", "Mn", "Mc", "So", "Sk")
        elif character in "\u200e\u200f\u061c":
            if right_to_left is None:
                right_to_left = _RIGHT_TO_LEFT.search(text) is not None
            allowed = right_to_left
        if not allowed:
            yield position


_FLAG_TAGS = "(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0000-\U000e007f]"  # tags after a black flag are a flag
_FORMAT = re.compile(
    "[\u00ad\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb]|" + _FLAG_TAGS
)
_RIGHT_TO_LEFT = re.compile("[\u05d0-\u05ea\u0620-\u08ff\ufb1d-\ufdfd\ufe70-\ufefc]")


def _lost(text: str) -> str | None:
    match = _LOST.search(text)
    if match is None:
        return None
    position = match.start()
    character = text[position]
    if character == "\ufffd":
        return f"replacement character U+FFFD at character {position + 1}: a letter was lost"
    kind = {"Cs": "lone surrogate", "Co": "private-use character", "So": "object placeholder"}
    return _at(kind.get(unicodedata.category(character), "noncharacter"), text, position)


_PLANE_ENDS = "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
_LOST = re.compile(
    "[\ud800-\udfff\ufffc\ufffd\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd\ufdd0-\ufdef" + _PLANE_ENDS + "]"
)
_ODD_PRINTABLE = re.compile("[\u115f\u1160\u3164\uffa0\ufffc\ufffd]")  # what str.isprintable lets through


def _html(text: str) -> str | None:
    tag = TAG.search(text)
    if tag is not None:
        return f"HTML tag {tag.group()[:40]!r} at character {tag.start() + 1}"
    for entity in ENTITY.finditer(text):
        if is_entity(entity):
            return f"HTML entity {entity.group()!r} at character {entity.start() + 1}"
    return None


def is_entity(found: re.Match[str]) -> bool:
    """Whether what looks like an entity is one: a number, or a name of HTML."""
    return found[1] is None or found[1] in html5


TAG = re.compile(
    r"<!--|<!doctype\b|</[a-z][a-z0-9]*\s*>"
    r"|<(?:a|abbr|article|b|big|body|br|button|center|code|dd|div|dl|dt|em|font|footer|form|h[1-6]|head|header|hr|html|i"
    r"|iframe|img|input|ins|label|li|link|main|mark|meta|nav|ol|option|p|pre|q|script|section|select|small|span|strike"
    r"|strong|style|sub|sup|svg|table|tbody|td|th|thead|title|tr|tt|u|ul|video)(?:\s[^<>]{0,1000})?\s?/?>",
    re.IGNORECASE,
)
ENTITY = re.compile(r"&(?:#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|([A-Za-z][A-Za-z0-9]{1,31};))")


def _escape(text: str) -> str | None:
    escape = _ESCAPE.search(_PATH.sub(lambda path: " " * len(path.group()), text))
    return f"stray escape {escape.group()} at character {escape.start() + 1}" if escape else None


# Of the percent escapes only those of signs, and not after a digit or a space: ``100%20cm``, Turkish ``%50 pamuk``.
_ESCAPE = re.compile(
    r"""\\(?:[nrt"'/]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2})"""
    r"|(?<=[^\s\d])%(?:0[9AD]|2[0-9A-F]|3[A-F]|40|5[B-F]|60|7[B-E])(?!\d)|(?:%[C-F][0-9A-F]|%[89AB][0-9A-F]){2,}",
)
_PATH = re.compile(r"(?:\b[A-Za-z]:|(?<!\S)\\)\\\S*")


def _special_mark(text: str) -> str | None:
    mark = _SPECIAL.search(text)
    return f"{mark.group()!r} at character {mark.start() + 1} is a mark of CLIP's tokenizer" if mark else None


_SPECIAL = re.compile(r"<\|(?:startoftext|endoftext)\|>", re.IGNORECASE)
