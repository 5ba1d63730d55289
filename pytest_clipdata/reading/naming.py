"""Whether a table names some files: its words are compared with their names, whatever its columns are."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable
from pathlib import Path

from pytest_clipdata.reading.regular import open_regular

#: A part of a path in a table, without the quotes, delimiters and slashes around it.
_WORD = re.compile(rb"[^/\\,;\t\"\r\n]+")
_ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})")
_PART = 1 << 20  # bytes that are looked at at a time


def last_word(name: str) -> bytes:
    """The word of a table by which a file is known."""
    words: list[bytes] = _WORD.findall(os.fsencode(name))
    return words[-1] if words else b""


def words_in(data: bytes) -> set[bytes]:
    """The words of a piece of a table; where it has escapes of JSON, as they are written and as they are meant."""
    words = set(_WORD.findall(data))
    if b"\\u" in data:
        words |= set(_WORD.findall(_ESCAPE.sub(_meant, data)))
    return words


def _meant(escape: re.Match[bytes]) -> bytes:
    return chr(int(escape[1], 16)).encode("utf-8", "surrogatepass")


def names_any(tables: Iterable[Path], names: Collection[str]) -> bool:
    """Whether one of ``tables`` names one of the files ``names``."""
    sought = {last_word(name) for name in names}
    return any(_holds(table, sought) for table in tables)


def _holds(table: Path, sought: Collection[bytes]) -> bool:
    rest = b""
    try:
        with open_regular(table) as file:
            while part := file.read(_PART):
                part = rest + part
                end = max(part.rfind(b"\n"), part.rfind(b","), part.rfind(b"\t"))
                if not words_in(part[: end + 1]).isdisjoint(sought):
                    return True
                rest = part[end + 1 :]
                if len(rest) > _PART:  # one endless word is no name
                    rest = b""
    except OSError:
        return False
    return not words_in(rest).isdisjoint(sought)
