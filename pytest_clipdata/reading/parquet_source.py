"""Parquet: a file or shards of one, a row each; the image column holds paths, or the pictures themselves.

Columns are read one row group after the other and a few rows at a time. Pictures are not read here: how many of them
are null is known from the statistics, and a worker reads the others where they are (`parquet_cells`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import IO, Any

from pytest_clipdata.reading.columns import Columns
from pytest_clipdata.reading.containers import Container, Gathered
from pytest_clipdata.reading.head import HEAD_ROWS, Head
from pytest_clipdata.reading.parquet_columns import (
    Pictures,
    Texts,
    WrongColumnError,
    as_cell,
    is_scalar,
    picture_column,
    read_texts,
    text_column,
)
from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.shards import missing
from pytest_clipdata.reading.source import Rows
from pytest_clipdata.reading.strict_text import MAX_CELL

_BUFFER = 1 << 20  # bytes that are read at a time


@dataclass(frozen=True, slots=True)
class ParquetSource:
    """One Parquet file, or all shards that differ in a number: see `source.Source`."""

    path: Path  #: absolute
    name: str
    split: str
    files: tuple[Path, ...]

    def head(self) -> Head | None:
        for path in self.files:
            try:
                with open_regular(path) as raw:
                    return _head(opened(raw))
            except (OSError, ValueError, KeyError, NotImplementedError):
                continue
        return None

    def rows(self, columns: Columns) -> Rows:
        gathered = Gathered()
        if columns.problem is not None:
            gathered.wrong(self.names[0], 1, None, [columns.problem])
        judgeable = columns.problem is None
        for path, name in zip(self.files, self.names, strict=True) if judgeable else ():
            _read(path, name, columns, gathered)
            if gathered.full:
                break
        return gathered.rows(judgeable=judgeable, keyed=False, warning=missing(self.files))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files, relative to the dataset root."""
        folder = self.name.rpartition("/")[0]
        return tuple(f"{folder}/{path.name}" if folder else path.name for path in self.files)

    def raw(self) -> Iterator[tuple[int, str]]:
        raise OSError("a Parquet file has no lines")


def opened(raw: IO[bytes]) -> Any:
    """A file as pyarrow reads it in bounded memory. Raises OSError or ValueError for what is no Parquet file."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(raw, buffer_size=_BUFFER, pre_buffer=False)


def _head(file: Any) -> Head:
    schema = file.schema_arrow
    scalars = [field.name for field in schema if is_scalar(field.type)]
    names = tuple(schema.names)
    batch = next(file.iter_batches(HEAD_ROWS, columns=scalars, use_threads=False), None) if scalars else None
    if batch is None:
        return Head(names)
    values = {name: [as_cell(value) for value in batch.column(name).to_pylist()] for name in set(scalars)}
    rows = [[values[name][at] if name in values else None for name in names] for at in range(batch.num_rows)]
    return Head(names, rows)


def _read(path: Path, name: str, columns: Columns, gathered: Gathered) -> None:
    """Add the rows of one file."""
    at = 0
    try:
        with open_regular(path) as raw:
            if (words := _no_parquet(raw)) is not None:
                gathered.wrong(name, 1, None, [words])
                return
            container = Container.of(path, raw)
            file = opened(raw)
            pictures = picture_column(file, columns.image_path)
            texts = text_column(file, columns.text)
            labels = None if columns.label is None else text_column(file, columns.label, number=True)
            for group in range(file.num_row_groups):
                for row in _rows(file, group, pictures, texts, labels):
                    at += 1
                    _add(gathered, container, (name, at), pictures, row)
                    if gathered.full:
                        return
    except WrongColumnError as error:
        gathered.wrong(name, at + 1, None, [str(error)])
        return
    except (OSError, ValueError, KeyError, NotImplementedError):
        # pyarrow's words hold addresses and internals that differ from version to version.
        words = f"is damaged or encrypted from row {at + 1:,} on" if at else "is damaged or encrypted"
        gathered.wrong(name, at + 1, None, [f"the Parquet file {words}: it cannot be read"])
        return
    if not at:
        gathered.wrong(name, 1, None, ["it holds no row"])


_Row = tuple[str | None, bool, list[str | None], str | None]


def _rows(file: Any, group: int, pictures: Pictures, texts: Texts, labels: Texts | None) -> Iterator[_Row]:
    """The rows of one group: the path, whether a picture is there, its texts, its label."""
    there = file.metadata.row_group(group).num_rows
    found = pictures.read(file, group)
    said = read_texts(file, group, texts)
    labelled: Iterator[list[Any]] = repeat(["match"]) if labels is None else read_texts(file, group, labels)
    count = 0
    for (name, held), words, label in zip(found, said, labelled, strict=False):
        count += 1
        yield name, held, words, label[0]
    if count != there:
        raise ValueError("columns of different lengths")


def _add(gathered: Gathered, container: Container, place: tuple[str, int], pictures: Pictures, row: _Row) -> None:
    name, line = place
    path, held, texts, label = row
    problems = dict.fromkeys(words for text in (path, label, *texts) if text and (words := _wrong(text)))
    if problems:
        gathered.wrong(name, line, None, problems)
        return
    cell = path
    if held:
        cell = _name_of(path, name, line, gathered)
        gathered.within[cell] = container.picture(cell, line - 1, column=pictures.bytes)
    for text in texts:
        gathered.add(name, line, None, cell, text, label)


def _name_of(path: str | None, name: str, line: int, gathered: Gathered) -> str:
    """What a picture in the file is called: by the path that it had, if no other one is called so."""
    where = f"{name.rpartition('/')[2]}:{line}"
    if path is None or not path.strip():
        return where
    return path if path not in gathered.within else f"{path} ({where})"


def _wrong(text: str) -> str | None:
    """Why a cell is none, in words."""
    if len(text) > MAX_CELL:
        return f"a cell has {len(text):,} characters, the limit is {MAX_CELL:,}"
    return None


def _no_parquet(raw: IO[bytes]) -> str | None:
    """What a file is by its first and last bytes, if that is no Parquet file that can be read."""
    first = raw.read(4)
    size = raw.seek(0, 2)
    raw.seek(max(0, size - 4))
    last = raw.read(4)
    raw.seek(0)
    if b"PARE" in (first, last):
        return "it is encrypted"
    if first != b"PAR1":
        return "it is empty" if not size else "it is no Parquet file"
    return None if last == b"PAR1" and size >= 12 else "it is cut off: its last bytes are not those of a Parquet file"
