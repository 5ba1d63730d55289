"""Copies of Parquet files and tars without the rejected rows, made a part at a time: they may be larger than memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

from pytest_clipdata.reading.parquet_child import DAMAGED, opened
from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.tar_index import BLOCK, TarError, members
from pytest_clipdata.reading.tar_samples import Sample, samples
from pytest_clipdata.reports.judged import drafted

#: Rows of a Parquet file that are looked at together, and the bytes after which a row group is written.
_ROWS, _GROUP = 64, 64 << 20


def split_parquet(path: Path, clean: Path, rejected: Path, reasons: Mapping[int, Sequence[str]]) -> None:
    """Copy a Parquet file without the rows of ``reasons`` (by number, from 1) to ``clean``, and these to ``rejected``.

    Both have the columns, the metadata and the compression of the original, the second one also a column ``reasons``
    (with underscores added until the name is free). A file that cannot be read leaves no copy.
    """
    import pyarrow as pa

    with suppress(*DAMAGED), open_regular(path) as raw:
        file = opened(raw)
        schema = file.schema_arrow
        name = "reasons"
        while name in schema.names:
            name += "_"
        more = schema.append(pa.field(name, pa.string()))
        with ExitStack() as stack:
            kept = stack.enter_context(_Writer(stack.enter_context(drafted(clean)), schema, file))
            gone = stack.enter_context(_Writer(stack.enter_context(drafted(rejected)), more, file)) if reasons else None
            for start, batch in _batches(file):
                words = ["; ".join(reasons.get(start + at + 1, ())) for at in range(batch.num_rows)]
                kept.take(batch.filter(pa.array([not word for word in words])))
                if gone is not None and any(words):
                    marked = batch.append_column(more.field(name), pa.array(words, pa.string()))
                    gone.take(marked.filter(pa.array([bool(word) for word in words])))


def _batches(file: Any) -> Iterator[tuple[int, Any]]:
    """The rows of a file with the number of the first one, from 0; they end where it is damaged."""
    start = 0
    with suppress(*DAMAGED):
        for batch in file.iter_batches(_ROWS, use_threads=False):
            yield start, batch
            start += batch.num_rows


class _Writer:
    """Writes row groups of some size."""

    def __init__(self, path: Path, schema: Any, like: Any) -> None:
        import pyarrow.parquet as pq

        compression: Any = "snappy"
        if like.num_row_groups:
            group = like.metadata.row_group(0)
            columns = [group.column(number) for number in range(group.num_columns)]
            compression = {column.path_in_schema: column.compression.lower() for column in columns}
            compression = {name: "none" if kind == "uncompressed" else kind for name, kind in compression.items()}
        self._schema = schema
        self._file = pq.ParquetWriter(path, schema, compression=compression)
        self._held: list[Any] = []

    def take(self, batch: Any) -> None:
        """Write these rows, now or with the next ones."""
        if batch.num_rows:
            self._held.append(batch)
        if sum(held.nbytes for held in self._held) > _GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._held:
            self._file.write_table(pa.Table.from_batches(self._held, self._schema))
            self._held = []

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, *raised: object) -> None:
        self._flush()
        self._file.close()


def copy_tar(path: Path, clean: Path, gone: Collection[int]) -> None:
    """Copy a tar without the samples of these numbers, from 1, byte for byte, up to where it can be read."""
    with suppress(OSError), open_regular(path) as file:
        dropped: list[tuple[int, int]] = []
        for line, sample in enumerate(samples(file), start=1):
            if isinstance(sample, Sample) and line in gone:
                dropped += sample.extents
        with drafted(clean) as draft, draft.open("wb") as out:
            at = 0
            for start, end in [*sorted(dropped), (_end(file), 0)]:
                _copy(file, out, at, start)
                at = end
            size = out.tell()
            out.write(bytes(2 * BLOCK + -(size + 2 * BLOCK) % (20 * BLOCK)))  # the end mark, filled up as tar does


def _end(file: IO[bytes]) -> int:
    """Where the last file of a tar ends."""
    end = 0
    with suppress(TarError):
        for member in members(file):
            end = member.extent[1]
    return end


def _copy(file: IO[bytes], out: IO[bytes], start: int, end: int) -> None:
    file.seek(start)
    while start < end and (part := file.read(min(end - start, 1 << 20))):
        out.write(part)
        start += len(part)


def list_of(keys: Mapping[tuple[str, int], str | None], reasons: Mapping[tuple[str, int], Sequence[str]]) -> bytes:
    """Rejected samples as a CSV with the columns ``file``, ``line``, ``key`` and ``reasons``."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["file", "line", "key", "reasons"])
    for (file, line), words in sorted(reasons.items()):
        writer.writerow([file, line, keys.get((file, line)) or "", "; ".join(words)])
    return out.getvalue().encode("utf-8", "backslashreplace")
