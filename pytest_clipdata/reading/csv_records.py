"""Strict CSV reading, with the physical line of every row.

A file is read once, front to back, and whatever is wrong with it becomes a problem with a line: reading never raises.
The csv module tells the cells; what it can't do is added here: where a row starts, which quoted cell never closes, and
how to go on after a broken row. A row that can't be read ends at the line where its last quoted cell opens, and
reading goes on below that line, so one forgotten quote costs one row and not the rest of the file. (It also keeps the
work linear: below such a line no quoted cell can span lines before the one at which the broken row was given up.)
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.strict_text import BOM, MAX_CELL, HashedFile, flaw_of, quoted

_HEADER = 1 << 16  # bytes in which the first line of a header ends
MAX_ROW = 8 * 1024 * 1024  #: characters of one line, or of one row over all its lines
#: A line of nothing else is no row. The csv module and pandas read one of any other white space (U+2028, U+0085, the
#: separators 0x1C to 0x1F, a no-break space) as a row of one cell, and so do we: `columns` names it.
_BLANKS = " \t\r\n"


@dataclass(slots=True)
class Record:
    """One row of the file: its cells, or the words for why it has none."""

    line: int
    cells: list[str]
    text: str
    problem: str | None


class _TooLongError(Exception):
    """A line or a row passes MAX_ROW."""


@dataclass(slots=True)
class Lines:
    """The lines of a file for ``csv.reader``, the ones of the row being read kept at hand to be read again."""

    hashed: HashedFile
    number: int = 0  # of the line handed out last
    held: list[str] = field(default_factory=list)  # the lines of this row so far, as they stand in the file
    flaws: dict[int, str] = field(default_factory=dict)  # by line: characters that no text file has
    _size: int = 0
    _again: deque[str] = field(default_factory=deque)
    _text: io.TextIOWrapper = field(init=False)

    def __post_init__(self) -> None:
        buffered = io.BufferedReader(self.hashed, 1 << 18)
        self._text = io.TextIOWrapper(buffered, "utf-8", errors="surrogateescape", newline="")

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(MAX_ROW)
        if not line:
            raise StopIteration
        self.number += 1
        self.held.append(line)
        self._size += len(line)
        if self._size >= MAX_ROW:
            raise _TooLongError
        if "\0" in line or not line.isascii():
            flaw = flaw_of(line)
            if flaw is not None:
                self.flaws[self.number] = flaw
            if self.number == 1:
                return line.removeprefix(BOM)
        return line

    def take(self, count: int | None = None) -> str:
        """End the row after its first ``count`` lines (all of them): their text. The others will be read again."""
        lines = self.held[:count]
        rest = self.held[len(lines) :]
        self._again.extendleft(reversed(rest))
        self.number -= len(rest)
        self.held = []
        self._size = 0
        return lines[0] if len(lines) == 1 else "".join(lines)


def delimiter_of(path: Path) -> str:
    """Comma or tab: which of them divides the header into more columns, and of equals what the ending says.

    Whatever the ending: open_clip's tables are called ``.csv`` and are delimited by tabs.
    """
    likely, other = ("\t", ",") if path.suffix.lower() == ".tsv" else (",", "\t")
    try:
        with open_regular(path) as file:
            text = file.read(_HEADER).decode("utf-8", "surrogateescape").removeprefix(BOM)
    except OSError:
        return likely
    header = next((line for line in re.split(r"[\r\n]", text) if line.strip(_BLANKS)), "")
    return other if _cells(header, other) > _cells(header, likely) else likely


def _cells(header: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([header], delimiter=delimiter), []))
    except csv.Error:
        return 0


def read_records(source: Lines, delimiter: str) -> Iterator[Record]:
    """The rows of the file one after the other; blank lines (spaces and tabs alone) are rows without cells."""
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    line = 1
    going = True
    while going:
        cells: list[str] = []
        problem = None
        count = None
        limit = csv.field_size_limit(MAX_CELL)  # process-global: set for one row, then given back
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _TooLongError:
            problem = f"the row is longer than {MAX_ROW:,} characters: reading stops here"
            going = False
        except csv.Error:
            count, problem = _explain(source.held, delimiter, line)
        finally:
            csv.field_size_limit(limit)
        if len(cells) == 1 and not source.held[0].strip(_BLANKS):
            cells = []
        text = source.take(count)
        if source.flaws and going:
            number = next((number for number in range(line, source.number + 1) if number in source.flaws), None)
            if number is not None:
                flaw = source.flaws[number]
                problem = flaw if number == line else f"line {number} of this row: {flaw}"
            source.flaws.clear()
        yield Record(line, cells, text, problem)
        line = source.number + 1


def _explain(held: Sequence[str], delimiter: str, line: int) -> tuple[int, str]:
    """Why the csv module refuses the row in ``held``: how many of its lines to give up, and the words."""
    text = "".join(held)
    opened = end = -1
    position = len(BOM) if line == 1 and text.startswith(BOM) else 0
    while position >= 0:
        if text.startswith('"', position):
            opened = position
            closed = _QUOTED.match(text, position)
            end = closed.end() if closed else len(text)
            if closed is None or not (end == len(text) or text[end] in (delimiter, "\r", "\n")):
                break
            position = end if text.startswith(delimiter, end) else -1
        else:
            position = text.find(delimiter, position)
        position += position >= 0
    else:
        return _line_of(held, opened), f"a cell is longer than {MAX_CELL:,} characters"
    count = _line_of(held, opened)
    where = "here" if count == 1 else f"in line {line + count - 1}"
    if closed is None:
        if len(text) - opened > MAX_CELL:
            return count, f"the quoted cell that opens {where} is not closed within {MAX_CELL:,} characters"
        return count, f"the quoted cell that opens {where} is never closed"
    last = line + len(held) - 1
    if last > line + count - 1:
        return count, f"the quoted cell that opens {where} ends in line {last} with text after it: a quote is missing"
    after = text[end : end + 20].splitlines()[0]
    return count, f"{quoted(after)} follows the closing quote of a cell: a quote within quotes must be doubled"


_QUOTED = re.compile(r'"(?:[^"]|"")*+"')


def _line_of(held: Sequence[str], position: int) -> int:
    """Which of the lines (from 1) holds the character at ``position`` of their joined text."""
    end = 0
    for count, line in enumerate(held, 1):
        end += len(line)
        if position < end:
            return count
    return len(held)
