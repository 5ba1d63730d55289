"""What lies in a tar, from its headers alone: no member is extracted, none is read here but the names of others.

Python's tarfile ends quietly at a header that it cannot read, as if the archive ended there, and takes the size of a
long name on trust. Here such a thing ends the reading with words, so that what follows it is not passed unseen.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from pytest_clipdata.reading.strict_text import shown

BLOCK = 512
#: Bytes of one extended header (a long name, pax records) that are read; a name has 4,096 at most.
_MAX_EXTENDED = 1 << 20
#: Extended headers before one member, of which other writers make three at most.
_MAX_IN_A_ROW = 8
#: Bytes after the end mark that are looked at: archives are filled up to a multiple of 10,240.
_PADDING = 1 << 16
_COMPRESSED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_KINDS = {
    tarfile.LNKTYPE: "a link",
    tarfile.SYMTYPE: "a symbolic link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a named pipe",
}
_SPARSE = "a sparse file, whose bytes do not lie as they are read"


class TarError(Exception):
    """The archive cannot be read further; its text says why, without a place."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive: its name, where its bytes are, and what keeps it from being a plain file, in words."""

    name: str
    start: int
    size: int
    header: int  #: where its headers begin
    strange: str | None = None

    @property
    def extent(self) -> tuple[int, int]:
        """From its first header to the block after its last byte."""
        return self.header, self.start + -(-self.size // BLOCK) * BLOCK


def members(file: IO[bytes]) -> Iterator[Member]:
    """The files of a tar in order, without folders. Raises TarError after the last one that can be had, and OSError."""
    end = file.seek(0, io.SEEK_END)
    at, first, extended, in_a_row = 0, True, _Extended(), 0
    begins = 0
    while True:
        file.seek(at)
        block = file.read(BLOCK)
        if block == bytes(BLOCK):
            return _look_behind(file)
        header = _header(block, at, first=first)
        first = False
        start, size = at + BLOCK, header.size
        kind = header.type
        in_a_row = in_a_row + 1 if kind in _EXTENDING else 0
        if in_a_row > _MAX_IN_A_ROW:
            raise TarError(f"more than {_MAX_IN_A_ROW} extended headers in a row before byte {at:,}")
        if kind in _EXTENDING:
            _within(start, size, end, "an extended header")
            if size > _MAX_EXTENDED:
                raise TarError(f"an extended header at byte {at:,} has {size:,} bytes, the limit is {_MAX_EXTENDED:,}")
            extended.read(kind, file.read(size), at)
        else:
            name = extended.name if extended.name is not None else header.name
            size = extended.size if extended.size is not None else size
            if kind == tarfile.GNUTYPE_SPARSE:
                raise TarError(f"{shown(name)} is {_SPARSE}")
            strange = _SPARSE if extended.sparse else _KINDS.get(kind)
            if strange is None and kind not in (*_REGULAR, tarfile.DIRTYPE):
                strange = f"of an unknown kind ({ascii(kind)[2:-1]})"
            if kind in (*_KINDS, tarfile.DIRTYPE):
                size = 0  # no bytes follow, whatever the header says
            _within(start, size, end, shown(name))
            if kind != tarfile.DIRTYPE:
                yield Member(name, start, size, begins, strange)
            extended = _Extended()
            begins = start + -(-size // BLOCK) * BLOCK
        at = start + -(-size // BLOCK) * BLOCK


_REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
_PAX = (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE)
_EXTENDING = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XGLTYPE, *_PAX)


@dataclass(slots=True)
class _Extended:
    """What extended headers say of the member that follows them."""

    name: str | None = None
    size: int | None = None
    sparse: bool = False

    def read(self, kind: bytes, data: bytes, at: int) -> None:
        if kind == tarfile.GNUTYPE_LONGNAME:
            self.name = _decoded(data.split(b"\0", 1)[0])
        elif kind in _PAX:
            for key, value in _records(data, at):
                if key == b"path":
                    self.name = _decoded(value)
                elif key == b"size":
                    self.size = _number(value, at)
                elif key.startswith(b"GNU.sparse."):
                    self.sparse = True
        elif kind == tarfile.XGLTYPE and any(key in (b"path", b"size") for key, _ in _records(data, at)):
            raise TarError(f"the global header at byte {at:,} gives every file one name or size")


def _header(block: bytes, at: int, *, first: bool) -> tarfile.TarInfo:
    if not block:
        raise TarError("it is empty" if first else "it ends without an end mark: it is cut off")
    for magic, words in _COMPRESSED.items():
        if first and block.startswith(magic):
            raise TarError(f"it is compressed ({words}), which cannot be read in place: decompress it")
    if len(block) < BLOCK:
        raise TarError("it is no tar" if first else "it is cut off within a header")
    try:
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        raise TarError("it is no tar" if first else f"there is no header of a file at byte {at:,}") from None
    if header.size < 0:
        raise TarError(f"the header at byte {at:,} gives a size below 0")
    return header


def _within(start: int, size: int, end: int, what: str) -> None:
    if start + size > end:
        raise TarError(f"it is cut off within {what}: {end - start:,} of {size:,} bytes are there")


def _look_behind(file: IO[bytes]) -> None:
    """Raise TarError for what lies behind the end mark: readers stop there."""
    if any(file.read(_PADDING)):
        raise TarError("more follows the end mark, which readers do not see (tars that were joined by cat?)")


def _records(data: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
    """The records of a pax header: ``LENGTH KEY=VALUE`` and a line feed, with LENGTH counting all of it."""
    rest = data.rstrip(b"\0")
    while rest:
        length = _number(rest.partition(b" ")[0][:20], at)
        record = rest[:length]
        key, equals, value = record.partition(b" ")[2].partition(b"=")
        if not equals or not value.endswith(b"\n") or len(record) != length:
            raise TarError(f"the extended header at byte {at:,} is damaged")
        yield key, value[:-1]
        rest = rest[length:]


def _number(digits: bytes, at: int) -> int:
    if not digits.isdigit() or len(digits) > 18:
        raise TarError(f"the extended header at byte {at:,} is damaged")
    return int(digits)


def _decoded(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
