"""Captions: their form for comparison, their words and tokens, and what does not belong into them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html.entities import html5
from typing import Any

# Canonical ordering is quadratic in a run of combining marks (131,072 of them take 12 s), so long texts go in pieces.
_PIECE = 2048


def normalise(text: str) -> str:
    """The form in which texts are compared: NFKC, case folded, white space collapsed to single spaces, trimmed."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(_unicode("NFKC", _unicode("NFKC", text).casefold()).split())


def _unicode(form: Any, text: str) -> str:
    if len(text) <= _PIECE:
        return unicodedata.normalize(form, text)
    pieces = (text[start : start + _PIECE] for start in range(0, len(text), _PIECE))
    return "".join(unicodedata.normalize(form, piece) for piece in pieces)


def count_words(text: str) -> int:
    """Words as a word processor counts them: what white space separates, if a letter or digit is in it.

    ``t-shirt`` and ``red/blue`` are one word each, ``&`` and ``-`` none. In scripts without spaces each Chinese
    character and each kana is one; other such scripts (Thai, Khmer) are counted by their spaces.
    """
    if not text.isascii():
        text = _IDEOGRAPH.sub(r" \g<0> ", text)
    return sum(word.isalnum() or _ALNUM.search(word) is not None for word in text.split())


_ALNUM = re.compile(r"[^\W_]")
_IDEOGRAPH = re.compile("[\u3041-\u309f\u30a1-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]")


# --- hygiene ---------------------------------------------------------------------------------------------------------


def text_problem(text: str) -> str | None:
    """What does not belong into a caption, in words, each kind once with its first place; None if it is clean.

    Characters are counted from 1. Tabs and line breaks are white space and allowed inside of a text.
    """
    if text.isprintable() and not _MARKUP_START.search(text):
        if text.isascii():
            return _outer_space(text)
        if not _MOJIBAKE_START.search(text) and not _ODD_PRINTABLE.search(text):
            return _outer_space(text)
    kinds = (_control, _invisible, _lost, _mojibake, _html, _escape, _special_mark, _outer_space)
    problems = [words for kind in kinds if (words := kind(text)) is not None]
    return "; ".join(problems) if problems else None


_MARKUP_START = re.compile(r"[<&\\%]")


def _outer_space(text: str) -> str | None:
    if text == text.strip():
        return None
    ends = (["start"] if text[:1].isspace() else []) + (["end"] if text[-1:].isspace() else [])
    return f"white space at the {' and the '.join(ends)}"


def _at(what: str, text: str, position: int) -> str:
    character = text[position]
    name = unicodedata.name(character, "")
    return f"{what} U+{ord(character):04X}{' ' + name if name else ''} at character {position + 1}"


def _control(text: str) -> str | None:
    match = _CONTROL.search(text)
    return _at("control character", text, match.start()) if match else None


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _invisible(text: str) -> str | None:
    """The first zero-width or bidirectional control character that has no business where it stands."""
    for match in _FORMAT.finditer(text):
        position = match.start()
        character = text[position]
        before = text[position - 1] if position else " "
        if character in "\u200c\u200d":
            # They join or part the letters of Arabic, Persian and Indic words, and the parts of an emoji.
            allowed = unicodedata.category(before) in ("Lo", "Mn", "Mc", "So", "Sk")
        elif character in "\u200e\u200f\u061c":
            allowed = _RIGHT_TO_LEFT.search(text) is not None
        else:
            allowed = False
        if not allowed:
            return _at("invisible character", text, position)
    return None


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


# UTF-8 that was read as Windows-1252 leaves pairs like ``Ã©``: a letter for the lead byte, a sign for the other.
# Bytes that Windows-1252 lacks stand as the control characters of Latin-1.
def _byte_characters(first: int, last: int) -> str:
    values = (bytes([value]) for value in range(first, last + 1))
    characters = {value.decode(encoding, "ignore") for value in values for encoding in ("cp1252", "latin-1")}
    return "".join(sorted(re.escape(character) for character in characters))


_TAIL = f"[{_byte_characters(0x80, 0xBF)}]"
_MOJIBAKE_START = re.compile(f"[\u00c2-\u00f4]{_TAIL}")
_MOJIBAKE = re.compile(
    f"(?P<latin>[ÂÃÄÅ]{_TAIL})"  # U+0080 to U+017F
    f"|(?P<viet>á[º»]{_TAIL})"  # U+1E80 to U+1EFF, most of Vietnamese
    # dashes, quotes and other signs; a byte order mark; emoji
    f"|(?P<sign>â[€„\u0080\u0084‚‡ˆ‰”–˜ž\u02c6\u009e]{_TAIL}|ï»¿|ð[Ÿ\u009f]{_TAIL}{{2}})"
    f"|(?P<word>(?:[Æ-ß]{_TAIL}){{2,}}|(?:[à-ï]{_TAIL}{{2}}){{2,}})"  # Greek, Cyrillic, Hebrew, Arabic, Chinese ...
)
_AFTER_WORD = "\u00a0’”“‘»›…–—™®©°ºª·•´¨¹²³"  # signs that may well follow a word in capitals


def _mojibake(text: str) -> str | None:
    for match in _MOJIBAKE.finditer(text):
        found = match.group()
        before, after = text[: match.start()][-1:], text[match.end() :][:1]
        if match["latin"] and not _is_mojibake(found, before, after):
            continue
        if match["viet"] and not after.isalpha():
            continue  # «está»…
        try:
            meant = b"".join(_byte(character) for character in found).decode()
        except UnicodeDecodeError:
            continue
        return f"{found!r} at character {match.start() + 1} looks like {meant!r} read in the wrong encoding"
    return None


def _is_mojibake(pair: str, before: str, after: str) -> bool:
    """Whether a pair is no plain text such as ``LÃ – AZUL``, ``MAÇÔ``, ``5 Å–20 Å`` or ``«URÂ»``."""
    if pair[0] in "ÄÅ":
        return before.islower() or after.islower() or after in ("Ã", "Ä", "Å")
    if pair[0] == "Â" and not "\u00a0" <= pair[1] <= "\u00bf":
        return False  # its meaning would be a control character
    follows = pair[1] in "’\u00a0" or (pair[1] in _AFTER_WORD and not after.isalpha())
    return not (before.isupper() and follows) or pair in ("Â®", "Â©", "Â°")


def _byte(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")


def _html(text: str) -> str | None:
    tag = _TAG.search(text)
    if tag is not None:
        return f"HTML tag {tag.group()[:40]!r} at character {tag.start() + 1}"
    for entity in _ENTITY.finditer(text):
        if entity[1] is None or entity[1] in html5:
            return f"HTML entity {entity.group()!r} at character {entity.start() + 1}"
    return None


_TAG = re.compile(
    r"<!--|<!doctype\b|</[a-z][a-z0-9]*\s*>"
    r"|<(?:a|abbr|article|b|big|body|br|button|center|code|dd|div|dl|dt|em|font|footer|form|h[1-6]|head|header|hr|html|i"
    r"|iframe|img|input|ins|label|li|link|main|mark|meta|nav|ol|option|p|pre|q|script|section|select|small|span|strike"
    r"|strong|style|sub|sup|svg|table|tbody|td|th|thead|title|tr|tt|u|ul|video)(?:\s[^<>]{0,1000})?\s?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7};|#[xX][0-9a-fA-F]{1,6};|([A-Za-z][A-Za-z0-9]{1,31};))")


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


# --- tokens ----------------------------------------------------------------------------------------------------------

# What CLIP's byte-pair encoding never merges across, so each of them is one token at least. Letters here include the
# few numerals that are no digits (CLIP parts them), which keeps it a lower bound.
# https://github.com/openai/CLIP/blob/main/clip/simple_tokenizer.py
_PIECES = re.compile(r"'(?:s|t|re|ve|m|ll|d)|[^\W\d_]+|\d|(?:[^\w\s]|_)+")
_WORD = re.compile(r"[\S\x1c-\x1f]+")  # Python alone takes those four for white space
_MARKS = 2  # start and end of text


def _clip_encoder() -> Callable[[str], Sequence[int]] | None:
    try:
        from instant_clip_tokenizer import Tokenizer
    except ImportError:
        return None
    encode: Callable[[str], Sequence[int]] = _made_once(Tokenizer).encode
    return encode


@cache
def _made_once(tokenizer: type[Any]) -> Any:
    return tokenizer()  # it takes 40 ms, and every finding of token_length asks for one


class TokenCounter:
    """CLIP's tokens of texts, its two end marks included.

    ``exact`` says that CLIP's own tokenizer counts (instant-clip-tokenizer, if it is installed). Otherwise the counts
    are lower bounds: words, digits and groups of punctuation marks, plus 2.
    """

    def __init__(self) -> None:
        self._encode = _clip_encoder()

    @property
    def exact(self) -> bool:
        return self._encode is not None

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, >= 2."""
        return [self._count(text) for text in texts]

    def cut(self, text: str, context_length: int = 77) -> str:
        """The tail of ``text`` that a context of so many tokens cuts off, from the first word that does not fit whole.

        Empty if all of it fits. A single long word is cut within.
        """
        words = [match.span() for match in _WORD.finditer(text)]
        fitting = self._fitting(text, [end for _, end in words], context_length)
        if fitting == len(words):
            return ""
        start, end = words[fitting]
        if fitting == 0:
            start += self._fitting(text, range(start + 1, end), context_length)
        return text[start : words[-1][1]]

    def _fitting(self, text: str, ends: Sequence[int], context_length: int) -> int:
        """How many of the prefixes that end at ``ends`` fit; their counts rise with their lengths."""
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high + 1) // 2
            if self._count(text[: ends[middle - 1]]) <= context_length:
                low = middle
            else:
                high = middle - 1
        return low

    def _count(self, text: str) -> int:
        if not text.isascii():
            text = _SURROGATE.sub("\ufffd", _unicode("NFC", text))
        if self._encode is None:
            return sum(1 for _ in self._pieces(text)) + _MARKS
        return len(self._encode(text)) + _MARKS

    @staticmethod
    def _pieces(text: str) -> Iterator[re.Match[str]]:
        return _PIECES.finditer(text.lower())


_SURROGATE = re.compile("[\ud800-\udfff]")
