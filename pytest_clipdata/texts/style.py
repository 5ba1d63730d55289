"""What a text has of a shop window and a caption needs not: stray blanks, addresses, repetition, shouting, ornaments.

None of it is broken, so it is told apart from `hygiene`; but each costs tokens or teaches the model the shop's habits.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ALLOWED = "\ue000"  # stands for each letter of an allowed string: no letter, no blank, no ornament


def style_problem(text: str, allowed: Sequence[str] = ()) -> str | None:
    """What is bad style in a text, in words, each kind once with its first place; None if nothing is.

    ``allowed`` holds literal strings, compared letter by letter: where one stands in the text nothing is a problem.
    Characters are counted from 1. Linear in the length of the text.
    """
    text = _without_allowed(text, allowed)
    kinds = (_outer_blanks, _double_blank, _address, _repeated_word, _capitals, _loud_marks, _ornament)
    problems = [words for kind in kinds if (words := kind(text)) is not None]
    return "; ".join(problems) if problems else None


def blanks_problem(text: str, allowed: Sequence[str] = ()) -> str | None:
    """What is wrong with the blanks of a text alone, in words; None if nothing is."""
    text = _without_allowed(text, allowed)
    return _outer_blanks(text) or _double_blank(text)


def _without_allowed(text: str, allowed: Sequence[str]) -> str:
    for string in sorted(allowed, key=len, reverse=True):
        text = text.replace(string, _ALLOWED * len(string)) if string else text
    return text


def _quoted(text: str, match: re.Match[str]) -> str:
    return f"{match.group()[:40]!r} at character {match.start() + 1}"


def _outer_blanks(text: str) -> str | None:
    if text == text.strip():
        return None
    ends = (["start"] if text[:1].isspace() else []) + (["end"] if text[-1:].isspace() else [])
    return f"white space at the {' and the '.join(ends)}"


def _double_blank(text: str) -> str | None:
    """Blanks at a line's end or start are none of these: CLIP reads a line break as a blank."""
    match = _BLANKS.search(text.strip()) if "  " in text or not text.isascii() or "\t" in text else None
    at = match.start() + len(text) - len(text.lstrip()) + 1 if match else 0
    return f"{len(match.group())} blanks in a row at character {at}" if match else None


_BLANKS = re.compile("[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]{2,}")


def _address(text: str) -> str | None:
    if "." not in text and "://" not in text:
        return None
    match = _ADDRESS.search(text) or _NAME.search(text) or ("@" in text and _MAIL.search(text))
    if not match:
        return None
    before = text[max(0, match.start() - 64) : match.start()]
    start = match.start() - len(before) + len(before.rstrip(_NAME_CHARACTERS))
    return f"web or mail address {text[start : match.end()][:60]!r} at character {start + 1}"


_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>\"]{1,1000}|\bwww\.[\w-]{1,63}\.\w{2,63}", re.IGNORECASE)
# Of names without ``www`` only those under the endings of shops; a letter must stand before the dot, not ``no 1.com``.
_NAME = re.compile(r"\.(?<=[^\W\d]\.)(?:com|net|org|info|shop|store|co\.uk|de|fr)\b(?![.\w-])", re.IGNORECASE)
_MAIL = re.compile(r"@(?<=[\w.+-]@)[\w-]{1,63}\.[A-Za-z]{2,63}\b")
_NAME_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.+-"


def _repeated_word(text: str) -> str | None:
    for match in _REPEATED.finditer(text):
        word = match[1]
        if _DOUBLED.fullmatch(word) or (len(word) == 1 and word.isupper()):  # initials: ``S S Enterprise``
            continue
        return f"word {word[:40]!r} repeated at character {match.start(2) + 1}"
    return None


# Possessive quantifiers: nothing is tried twice, so that the search is linear.
_REPEATED = re.compile(
    r"(?<![\w'’-])([^\W\d_]++(?:['’-][^\W\d_]++)*+)\s++(\1)(?![\w'’-])",
    re.IGNORECASE,
)
#: What English doubles, apart or in names: ``cha cha``, ``had had``, ``turned on on a desk``.
_DOUBLED = re.compile(
    "bam|boo|bon|bora|bye|can|cha|chin|choo|chop|chow|dum|duran|go|ha|had|ho|hop|in|jo|ju|kit|knock|lo|ma|mini|mu|nan"
    "|night|no|on|pa|peri|pom|pon|puff|so|that|tic|tom|toy|tu|tut|tutti|very|wee|wing|yo|yum|zig|zum",
    re.IGNORECASE,
)


def _capitals(text: str) -> str | None:
    """Shouting: three words of four letters or more in capitals, and most such words of the text."""
    if text[1:].islower() or (text.isascii() and not _CAPITALS.search(text)):
        return None
    words = [match for match in _WORD.finditer(text) if len(match.group()) >= 4]
    loud = [match for match in words if match.group().isupper()]
    if len(loud) < 3 or 2 * len(loud) <= len(words):
        return None
    return f"{len(loud)} of {len(words)} longer words in capitals, first {_quoted(text, loud[0])}"


_CAPITALS = re.compile("[A-Z]{4}")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def _loud_marks(text: str) -> str | None:
    match = _LOUD.search(text)
    return f"repeated marks {_quoted(text, match)}" if match else None


_LOUD = re.compile(r"[!?！？]{2,}|([*#=~_|<>/\\+@$^-])\1{2,}|\.{4,}")


def _ornament(text: str) -> str | None:
    match = None if text.isascii() else _ORNAMENT.search(text)
    return f"emoji or decoration {_quoted(text, match)}" if match else None


# Pictographs, dingbats, geometric shapes, lines, arrows but plain ones, musical and other emoji; not ™ ® © ° • · →.
_ORNAMENT = re.compile(
    "(?:[\u2190\u2191\u2193-\u21ff\u2300-\u23ff\u2460-\u24ff\u2500-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d"
    "\U0001f000-\U0001faff][\ufe0f\u20e3\u200d]{0,3}){1,20}|[0-9#*]\ufe0f?\u20e3"
)
