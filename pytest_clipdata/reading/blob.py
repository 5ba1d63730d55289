"""Where the bytes of one picture are, as plain data; and how a file is opened that may be anything."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path

# Without O_NONBLOCK opening a pipe would wait for its writer; without O_BINARY Windows would translate line ends.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes of one picture: ``size`` bytes from ``start`` of the file ``url`` (a local path), None for all of it.

    ``version`` changes whenever the bytes may have. A blob is opened in the process that decodes it.
    """

    url: str
    start: int = 0
    size: int | None = None
    version: str | None = None

    @classmethod
    def of(cls, path: Path) -> Blob:
        """A whole local file."""
        return cls(os.fspath(path))

    def open(self) -> io.FileIO:
        """The file at ``start``; whoever reads it stops after ``length``.

        Raises OSError for what is not a regular file, at once and without waiting.
        """
        file = open_regular(Path(self.url))
        if self.start:
            file.seek(self.start)
        return file

    def length(self, file: io.FileIO) -> int:
        """The picture's bytes in its opened ``file``: fewer than ``size`` where that ends too early, never below 0."""
        there = max(0, os.fstat(file.fileno()).st_size - self.start)
        return there if self.size is None else min(there, self.size)


def open_regular(path: Path) -> io.FileIO:
    """Open a regular file to read its bytes, unbuffered.

    Raises OSError at once for anything else, also for a pipe that nobody writes to and for a path that no file can
    have.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError:
        raise OSError("the path holds a NUL character") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("it is not a regular file")
        return io.FileIO(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def sha256_of(path: Path, size: int | None = None) -> str | None:
    """The SHA-256 of a file in hexadecimal; None if it cannot be read or is not of ``size`` bytes."""
    try:
        with open_regular(path) as file:
            if size is not None and os.fstat(file.fileno()).st_size != size:
                return None
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
