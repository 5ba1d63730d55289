"""The rows of a CSV with their physical lines, and what keeps a row from being one: missing columns, ragged cells.

Whatever is wrong with a file becomes a problem with a line: reading never raises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from pytest_clipdata.reading.columns import Columns
from pytest_clipdata.reading.csv_records import Lines, delimiter_of, read_records
from pytest_clipdata.reading.further import csv_cells
from pytest_clipdata.reading.head import HEAD_ROWS, Head
from pytest_clipdata.reading.image_folder import own_columns
from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.source import Problem, Rows
from pytest_clipdata.reading.strict_text import MAX_PROBLEMS, HashedFile, cell, quoted

_OTHERS = {";": "semicolon", "|": "vertical bar"}  # delimiters that are told and not read


@dataclass(frozen=True, slots=True)
class CsvSource:
    """One table delimited by commas or tabs: see `source.Source`."""

    path: Path  #: absolute
    name: str
    split: str

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.path,)

    def head(self) -> Head | None:
        return read_head(self.path)

    def rows(self, columns: Columns) -> Rows:
        return read_rows(self.path, columns)

    def cells(self, names: Collection[str], rows: Rows) -> Mapping[str, Sequence[str | None]]:
        return csv_cells(self.path, names, rows)

    def raw(self) -> Iterator[tuple[int, str]]:
        return raw_records(self.path)


@dataclass(slots=True)
class _Cells:
    """The rows that could be read so far, as parallel lists."""

    lines: list[int] = field(default_factory=list)
    image_paths: list[str | None] = field(default_factory=list)
    texts: list[str | None] = field(default_factory=list)
    labels: list[str | None] = field(default_factory=list)


def read_head(path: Path) -> Head | None:
    """The header of a CSV and its first rows; None if there is none that can be read."""
    try:
        with open_regular(path) as raw:
            records = read_records(Lines(HashedFile(raw)), delimiter_of(path))
            header = next((record for record in records if record.cells or record.problem), None)
            if header is None or not header.cells:
                return None
            first = islice((record.cells for record in records if record.cells and record.problem is None), HEAD_ROWS)
            width = len(header.cells)
            rows = [cells for cells in first if len(cells) == width]
            return Head(tuple(header.cells), rows, own_columns(path, header.cells))
    except (OSError, ValueError):
        return None


def read_rows(path: Path, columns: Columns) -> Rows:
    """Read the CSV at ``path``; never raises for what the file is or holds."""
    cells = _Cells()
    problems: dict[int, str] = {}
    judgeable = False
    digest = ""
    try:
        with open_regular(path) as raw:
            hashed = HashedFile(raw)
            judgeable = _read(Lines(hashed), delimiter_of(path), columns, cells, problems)
            hashed.drain()
            digest = hashed.digest.hexdigest()
    except (OSError, ValueError) as error:
        words = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        problems.setdefault(1, f"the file cannot be read: {words}")
    numbers: Sequence[int] = range(len(cells.lines))
    broken: tuple[Problem, ...] = ()
    if problems:
        number_of = {line: number for number, line in enumerate(sorted({*cells.lines, *problems}))}
        numbers = [number_of[line] for line in cells.lines]
        broken = tuple(Problem(number_of[line], line, words) for line, words in sorted(problems.items()))
    return Rows(numbers, cells.lines, cells.image_paths, cells.texts, cells.labels, broken, digest, judgeable)


def raw_records(path: Path) -> Iterator[tuple[int, str]]:
    """The source text of each row of a CSV with the line on which it starts, header and blank lines included.

    Lines are those of :func:`read_rows`; the texts joined and encoded by ``("utf-8", "surrogateescape")`` are the
    bytes of the file, up to where reading stopped (see ``MAX_ROW``). Raises OSError if the file can't be read.
    """
    with open_regular(path) as raw:
        for record in read_records(Lines(HashedFile(raw)), delimiter_of(path)):
            yield record.line, record.text


def _read(source: Lines, delimiter: str, columns: Columns, rows: _Cells, problems: dict[int, str]) -> bool:
    """Fill ``rows`` and ``problems``; whether the required columns were found."""
    records = read_records(source, delimiter)
    header = next((record for record in records if record.cells or record.problem), None)
    if header is None:
        problems[1] = "the file is empty"
        return False
    names = header.cells
    judgeable = columns.problem is None and all(names.count(name) == 1 for name in columns.names)
    other = next((spoken for sign, spoken in _OTHERS.items() if sign in header.text), None)
    if other is not None and len(names) == 1 and not judgeable:
        words = [f"the columns are delimited by a {other}, not by a comma or a tab"]
    else:
        words = [header.problem] if header.problem else _header_problems(names, columns)
    if words:
        problems[header.line] = "; ".join(words)
    if not judgeable:
        return False
    width = len(names)
    at_path, at_text = names.index(columns.image_path), names.index(columns.text)
    at_label = -1 if columns.label is None else names.index(columns.label)
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
                path, text, label = cells[at_path], cells[at_text], cells[at_label] if at_label >= 0 else "match"
                lines.append(record.line)
                paths.append(same[path] if path in same else same.setdefault(path, cell(path)))
                texts.append(cell(text))
                labels.append(same[label] if label in same else same.setdefault(label, cell(label)))
                continue
            if len(cells) == 1 and cells[0].isspace():
                problem = f"a line of nothing but {quoted(cells[0])}, which other readers take for a row"
            else:
                problem = ragged.setdefault(len(cells), _ragged(len(cells), width))
        problems[record.line] = problem
        if len(problems) >= MAX_PROBLEMS:
            problems[record.line] += f"; {MAX_PROBLEMS:,} lines are wrong: reading stops here"
            break
    if not lines and not problems:
        problems[header.line] = "a header and no rows"
    return True


def _ragged(count: int, width: int) -> str:
    words = f"{count} {'cell' if count == 1 else 'cells'}, but the header has {width}"
    return words + (": a text that holds the delimiter must be in quotes" if count > width else "")


def _header_problems(names: Sequence[str], columns: Columns) -> list[str]:
    """What is wrong with the header, in words."""
    words = [
        f"the column {quoted(name)} is there {count} times"
        for name, count in Counter(names).items()
        if count > 1 and name.strip()
    ]
    if columns.problem is not None:
        return [*words[:10], columns.problem]
    if missing := [name for name in columns.names if name not in names]:  # the file was written anew meanwhile
        return [*words[:10], f"no column {' and '.join(map(quoted, missing))}"]
    return words[:10]
