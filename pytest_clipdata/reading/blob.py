"""Where the bytes of one picture are, as plain data."""

from __future__ import annotations

import hashlib
import io
import os
from dataclasses import dataclass, field
from pathlib import Path

from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.remote_files import RemoteFile
from pytest_clipdata.reading.remote_urls import is_url

_PART = 1 << 20  # bytes that are hashed at a time


@dataclass(frozen=True, slots=True)
class Blob:
    """The bytes of one picture: ``size`` bytes from ``start`` of the file ``url``, None for all of it.

    ``url`` is a local path, or a URL for which `remote_urls.is_url` holds. With a ``column`` they are a cell of a
    Parquet file instead: of that column (``image.bytes`` is a field of a struct) the row ``start``, from 0. ``version``
    changes whenever the bytes may have. A blob is opened in the process that decodes it.
    """

    url: str = field(repr=False)  # it may hold a secret
    start: int = 0
    size: int | None = None
    version: str | None = None
    column: str | None = None

    @classmethod
    def of(cls, path: Path) -> Blob:
        """A whole local file."""
        return cls(os.fspath(path))

    @property
    def is_whole_file(self) -> bool:
        """Whether the picture is a file of its own, of which a part can be read."""
        return self.start == 0 and self.size is None and self.column is None

    @property
    def is_remote(self) -> bool:
        """Whether the bytes are at a URL."""
        return is_url(self.url)

    def open(self) -> io.RawIOBase | io.BytesIO:
        """The file at ``start``; whoever reads it stops after ``length``.

        Raises OSError for what is not a regular file, at once and without waiting, and for a cell that cannot be read.
        What is at a URL is fetched when it is read, and reading raises OSError then.
        """
        if self.column is not None:
            from pytest_clipdata.reading.parquet_cells import cells

            return io.BytesIO(cells(self.url, self.version, self.column).read(self.start))
        if self.is_remote:
            return RemoteFile(self.url, self.size, self.version)
        file = open_regular(Path(self.url))
        if self.start:
            file.seek(self.start)
        return file

    def length(self, file: io.RawIOBase | io.BytesIO) -> int:
        """The picture's bytes in its opened ``file``: fewer than ``size`` where that ends too early, never below 0."""
        if isinstance(file, io.BytesIO):
            return len(file.getbuffer())
        if isinstance(file, RemoteFile):
            return file.length()
        there = max(0, os.fstat(file.fileno()).st_size - self.start)
        return there if self.size is None else min(there, self.size)


def sha256_of(blob: Blob, size: int | None = None) -> str | None:
    """The SHA-256 of a picture's bytes in hexadecimal; None if they cannot be read or are not ``size`` bytes."""
    try:
        with blob.open() as file:
            left = blob.length(file)
            if size is not None and left != size:
                return None
            digest = hashlib.sha256()
            while left and (part := file.read(min(left, _PART))):
                digest.update(part)
                left -= len(part)
            return digest.hexdigest()
    except OSError:
        return None
