"""What a source of rows is: one table of one split, whatever its format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pytest_clipdata.reading.columns import Columns
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.reading.head import Head


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that could not be read: its number in the source, the line on which it starts, and why, in words.

    ``file`` and ``key`` are as in `Rows`; a ``file`` of None is the source itself.
    """

    row: int
    line: int
    words: str
    file: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one source by column. The five sequences are parallel and hold the rows that could be read, in order.

    ``numbers`` count all rows of the source from 0, also those with a problem, so each is there once; ``lines`` are
    their places in the file, counted from 1. A cell is the text as it stands, or None if it is empty or nothing but
    white space. ``problems`` are sorted, at most one a line; a row with a problem is not in the sequences. ``sha256``
    is of what was read, 64 hex digits, empty if they could not be. ``judgeable`` says that each required
    column was found exactly once; otherwise the sequences are empty.

    A source of several shards also gives the shard of each row in ``files``, by its name relative to the dataset root;
    one in which rows have names of their own gives ``keys``. Each of the two is parallel to the others, or empty.
    ``within`` holds the pictures that lie in the source itself, by the text of the cell; every other cell of
    ``image_paths`` is a path. ``warning`` is what may be wrong with the source as a whole, in words.
    """

    numbers: Sequence[int]
    lines: Sequence[int]
    image_paths: Sequence[str | None]
    texts: Sequence[str | None]
    labels: Sequence[str | None]
    problems: tuple[Problem, ...]
    sha256: str
    judgeable: bool
    files: Sequence[str] = ()
    keys: Sequence[str | None] = ()
    within: Mapping[str, FileFacts] = field(default_factory=dict)
    warning: str | None = None


class Source(Protocol):
    """One table of one split: where it lies, its name relative to the dataset root (``/``-separated), its split.

    A source of several shards is named with ``#`` for their number, and no file lies at its ``path``.
    """

    @property
    def path(self) -> Path: ...

    @property
    def files(self) -> Sequence[Path]:
        """The files that hold its rows, in their order: ``path`` itself, or the shards."""
        ...

    @property
    def name(self) -> str: ...

    @property
    def split(self) -> str: ...

    def head(self) -> Head | None:
        """The names of the columns and the first rows, without reading the whole source; None if they cannot be told.

        Never raises for what the source is or holds.
        """
        ...

    def rows(self, columns: Columns) -> Rows:
        """The rows by the ``columns`` that `choose_columns` found; never raises for what the source is or holds.

        In pairs, which have no label column, every label is ``match``.
        """
        ...
