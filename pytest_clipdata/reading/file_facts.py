"""What is known of the file that an image path names, without opening the picture."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pytest_clipdata.reading.blob import Blob


class PathStatus(StrEnum):
    """Whether the file of an ``image_path`` can be used. The first eight cannot; the others can, here and now."""

    MISSING = "missing"
    NOT_A_FILE = "not_a_file"  #: a directory, pipe, socket, device or a file of the kernel's
    LFS_POINTER = "lfs_pointer"  #: Git LFS put a pointer where the picture should be
    INVALID = "invalid"  #: no name of a file: too long, NUL, line break, not encodable; or a URL that is refused
    UNREADABLE = "unreadable"  #: the operating system refuses it
    UNREACHABLE = "unreachable"  #: a URL for which no server answered as it should
    CONFINED = "confined"  #: outside the image root, which ``confine`` forbids; never looked at
    OK = "ok"
    ABSOLUTE = "absolute"
    BACKSLASH = "backslash"
    OUTSIDE = "outside"  #: leaves the image root by ``..``
    SYMLINK = "symlink"  #: leaves the image root by a symbolic link
    CASE = "case"  #: the name on disk is spelled otherwise; only a case-blind disk finds it

    @property
    def usable(self) -> bool:
        """Whether the file is there and may be measured."""
        return self in _USABLE


_USABLE = frozenset(list(PathStatus)[list(PathStatus).index(PathStatus.OK) :])
#: What each status says by itself; the others are told by ``FileFacts.detail`` alone.
_WORDS = {
    PathStatus.MISSING: "does not exist",
    PathStatus.UNREADABLE: "cannot be read",
    PathStatus.UNREACHABLE: "is unreachable",
    PathStatus.ABSOLUTE: "is an absolute path",
    PathStatus.BACKSLASH: "is written with backslashes",
    PathStatus.OUTSIDE: "climbs out of the image root",
    PathStatus.SYMLINK: "leads out of the image root by a symbolic link",
}


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One ``image_path``, looked up. All but ``status`` and ``detail`` are None unless ``status.usable``.

    A picture within another file (a tar, a Parquet) has its ``inside``; its ``path`` is then the other file's with the
    picture's place below it, and the times are those of the other file. One at a URL has it too; its ``path`` is no
    place, and ``mtime_ns`` stands for its version.
    """

    status: PathStatus
    detail: str | None = None  #: words: "did you mean images/Shirt.JPG?", "is a named pipe"
    key: str | None = None  #: the resolved file relative to the image root, ``/``-separated; absolute if outside
    path: Path | None = None  #: what tells pictures apart: absolute, symbolic links resolved
    size: int | None = None  #: bytes; of a picture within another file None where that does not tell
    mtime_ns: int | None = None
    ctime_ns: int | None = None  #: changes with every replacement, also one that sets the mtime back
    settled: bool = False  #: both times were over 2 s old when looked at, so they tell of any later change
    inside: Blob | None = None  #: where the bytes are, if not in a file of their own

    @property
    def blob(self) -> Blob | None:
        """The bytes to decode; None if the file cannot be used."""
        if self.path is None or self.inside is not None:
            return self.inside
        return Blob(os.fspath(self.path), version=f"{self.size} {self.mtime_ns} {self.ctime_ns}")

    @property
    def problem(self) -> str | None:
        """What is wrong with the path, in words that follow it; None if nothing is."""
        parts = [_WORDS.get(self.status), self.detail]
        return "; ".join(part for part in parts if part) or None
