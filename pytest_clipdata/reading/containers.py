"""Files that hold pictures and rows: what is known of the file, and the rows that are gathered from several."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reading.file_facts import FileFacts, PathStatus
from pytest_clipdata.reading.local_files import SETTLED_NS
from pytest_clipdata.reading.source import Problem, Rows
from pytest_clipdata.reading.strict_text import MAX_PROBLEMS, cell


@dataclass(frozen=True, slots=True)
class Container:
    """A file that holds pictures, as it was when it was opened."""

    path: str  #: absolute, symbolic links resolved
    size: int
    mtime_ns: int
    ctime_ns: int
    settled: bool

    @classmethod
    def of(cls, path: Path, file: IO[bytes]) -> Container:
        """The file at ``path`` that is open as ``file``."""
        entry = os.fstat(file.fileno())
        settled = max(entry.st_mtime_ns, entry.st_ctime_ns) < time.time_ns() - SETTLED_NS
        return cls(os.path.realpath(path), entry.st_size, entry.st_mtime_ns, entry.st_ctime_ns, settled)

    def picture(self, name: str, start: int, size: int | None = None, column: str | None = None) -> FileFacts:
        """A picture in the file, by the place of its bytes (see `Blob`)."""
        version = f"{self.size} {self.mtime_ns} {self.ctime_ns}"
        return FileFacts(
            PathStatus.OK,
            key=name,
            path=Path(self.path, str(start)),
            size=size,
            mtime_ns=self.mtime_ns,
            ctime_ns=self.ctime_ns,
            settled=self.settled,
            inside=Blob(self.path, start, size, version, column),
        )


@dataclass(slots=True)
class Gathered:
    """The rows of all files of a source, in order, as they are read."""

    files: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    image_paths: list[str | None] = field(default_factory=list)
    texts: list[str | None] = field(default_factory=list)
    labels: list[str | None] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    within: dict[str, FileFacts] = field(default_factory=dict)
    _next: int = 0

    @property
    def full(self) -> bool:
        """Whether so much is wrong that reading is to stop."""
        return len(self.problems) >= MAX_PROBLEMS

    def add(
        self, file: str, line: int, key: str | None, picture: str | None, text: str | None, label: str | None
    ) -> None:
        """A row that could be read. Blank cells become None."""
        self.files.append(file)
        self.lines.append(line)
        self.keys.append(key)
        self.image_paths.append(cell(picture))
        self.texts.append(cell(text))
        self.labels.append(cell(label))
        self.numbers.append(self._next)
        self._next += 1

    def wrong(self, file: str, line: int, key: str | None, words: Iterable[str]) -> None:
        """A row that could not be read, or a place from which on a file cannot."""
        said = "; ".join(words)
        if len(self.problems) == MAX_PROBLEMS - 1:
            said += f"; {MAX_PROBLEMS:,} rows are wrong: reading stops here"
        if not self.full:
            self.problems.append(Problem(self._next, line, said, file, key))
            self._next += 1

    def forget(self, file: str) -> None:
        """Take back what was added last, of one file."""
        kept = next((at for at, name in enumerate(self.files) if name == file), len(self.files))
        for column in (self.files, self.lines, self.keys, self.image_paths, self.texts, self.labels, self.numbers):
            del column[kept:]
        self.problems = [problem for problem in self.problems if problem.file != file]
        self.within = {name: self.within[name] for name in self.image_paths if name in self.within}
        self._next = max([-1, *self.numbers[-1:], *(problem.row for problem in self.problems[-1:])]) + 1

    def rows(self, *, judgeable: bool, keyed: bool, warning: str | None) -> Rows:
        """All of them; none where the columns were not found."""
        if not judgeable:
            self.files, self.lines, self.keys, self.numbers = [], [], [], []
            self.image_paths, self.texts, self.labels = [], [], []
        return Rows(
            self.numbers,
            self.lines,
            self.image_paths,
            self.texts,
            self.labels,
            tuple(self.problems),
            self._digest(),
            judgeable,
            self.files,
            self.keys if keyed else (),
            self.within,
            warning,
        )

    def _digest(self) -> str:
        """The SHA-256 of all that was read; the bytes of pictures have versions of their own."""
        digest = hashlib.sha256(repr(self.problems).encode("utf-8", "surrogatepass"))
        for row in zip(self.files, self.lines, self.keys, self.image_paths, self.texts, self.labels, strict=True):
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def beside(name: str, files: Iterable[Path]) -> tuple[str, ...]:
    """The names of files that lie in the folder of a source, whose own ``name`` is relative to the dataset root."""
    folder = name.rpartition("/")[0]
    return tuple(f"{folder}/{path.name}" if folder else path.name for path in files)
