"""UTF-8 that was read in the wrong encoding."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator


# UTF-8 that was read as Windows-1252 leaves pairs like ``Ã©``: a letter for the lead byte, a sign for the other.
# Bytes that Windows-1252 lacks stand as the control characters of Latin-1.
def _byte_characters(first: int, last: int) -> str:
    values = (bytes([value]) for value in range(first, last + 1))
    characters = {value.decode(encoding, "ignore") for value in values for encoding in ("cp1252", "latin-1")}
    return "".join(sorted(re.escape(character) for character in characters))


_TAIL = f"[{_byte_characters(0x80, 0xBF)}]"
MOJIBAKE_START = re.compile(f"[\u00c2-\u00f4]{_TAIL}")
_MOJIBAKE = re.compile(
    f"(?P<latin>[ÂÃÄÅ]{_TAIL})"  # U+0080 to U+017F
    f"|(?P<viet>á[º»]{_TAIL})"  # U+1E80 to U+1EFF, most of Vietnamese
    # dashes, quotes and other signs; a byte order mark; emoji
    f"|(?P<sign>â[€„\u0080\u0084‚‡ˆ‰”–˜ž\u02c6\u009e]{_TAIL}|ï»¿|ð[Ÿ\u009f]{_TAIL}{{2}})"
    f"|(?P<word>(?:[Æ-ß]{_TAIL}){{2,}}|(?:[à-ï]{_TAIL}{{2}}){{2,}})"  # Greek, Cyrillic, Hebrew, Arabic, Chinese ...
)
_AFTER_WORD = "\u00a0’”“‘»›…–—™®©°ºª·•´¨¹²³"  # signs that may well follow a word in capitals


def mojibake(text: str) -> str | None:
    """The first place that is UTF-8 read as Windows-1252 or Latin-1, in words; None if there is none."""
    for match, meant in _places(text):
        return f"{match.group()!r} at character {match.start() + 1} looks like {meant!r} read in the wrong encoding"
    return None


def without_mojibake(text: str) -> str:
    """``text`` with every such place as it was meant.

    A run of signs that stand for bytes is taken as a whole or not at all: where a byte of it was lost, to put right
    the others would only hide that.
    """
    wrong = [match.start() for match, _ in _places(text)]
    parts, end = [], 0
    for run in _RUN.finditer(text) if wrong else ():
        if bisect_left(wrong, run.start()) == bisect_left(wrong, run.end()):
            continue  # nothing in it is wrong
        try:
            meant = b"".join(map(_byte, run.group())).decode()
        except UnicodeDecodeError:
            continue
        parts += [text[end : run.start()], meant]
        end = run.end()
    return "".join([*parts, text[end:]])


#: All that a byte over 0x7F looks like in Windows-1252 or Latin-1.
_RUN = re.compile(f"[{_byte_characters(0x80, 0xFF)}]+")


def _places(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Each place that is mojibake, and what was meant."""
    for match in _MOJIBAKE.finditer(text):
        found = match.group()
        before, after = text[max(0, match.start() - 1) : match.start()], text[match.end() : match.end() + 1]
        if match["latin"] and not _is_mojibake(found, before, after):
            continue
        if match["viet"] and not after.isalpha():
            continue  # «está»…
        try:
            meant = b"".join(_byte(character) for character in found).decode()
        except UnicodeDecodeError:
            continue
        yield match, meant


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
