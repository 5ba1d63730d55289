"""How the record of a row is written anew with other cells, a class for each format; all that is not changed stays.

A record is the text of a row as `Source.raw` gives it. A new format is a class here and an entry in ``FORMATS``.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pytest_clipdata.reading.csv_records import MAX_CELL, delimiter_of


class RowFormat(Protocol):
    """One file's way to write a row."""

    def begin(self, record: str) -> bool:
        """Take the next record; whether it is none of a row but a header, or a blank line before one."""
        ...

    def content(self, record: str) -> object:
        """What a record holds, equal for rows that hold the same; hashable."""
        ...

    def rewritten(self, record: str, cells: Mapping[str, tuple[str, str]]) -> str | None:
        """The record with the cells of some columns replaced, each by name as (before, after).

        None if a cell is not as it should be, or cannot be replaced alone.
        """
        ...


@dataclass
class Delimited:
    """A CSV or TSV: cells that are not changed keep their quotes."""

    delimiter: str
    names: list[str] | None = None  #: of the columns, once the header was seen

    def begin(self, record: str) -> bool:
        if self.names is not None:
            return False
        plain = record.removeprefix("\ufeff")
        if plain.strip(" \t\r\n"):
            self.names = self._cells(plain)
        return True

    def content(self, record: str) -> object:
        return tuple(self._cells(record))

    def rewritten(self, record: str, cells: Mapping[str, tuple[str, str]]) -> str | None:
        body = record.rstrip("\r\n")
        spans = self._spans(body)
        found = self._cells(record)
        if self.names is None or len(spans) != len(found) or len(found) != len(self.names):
            return None
        parts = [body[start:end] for start, end in spans]
        for name, (before, after) in cells.items():
            at = self.names.index(name)
            if found[at] != before or len(after) > MAX_CELL:
                return None
            parts[at] = self._written(after, quoted=parts[at].startswith('"'))
        written = self.delimiter.join(parts) + record[len(body) :]
        wanted = [cells[name][1] if name in cells else cell for name, cell in zip(self.names, found, strict=True)]
        return written if self._cells(written) == wanted else None

    def _cells(self, record: str) -> list[str]:
        lines = io.StringIO(record, newline="")  # ends lines as the reader does: not at U+2028
        return next(csv.reader(lines, delimiter=self.delimiter, strict=True), [])

    def _spans(self, body: str) -> list[tuple[int, int]]:
        """Where each cell stands in a record that can be read, its quotes included."""
        spans, start, position, within = [], 0, 0, False
        while position < len(body):
            if within:
                quote = body.find('"', position)
                if body.startswith('""', quote):
                    position = quote + 2
                    continue
                within, position = False, quote + 1
            elif body[position] == '"' and position == start:
                within, position = True, position + 1
            else:
                position = body.find(self.delimiter, position)
                if position < 0:
                    break
                spans.append((start, position))
                start = position = position + len(self.delimiter)
        return [*spans, (start, len(body))]

    def _written(self, cell: str, *, quoted: bool) -> str:
        if quoted or any(sign in cell for sign in (self.delimiter, '"', "\r", "\n")):
            return '"' + cell.replace('"', '""') + '"'
        return cell


class JsonLines:
    """An object a line: other members, their order and the blanks between them stay."""

    def begin(self, record: str) -> bool:
        return not record.strip()

    def content(self, record: str) -> object:
        return json.dumps(json.loads(record), sort_keys=True)

    def rewritten(self, record: str, cells: Mapping[str, tuple[str, str]]) -> str | None:
        parts, end = [], 0
        left = dict(cells)
        for name, value, start, stop in _members(record):
            if name in left:
                before, after = left.pop(name)
                if value != before:
                    return None
                written = json.dumps(after, ensure_ascii=record.isascii())
                parts += [record[end:start], written]
                end = stop
        return None if left else "".join([*parts, record[end:]])


def _members(record: str) -> list[tuple[str, Any, int, int]]:
    """The members of the object of a record: name, value, and where the value begins and ends."""
    decode = json.JSONDecoder().raw_decode
    members, at = [], _next(record, record.index("{") + 1)
    while record[at] == '"':
        name, at = decode(record, at)
        start = _next(record, _next(record, at) + 1)  # over the colon
        value, at = decode(record, start)
        members.append((name, value, start, at))
        at = _next(record, at)
        if record[at] != ",":
            break
        at = _next(record, at + 1)
    return members


def _next(text: str, at: int) -> int:
    """The next character that is no white space of JSON."""
    while text[at] in " \t\r\n":
        at += 1
    return at


#: By the end of a file's name, in lower case.
FORMATS: Mapping[str, Callable[[Path], RowFormat]] = {
    ".csv": lambda path: Delimited(delimiter_of(path)),
    ".tsv": lambda path: Delimited(delimiter_of(path)),
    ".jsonl": lambda path: JsonLines(),
    ".ndjson": lambda path: JsonLines(),
}
