"""The bytes of pictures in a Parquet file, one cell after the other, in bounded memory.

A compressed column has no ranges of bytes to read from, so a reader walks through it: it keeps a few rows and goes on
from where it is. Rows that are asked for in order cost one pass over each row group, however large that is.
"""

from __future__ import annotations

import threading
import weakref
from bisect import bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from pytest_clipdata.reading.parquet_child import DAMAGED, opened
from pytest_clipdata.reading.regular import open_regular

_ROWS = 16  #: that are held at a time


class Cells:
    """One column of one file, read forwards. Safe to use from several threads, which then wait for each other."""

    def __init__(self, url: str, column: str) -> None:
        """Raises OSError if the file cannot be opened."""
        self._column = column
        self._lock = threading.Lock()
        raw = open_regular(Path(url))
        weakref.finalize(self, raw.close)  # pyarrow never closes what it was given
        try:
            self._file = opened(raw)
            metadata = self._file.metadata
            counts = (metadata.row_group(number).num_rows for number in range(metadata.num_row_groups))
            self._starts = [0, *accumulate(counts)]
        except DAMAGED as error:
            raise OSError("the Parquet file cannot be read") from error
        self._group = -1
        self._at = 0  # the row of the group at which _held begins
        self._held: list[Any] = []
        self._coming: Iterator[Any] = iter(())
        self._broken: dict[int, int] = {}  # by group the first row that cannot be read

    def read(self, row: int) -> bytes:
        """The bytes in the ``row`` of the file, from 0; none if the cell is null. Raises OSError."""
        if not 0 <= row < self._starts[-1]:
            raise OSError("the Parquet file has no such row")
        group = bisect_right(self._starts, row) - 1
        with self._lock:
            return self._seek(group, row - self._starts[group])

    def _seek(self, group: int, row: int) -> bytes:
        if row >= self._broken.get(group, row + 1):
            raise OSError("the row group of the Parquet file is damaged")
        if group != self._group or row < self._at:
            self._group, self._at, self._held = group, 0, []
            self._coming = self._file.iter_batches(_ROWS, [group], [self._column], use_threads=False)
        while row >= self._at + len(self._held):
            self._at += len(self._held)
            self._held = []
            try:
                values = next(self._coming).column(0)
                while values.type.num_fields:  # a struct, of which this column is the only field that was read
                    (values,) = values.flatten()
                self._held = values.to_pylist()
            except (*DAMAGED, StopIteration) as error:
                self._broken[group], self._group = self._at, -1
                raise OSError("the row group of the Parquet file is damaged") from error
        cell = self._held[row - self._at]
        return cell if isinstance(cell, bytes) else b""


@lru_cache(maxsize=1)
def cells(url: str, version: str | None, column: str) -> Cells:
    """The reader of a column, which goes on from where it was if it was the last one. Raises OSError.

    One is remembered, and nothing else: a reader gives the same bytes wherever it was, only sooner or later.
    """
    return Cells(url, column)
