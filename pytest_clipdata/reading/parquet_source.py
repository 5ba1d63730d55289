"""Parquet: a file or shards of one, a row each; the image column holds paths, or the pictures themselves.

Columns are read one row group after the other and a few rows at a time, in a process of their own (`parquet_child`).
Pictures are not read here: how many of them are null is known from the statistics, and a worker reads the others where
they are (`parquet_cells`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pytest_clipdata.reading.columns import Columns
from pytest_clipdata.reading.containers import Container, Gathered, beside
from pytest_clipdata.reading.head import Head
from pytest_clipdata.reading.image_folder import own_columns
from pytest_clipdata.reading.parquet_process import tell
from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.shards import missing
from pytest_clipdata.reading.source import Rows


@dataclass(frozen=True, slots=True)
class ParquetSource:
    """One Parquet file, or all shards that differ in a number: see `source.Source`."""

    path: Path  #: absolute
    name: str
    split: str
    files: tuple[Path, ...]
    left_out: tuple[Path, ...] = ()  #: shards that are there and not read

    def head(self) -> Head | None:
        for _, record in tell(self.files, None):
            if record[0] == "head":
                _, names, rows = record
                return Head(tuple(names), rows, own_columns(self.path, names))
        return None

    def rows(self, columns: Columns) -> Rows:
        gathered = Gathered()
        if columns.problem is not None:
            gathered.wrong(self.names[0], 1, None, [columns.problem])
        else:
            _read(self.files, self.names, columns, gathered)
        return gathered.rows(judgeable=columns.problem is None, keyed=False, warning=missing(self.files, self.left_out))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files, relative to the dataset root."""
        return beside(self.name, self.files)


def _read(files: tuple[Path, ...], names: tuple[str, ...], columns: Columns, gathered: Gathered) -> None:
    """Add the rows of all files."""
    roles = {"image_path": columns.image_path, "text": columns.text, "label": columns.label}
    containers: dict[int, Container | None] = {}
    known: dict[tuple[int, str | None, str | None], str] = {}  # what a picture of a repeated path is called
    line, before, leaf = 0, -1, None
    for number, (kind, *values) in tell(files, roles):
        if number != before:
            before, line = number, 0
            containers = {number: _container(files[number])}
        name, container = names[number], containers[number]
        if kind == "row":
            line += 1
            path, held, digest, texts, label = values
            cell = path
            if held and container is not None and (cell := known.get((number, path, digest))) is None:
                cell = _name_of(path, name, line, gathered)
                gathered.within[cell] = container.picture(cell, line - 1, column=leaf)
                if digest is not None:
                    known[number, path, digest] = cell
            for text in texts:
                gathered.add(name, line, None, cell, text, label)
        elif kind == "pictures":
            (leaf,) = values
        elif kind == "wrong":
            line, words = values
            gathered.wrong(name, line, None, [words])
        else:
            gathered.forget(name)  # what it told is not to be trusted, and nobody is to open it again
            gathered.wrong(name, 1, None, ["the Parquet file is damaged: it ends the process that reads it"])
        if gathered.full:
            return


def _container(path: Path) -> Container | None:
    try:
        with open_regular(path) as file:
            return Container.of(path, file)
    except OSError:  # it has gone since; its pictures are then said to be missing
        return None


def _name_of(path: str | None, name: str, line: int, gathered: Gathered) -> str:
    """What a picture in the file is called: by the path that it had, if no other one is called so."""
    where = f"{name.rpartition('/')[2]}:{line}"
    called = where if path is None or not path.strip() else path
    while called in gathered.within:  # also by a path that looks like a place
        called = f"{called} ({where})"
    return called
