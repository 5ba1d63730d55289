"""What readers share: bytes that are hashed as they are read, what no UTF-8 text holds, data in messages, cells."""

from __future__ import annotations

import hashlib
import io
import re
from typing import IO, Any

MAX_CELL = 131_072  #: characters; the csv module's own default. CLIP reads some 300
MAX_PROBLEMS = 100_000  #: rows of one source that may be wrong before reading stops
BOM = "\ufeff"


class HashedFile(io.RawIOBase):
    """A file that hashes the bytes that go through it, so that what is read is what is hashed."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw: Any = raw
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count: int = self._raw.readinto(buffer) or 0
        self.digest.update(memoryview(buffer)[:count])
        return count

    def drain(self) -> None:
        buffer = bytearray(1 << 20)
        while self.readinto(buffer):
            pass


def flaw_of(line: str) -> str | None:
    """The first thing in a line that no UTF-8 text file holds."""
    if "\0" in line:
        nul = f"a NUL character at character {line.index(chr(0)) + 1}"
        return f"{nul}: the file looks like UTF-16, save it as UTF-8" if line.count("\0") * 3 > len(line) else nul
    byte = _UNDECODABLE.search(line)
    if byte is None:
        return None
    value = ord(byte.group()) - 0xDC00
    words = f"byte 0x{value:02x} at character {byte.start() + 1} is not UTF-8"
    if line.startswith(("\udcff\udcfe", "\udcfe\udcff")):
        return f"{words}: the file looks like UTF-16, save it as UTF-8"
    try:
        letter = bytes([value]).decode("cp1252")
    except UnicodeDecodeError:
        return words
    return f"{words}; in Windows-1252 it is {letter!r}: save the file as UTF-8"


_UNDECODABLE = re.compile("[\udc80-\udcff]")


def quoted(text: str, limit: int = 60) -> str:
    """A piece of data as it may stand in a message: quoted, cut, every unprintable character escaped."""
    return repr(text) if len(text) <= limit else repr(text[:limit]) + "..."


def shown(name: str) -> str:
    """A name as it may stand in a message: quoted where that tells something, cut, nothing in it unprintable."""
    plain = name.isascii() and name.isprintable() and " " not in name
    text = name if plain else ascii(name)
    return text if len(text) <= 120 else f"{text[:120]}..."


def cell(text: str | None) -> str | None:
    """The text of a cell as it stands; None if there is none, or nothing but white space."""
    return text if text and not text.isspace() else None
