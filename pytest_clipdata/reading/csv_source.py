"""The rows of a CSV with their physical lines, and what keeps a row from being one: missing columns, ragged cells.

Whatever is wrong with a file becomes a problem with a line: reading never raises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from pytest_clipdata.reading.csv_records import BOM, HashedFile, Lines, delimiter_of, quoted, read_records
from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.source import Problem, Rows

MAX_PROBLEMS = 100_000  #: lines that may be wrong before reading stops
_DELIMITERS = {"\t": "tab", ";": "semicolon", ",": "comma", "|": "vertical bar"}


@dataclass(frozen=True, slots=True)
class CsvSource:
    """One CSV, or a tab-delimited file where its name ends in ``.tsv``: see `source.Source`."""

    path: Path  #: absolute
    name: str
    split: str

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.path,)

    def rows(self, columns: Mapping[str, str]) -> Rows:
        return read_rows(self.path, columns)

    def raw(self) -> Iterator[tuple[int, str]]:
        return raw_records(self.path)


@dataclass(slots=True)
class _Cells:
    """The rows that could be read so far, as parallel lists."""

    lines: list[int] = field(default_factory=list)
    image_paths: list[str | None] = field(default_factory=list)
    texts: list[str | None] = field(default_factory=list)
    labels: list[str | None] = field(default_factory=list)


def read_rows(path: Path, columns: Mapping[str, str]) -> Rows:
    """Read the CSV (``.tsv``: tab-delimited) at ``path``; never raises for what the file is or holds.

    ``columns`` gives the header's name for each of ``image_path``, ``text`` and ``label``.
    """
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


def _read(source: Lines, delimiter: str, columns: Mapping[str, str], rows: _Cells, problems: dict[int, str]) -> bool:
    """Fill ``rows`` and ``problems``; whether the required columns were found."""
    records = read_records(source, delimiter)
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


def _cell(text: str) -> str | None:
    return text if text and not text.isspace() else None


def _ragged(count: int, width: int) -> str:
    words = f"{count} {'cell' if count == 1 else 'cells'}, but the header has {width}"
    return words + (": a text that holds the delimiter must be in quotes" if count > width else "")


def _other_delimiter(text: str, delimiter: str, columns: Mapping[str, str]) -> str | None:
    """What delimits the columns of a header, if it would have the required ones with another delimiter."""
    for other, spoken in _DELIMITERS.items():
        cells = {cell.strip().strip('"') for cell in text.removeprefix(BOM).split(other)}
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
