"""Strict CSV reading, with the physical line of every row.

A file is read once, front to back, and whatever is wrong with it becomes a problem with a line: reading never raises.
The csv module tells the cells; what it can't do is added here: where a row starts, which quoted cell never closes, and
how to go on after a broken row. A row that can't be read ends at the line where its last quoted cell opens, and
reading goes on below that line, so one forgotten quote costs one row and not the rest of the file. (It also keeps the
work linear: below such a line no quoted cell can span lines before the one at which the broken row was given up.)
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import stat
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import IO, Any

MAX_CELL = 131_072  #: characters; the csv module's own default. CLIP reads some 300
MAX_ROW = 8 * 1024 * 1024  #: characters of one line, or of one row over all its lines
MAX_PROBLEMS = 100_000  #: lines that may be wrong before reading stops

_BOM = "\ufeff"
_DELIMITERS = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "vertical bar"}


@dataclass(frozen=True, slots=True)
class CsvRows:
    """The rows of one CSV by column. The four lists are parallel and hold the rows that could be read, in file order.

    ``lines`` are physical lines counted from 1 (a row's is where it starts). A cell is the text as it stands, or None
    if it is empty or nothing but white space. ``problems`` are (line, words), sorted, at most one a line; a row with
    a problem is not in the lists. ``sha256`` is of the file's bytes, 64 hex digits, empty if it could not be read.
    ``judgeable`` says that each required column was found exactly once; otherwise the lists are empty.
    """

    lines: list[int]
    image_paths: list[str | None]
    texts: list[str | None]
    labels: list[str | None]
    problems: tuple[tuple[int, str], ...]
    sha256: str
    judgeable: bool


def read_rows(path: Path, columns: Mapping[str, str]) -> CsvRows:
    """Read the CSV (``.tsv``: tab-delimited) at ``path``; never raises for what the file is or holds.

    ``columns`` gives the header's name for each of ``image_path``, ``text`` and ``label``.
    """
    rows = CsvRows([], [], [], [], (), "", False)
    problems: dict[int, str] = {}
    judgeable = False
    digest = ""
    try:
        with _open(path) as raw:
            hashed = _Hashed(raw)
            source = _Lines(hashed)
            judgeable = _read(source, _delimiter(path), columns, rows, problems)
            hashed.drain()
            digest = hashed.digest.hexdigest()
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        problems.setdefault(1, f"the file cannot be read: {words}")
    return CsvRows(
        rows.lines, rows.image_paths, rows.texts, rows.labels, tuple(sorted(problems.items())), digest, judgeable
    )


def raw_records(path: Path) -> Iterator[tuple[int, str]]:
    """The source text of each row of a CSV with the line on which it starts, header and blank lines included.

    Lines are those of :func:`read_rows`; the texts joined and encoded by ``("utf-8", "surrogateescape")`` are the
    bytes of the file, up to where reading stopped (see ``MAX_ROW``). Raises OSError if the file can't be read.
    """
    with _open(path) as raw:
        for record in _records(_Lines(_Hashed(raw)), _delimiter(path)):
            yield record.line, record.text


@dataclass(slots=True)
class _Record:
    """One row of the file: its cells, or the words for why it has none."""

    line: int
    cells: list[str]
    text: str
    problem: str | None


class _Hashed(io.RawIOBase):
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


class _TooLongError(Exception):
    """A line or a row passes MAX_ROW."""


@dataclass(slots=True)
class _Lines:
    """The lines of a file for ``csv.reader``, the ones of the row being read kept at hand to be read again."""

    hashed: _Hashed
    number: int = 0  # of the line handed out last
    held: list[str] = field(default_factory=list)  # the lines of this row so far, as they stand in the file
    flaws: dict[int, str] = field(default_factory=dict)  # by line: characters that no text file has
    _size: int = 0
    _again: deque[str] = field(default_factory=deque)
    _text: io.TextIOWrapper = field(init=False)

    def __post_init__(self) -> None:
        buffered = io.BufferedReader(self.hashed, 1 << 18)
        self._text = io.TextIOWrapper(buffered, "utf-8", errors="surrogateescape", newline="")

    def __iter__(self) -> _Lines:
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
            flaw = _flaw(line)
            if flaw is not None:
                self.flaws[self.number] = flaw
            if self.number == 1:
                return line.removeprefix(_BOM)
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


def _open(path: Path) -> IO[bytes]:
    """Open a regular file; anything else raises OSError at once, also a FIFO that nobody writes to."""
    raw = path.open("rb", buffering=0) if os.name == "nt" else os.fdopen(os.open(path, _READ), "rb", buffering=0)
    if not stat.S_ISREG(os.fstat(raw.fileno()).st_mode):
        raw.close()
        raise OSError("it is not a regular file")
    return raw


_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


def _delimiter(path: Path) -> str:
    return "\t" if path.suffix.lower() == ".tsv" else ","


def _records(source: _Lines, delimiter: str) -> Iterator[_Record]:
    """The rows of the file one after the other; blank lines are rows without cells."""
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
        if len(cells) == 1 and source.held[0].isspace():
            cells = []
        text = source.take(count)
        if source.flaws and going:
            number = next((number for number in range(line, source.number + 1) if number in source.flaws), None)
            if number is not None:
                flaw = source.flaws[number]
                problem = flaw if number == line else f"line {number} of this row: {flaw}"
            source.flaws.clear()
        yield _Record(line, cells, text, problem)
        line = source.number + 1


def _explain(held: Sequence[str], delimiter: str, line: int) -> tuple[int, str]:
    """Why the csv module refuses the row in ``held``: how many of its lines to give up, and the words."""
    text = "".join(held)
    opened = end = -1
    position = len(_BOM) if line == 1 and text.startswith(_BOM) else 0
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


def _flaw(line: str) -> str | None:
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


def _read(source: _Lines, delimiter: str, columns: Mapping[str, str], rows: CsvRows, problems: dict[int, str]) -> bool:
    """Fill ``rows`` and ``problems``; whether the required columns were found."""
    records = _records(source, delimiter)
    header = next((record for record in records if record.cells or record.problem), None)
    if header is None:
        problems[1] = "the file is empty"
        return False
    names = header.cells
    judgeable = all(names.count(name) == 1 for name in columns.values())
    other = _other_delimiter(header.text, delimiter, columns)
    if other is not None and not judgeable:
        words = [f"the columns are delimited by a {other}, not by a {_DELIMITERS[delimiter]}"]
    else:
        words = [header.problem] if header.problem else _header_problems(names, columns)
    if words:
        problems[header.line] = "; ".join(words)
    if not judgeable:
        return False
    width = len(names)
    at_path, at_text, at_label = (names.index(columns[role]) for role in ("image_path", "text", "label"))
    lines, paths, texts, labels = rows.lines, rows.image_paths, rows.texts, rows.labels
    same: dict[str, str | None] = {}  # one object for the many rows that name one image or label
    ragged: dict[int, str] = {}
    for record in records:
        cells = record.cells
        problem = record.problem
        if problem is None:
            if not cells:
                continue
            if len(cells) == width:
                path, text, label = cells[at_path], cells[at_text], cells[at_label]
                lines.append(record.line)
                paths.append(same[path] if path in same else same.setdefault(path, _cell(path)))
                texts.append(_cell(text))
                labels.append(same[label] if label in same else same.setdefault(label, _cell(label)))
                continue
            problem = ragged.setdefault(len(cells), _ragged(len(cells), width))
        problems[record.line] = problem
        if len(problems) >= MAX_PROBLEMS:
            problems[record.line] += f"; {MAX_PROBLEMS:,} lines are wrong: reading stops here"
            break
    if not lines and not problems:
        problems[header.line] = "a header and no rows"
    return True


def _cell(text: str) -> str | None:
    return text if text and not text.isspace() else None


def _ragged(count: int, width: int) -> str:
    words = f"{count} {'cell' if count == 1 else 'cells'}, but the header has {width}"
    return words + (": a text that holds the delimiter must be in quotes" if count > width else "")


def _other_delimiter(text: str, delimiter: str, columns: Mapping[str, str]) -> str | None:
    """What delimits the columns of a header, if it would have the required ones with another delimiter."""
    for other, spoken in _DELIMITERS.items():
        cells = {cell.strip().strip('"') for cell in text.removeprefix(_BOM).split(other)}
        if other != delimiter and cells.issuperset(columns.values()):
            return spoken
    return None


def _header_problems(names: Sequence[str], columns: Mapping[str, str]) -> list[str]:
    """What is wrong with the header, in words."""
    words = [
        f"the column {quoted(name)} is there {count} times"
        for name, count in Counter(names).items()
        if count > 1 and name.strip()
    ]
    missing = [name for name in dict.fromkeys(columns.values()) if name not in names]
    if not missing:
        return words[:10]
    lacks = " and ".join(quoted(name) for name in missing)
    # Names beyond these bounds are no slips of the pen, and difflib is quadratic in their length.
    candidates = {name.strip().casefold(): name for name in names[:1000] if len(name) <= 100}
    meant = [get_close_matches(name.casefold(), candidates, n=1, cutoff=0.6) for name in missing]
    slips = " and ".join(quoted(candidates[close[0]]) for close in meant if close)
    found = ", ".join(quoted(name) for name in names[:8]) + (", ..." if len(names) > 8 else "")
    return [*words[:10], f"no column {lacks}" + (f" (did you mean {slips}?)" if slips else f", only {found}")]


def quoted(text: str, limit: int = 60) -> str:
    """A piece of data as it may stand in a message: quoted, cut, every unprintable character escaped."""
    return repr(text) if len(text) <= limit else repr(text[:limit]) + "..."
