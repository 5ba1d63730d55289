"""Whether a table names some files: its words are compared with their names, whatever its columns are."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from pytest_clipdata.reading.kinds import is_picture_or_text
from pytest_clipdata.reading.regular import open_regular

#: A part of a path in a table, without the quotes, delimiters and slashes around it.
_WORD = re.compile(rb"[^/\\,;\t\"\r\n]+")
_ESCAPES = re.compile(rb"(?:\\u[0-9a-fA-F]{4})+")
_PART = 1 << 20  # bytes that are looked at at a time


def last_word(name: str) -> bytes:
    """The word of a table by which a file is known."""
    words: list[bytes] = _WORD.findall(os.fsencode(name))
    return words[-1] if words else b""


def words_in(data: bytes) -> set[bytes]:
    """The words of a piece of a table; where it has escapes of JSON, as they are written and as they are meant."""
    words = set(_WORD.findall(data))
    if b"\\u" in data:
        words |= set(_WORD.findall(_ESCAPES.sub(_meant, data)))
    return words


def _meant(escapes: re.Match[bytes]) -> bytes:
    units = bytes.fromhex(escapes[0].replace(b"\\u", b"").decode("ascii"))  # a letter may be a pair of them
    return units.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")


class Table:
    """A table that is asked for files by their names. It is read once, as far as it must be, whoever asks."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names: set[bytes] = set()  # the words so far that may be those of a picture or of its text
        self._at = 0
        self._rest = b""
        self._ended = False

    def names_any(self, words: Collection[bytes]) -> bool:
        """Whether one of ``words``, each a `last_word`, stands in the table; False if it cannot be read."""
        if self._names.isdisjoint(words) and not self._ended:
            with suppress(OSError), open_regular(self._path) as file:
                file.seek(self._at)
                while part := file.read(_PART):
                    self._at += len(part)
                    part = self._rest + part
                    end = max(part.rfind(b"\n"), part.rfind(b","), part.rfind(b"\t"))
                    self._rest = part[end + 1 :] if len(part) - end - 1 <= _PART else b""  # one endless word is no name
                    if self._take(part[: end + 1], words):
                        return True
            self._ended = True
            self._take(self._rest, words)
        return not self._names.isdisjoint(words)

    def _take(self, data: bytes, words: Collection[bytes]) -> bool:
        new = {word for word in words_in(data) if is_picture_or_text(os.fsdecode(word))}
        self._names |= new
        return not new.isdisjoint(words)
