"""What is in a Parquet file, told line by line by a process of its own: ``parquet_process`` starts it.

Reading a damaged footer ends the process that reads it, by abort: pyarrow does not catch all that its C++ code throws.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path
from typing import IO, Any

from pytest_clipdata.reading.head import HEAD_ROWS
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
from pytest_clipdata.reading.strict_text import MAX_CELL

_BUFFER = 1 << 20  # bytes that are read at a time
_HEADROOM = 2 << 30  # bytes of memory that reading may take
_SECONDS = 120  # that one file may take to say something
#: What pyarrow raises for a file that is damaged or encrypted.
DAMAGED = (OSError, ValueError, KeyError, NotImplementedError)

Tell = Callable[..., None]


def opened(raw: IO[bytes]) -> Any:
    """A file as pyarrow reads it in bounded memory. Raises one of ``DAMAGED`` for what is no Parquet file."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(raw, buffer_size=_BUFFER, pre_buffer=False)


def serve() -> None:
    """Tell of each file that the job on stdin names: see ``tell_head`` and ``tell_rows``."""
    import pyarrow.parquet  # noqa: F401 - before memory is bounded

    job = json.loads(sys.stdin.readline())
    out = os.fdopen(os.dup(1), "w", encoding="ascii", buffering=1 << 16)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    _bound_memory()

    def tell(*record: Any) -> None:
        out.write(json.dumps(record) + "\n")

    for number, path in job["files"]:
        _alarm()
        tell("file", number)
        out.flush()  # what comes next may be the end
        if job["columns"] is None:
            tell_head(Path(path), tell)
        else:
            tell_rows(Path(path), job["columns"], tell)
        out.flush()
    tell("end")
    out.flush()


def tell_head(path: Path, tell: Tell) -> None:
    """``head, names, rows``: the names of the columns, and the first rows as far as they hold cells."""
    try:
        with open_regular(path) as raw:
            file = opened(raw)
            schema = file.schema_arrow
            scalars = {field.name for field in schema if is_scalar(field.type)}
            names = list(schema.names)
            batches = file.iter_batches(HEAD_ROWS, columns=sorted(scalars), use_threads=False) if scalars else iter(())
            if (batch := next(batches, None)) is None:
                tell("head", names, [])
                return
            values = {name: [as_cell(value) for value in batch.column(name).to_pylist()] for name in scalars}
            tell("head", names, [[_at(values.get(name), at) for name in names] for at in range(batch.num_rows)])
    except (*DAMAGED, MemoryError):
        return


def _at(values: list[str | None] | None, at: int) -> str | None:
    value = None if values is None else values[at]
    return None if value is None else value[:MAX_CELL]


def tell_rows(path: Path, columns: dict[str, str | None], tell: Tell) -> None:
    """``pictures, leaf`` says in which leaf pictures are, ``row, path, held, digest, texts, label`` what stands in
    each row (see `Pictures.read`), ``wrong, line, words`` what cannot be read. ``columns`` are the names by role."""
    at = 0
    try:
        with open_regular(path) as raw:
            if (words := _no_parquet(raw)) is not None:
                tell("wrong", 1, words)
                return
            file = opened(raw)
            pictures = picture_column(file, str(columns["image_path"])).with_repeated(file)
            texts = text_column(file, str(columns["text"]))
            label = columns["label"]
            labels = None if label is None else text_column(file, label, number=True)
            tell("pictures", pictures.bytes)
            for group in range(file.num_row_groups):
                for row in _rows(file, group, pictures, texts, labels):
                    at += 1
                    if at % 1024 == 0:
                        _alarm()
                    if words := _wrong(row):
                        tell("wrong", at, words)
                    else:
                        tell("row", *row)
    except WrongColumnError as error:
        tell("wrong", at + 1, str(error))
    except DAMAGED:
        # pyarrow's words hold addresses and internals that differ from version to version.
        words = f"is damaged or encrypted from row {at + 1:,} on" if at else "is damaged or encrypted"
        tell("wrong", at + 1, f"the Parquet file {words}: it cannot be read")
    except MemoryError:
        tell("wrong", at + 1, "its columns need more memory than a table may take")
    else:
        if not at:
            tell("wrong", 1, "it holds no row")


_Row = tuple[str | None, bool, str | None, list[str | None], str | None]


def _rows(file: Any, group: int, pictures: Pictures, texts: Texts, labels: Texts | None) -> Iterator[_Row]:
    """The rows of one group: what is told of the picture, its texts, its label."""
    there = file.metadata.row_group(group).num_rows
    found = pictures.read(file, group)
    said = read_texts(file, group, texts)
    labelled: Iterator[list[Any]] = repeat(["match"]) if labels is None else read_texts(file, group, labels)
    count = 0
    for picture, words, label in zip(found, said, labelled, strict=False):
        count += 1
        yield *picture, words, label[0]
    if count != there:
        raise ValueError("columns of different lengths")


def _wrong(row: _Row) -> str | None:
    """Why a row has cells that are none, in words."""
    path, _, _, texts, label = row
    for text in (path, label, *texts):
        if text is not None and len(text) > MAX_CELL:
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


def _bound_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # Windows has no limits, macOS no /proc
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        allowed = [in_use + _HEADROOM, *(limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY)]
        resource.setrlimit(resource.RLIMIT_AS, (min(allowed), hard))


def _alarm() -> None:
    # The default action of SIGALRM is taken by the kernel, also when pyarrow never gives the interpreter back.
    if hasattr(signal, "alarm"):
        signal.alarm(_SECONDS)
