"""The cells of columns that we ourselves do not read: a plugin may want a price, or a category."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from pytest_clipdata.reading.csv_records import Lines, delimiter_of, read_records
from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.source import Rows
from pytest_clipdata.reading.strict_text import HashedFile, cell


@runtime_checkable
class Further(Protocol):
    """A source that can give the cells of any of its columns."""

    def cells(self, names: Collection[str], rows: Rows) -> Mapping[str, Sequence[str | None]]:
        """The cells of those columns of ``names`` that are there, each parallel to the sequences of ``rows``.

        A cell is the text as it stands, or None if it is empty or nothing but white space; a column whose name is
        there twice is left out. Never raises for what the source is or holds.
        """
        ...


def csv_cells(path: Path, names: Collection[str], rows: Rows) -> dict[str, list[str | None]]:
    """`Further.cells` of the CSV at ``path``, which is read once more: rows are found again by their lines."""
    found: dict[str, list[str | None]] = {}
    try:
        with open_regular(path) as raw:
            records = read_records(Lines(HashedFile(raw)), delimiter_of(path))
            header = next((record.cells for record in records if record.cells or record.problem), [])
            at = {name: header.index(name) for name in sorted(names) if header.count(name) == 1}
            wanted = {line: number for number, line in enumerate(rows.lines)}
            found = {name: [None] * len(wanted) for name in at}
            for record in records:
                number = wanted.get(record.line)
                if number is not None and len(record.cells) == len(header):
                    for name, column in at.items():
                        found[name][number] = cell(record.cells[column])
    except (OSError, ValueError):  # what keeps a source from being read is a finding of `columns` already
        pass
    return found
