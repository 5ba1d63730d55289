"""JSON Lines: an object a line, each a row or, where its text is a list of captions, a row for each of them.

Whatever is wrong with a line becomes a problem of that line: reading never raises. Lines end with a line feed, as the
format has it, so what is wrong with one costs nothing below it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from pytest_clipdata.reading.columns import Columns
from pytest_clipdata.reading.head import HEAD_ROWS, Head
from pytest_clipdata.reading.image_folder import own_columns
from pytest_clipdata.reading.json_text import head_of, parsed_json, text_of
from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.source import Problem, Rows
from pytest_clipdata.reading.strict_text import BOM, MAX_PROBLEMS, HashedFile, flaw_of

MAX_LINE = 8 * 1024 * 1024  #: bytes
_HEAD_LINES = 1000  # lines in which the head is looked for, also where most of them are broken


@dataclass(frozen=True, slots=True)
class JsonLinesSource:
    """One file of JSON Lines: see `source.Source`."""

    path: Path  #: absolute
    name: str
    split: str

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.path,)

    def head(self) -> Head | None:
        objects = []
        try:
            with open_regular(self.path) as raw:
                for line in islice(_lines(HashedFile(raw)), _HEAD_LINES):
                    if isinstance(found := parsed(line), dict):
                        objects.append(found)
                    if len(objects) == HEAD_ROWS or line.is_utf16:
                        break
        except (OSError, ValueError):
            return None
        head = head_of(objects)
        head = replace(head, own=own_columns(self.path, head.names))
        return head if head.names else None

    def rows(self, columns: Columns) -> Rows:
        cells = ObjectCells(columns)
        problems: list[Problem] = []
        digest = ""
        try:
            with open_regular(self.path) as raw:
                hashed = HashedFile(raw)
                if columns.problem is not None:
                    problems.append(Problem(0, 1, columns.problem))
                judgeable = columns.problem is None and _read(_lines(hashed), cells, problems)
                hashed.drain()
                digest = hashed.digest.hexdigest()
        except (OSError, ValueError) as error:
            words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            return Rows([], [], [], [], [], (Problem(0, 1, f"the file cannot be read: {words}"),), "", judgeable=False)
        return cells.rows(problems, digest, judgeable=judgeable)

    def raw(self) -> Iterator[tuple[int, str]]:
        """The text of each line with its number, see `source.Source`. Raises OSError if the file cannot be read.

        One that is longer than ``MAX_LINE`` bytes comes in parts, each with its number.
        """
        with open_regular(self.path) as raw:
            buffered = io.BufferedReader(HashedFile(raw), 1 << 18)
            number = 1
            while part := buffered.readline(MAX_LINE):
                yield number, part.decode("utf-8", "surrogateescape")
                number += part.endswith(b"\n")


@dataclass(frozen=True, slots=True)
class _Line:
    """One line without its end; of one that is too long only the beginning."""

    number: int
    data: bytes
    is_whole: bool

    @property
    def is_utf16(self) -> bool:
        return self.number == 1 and self.data.startswith((b"\xff\xfe", b"\xfe\xff"))


def _lines(hashed: HashedFile) -> Iterator[_Line]:
    """The lines of a file that are not blank, none of them kept in memory beyond ``MAX_LINE`` bytes."""
    buffered = io.BufferedReader(hashed, 1 << 18)
    number = 0
    while data := buffered.readline(MAX_LINE + 1):
        number += 1
        is_whole = len(data) <= MAX_LINE
        rest = data
        while not is_whole and not rest.endswith(b"\n") and (rest := buffered.readline(1 << 20)):
            pass
        if data.strip(b" \t\r\n"):
            yield _Line(number, data.rstrip(b"\n") if is_whole else data[:100], is_whole)


def parsed(line: _Line) -> Any:
    """The object of a line, or the words for why it is none."""
    if not line.is_whole:
        return f"the line is longer than {MAX_LINE:,} bytes"
    text = line.data.decode("utf-8", "surrogateescape")
    if not text.isascii() or "\0" in text:
        if (flaw := flaw_of(text)) is not None:
            return flaw
        if line.number == 1 and text.startswith(BOM):
            return "the file begins with a byte order mark, which JSON does not have: save it without"
    return parsed_json(text)


@dataclass(slots=True)
class ObjectCells:
    """Rows that come as objects, gathered as parallel lists."""

    columns: Columns
    numbers: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    image_paths: list[str | None] = field(default_factory=list)
    texts: list[str | None] = field(default_factory=list)
    labels: list[str | None] = field(default_factory=list)
    count: int = 0  #: rows so far, with those that could not be read
    _same: dict[str, str] = field(default_factory=dict)  # one object for the many rows that name one image or label

    def add(self, line: int, found: dict[str, Any]) -> str | None:
        """Take the row or rows of one object; returns why it has none, in words."""
        columns = self.columns
        captions = found.get(columns.text)
        texts = captions if isinstance(captions, list) and captions else [None if captions == [] else captions]
        others = [found.get(columns.image_path), "match" if columns.label is None else found.get(columns.label)]
        cells: list[str | None] = []
        for name, value in zip((columns.image_path, columns.label), others, strict=True):
            text, problem = text_of(name or "", value)
            if problem is not None:
                return problem
            cells.append(text if text is None else self._same.setdefault(text, text))
        for number, value in enumerate(texts):
            text, problem = text_of(columns.text if texts is not captions else f"{columns.text}[{number}]", value)
            if problem is not None:
                self._forget(number)
                return problem
            self.numbers.append(self.count + number)
            self.lines.append(line)
            self.image_paths.append(cells[0])
            self.texts.append(text)
            self.labels.append(cells[1])
        self.count += len(texts)
        return None

    def _forget(self, number: int) -> None:
        """Take back the last ``number`` rows."""
        for kept in (self.numbers, self.lines, self.image_paths, self.texts, self.labels):
            del kept[len(kept) - number :]

    def rows(self, problems: list[Problem], digest: str, *, judgeable: bool) -> Rows:
        return Rows(
            self.numbers, self.lines, self.image_paths, self.texts, self.labels, tuple(problems), digest, judgeable
        )


def _read(lines: Iterator[_Line], cells: ObjectCells, problems: list[Problem]) -> bool:
    """Fill ``cells`` and ``problems``; whether these are lines of JSON at all."""
    for line in lines:
        found = parsed(line)
        problem = cells.add(line.number, found) if isinstance(found, dict) else found
        if problem is None:
            continue
        problems.append(Problem(cells.count, line.number, problem))
        cells.count += 1
        if cells.count == 1 and (line.is_utf16 or line.data.strip().startswith(b"[")):
            # Every other line would be wrong for the same reason.
            whole = "the file looks like UTF-16, save it as UTF-8"
            if not line.is_utf16:
                whole = "the file is one JSON list, not an object in each line: write it as JSON Lines"
            problems[:] = [Problem(0, line.number, whole)]
            return False
        if len(problems) >= MAX_PROBLEMS:
            words = f"{problem}; {MAX_PROBLEMS:,} lines are wrong: reading stops here"
            problems[-1] = Problem(cells.count - 1, line.number, words)
            break
    if not cells.count:
        problems.append(Problem(0, 1, "the file is empty"))
    return bool(cells.count)
