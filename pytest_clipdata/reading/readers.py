"""Which format reads which file: a new format is a file of this room and an entry here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from pytest_clipdata.reading.csv_source import CsvSource
from pytest_clipdata.reading.parquet_source import ParquetSource
from pytest_clipdata.reading.shards import in_sources
from pytest_clipdata.reading.source import Source
from pytest_clipdata.reading.splits import split_of
from pytest_clipdata.reading.tar_source import TarSource

#: By the end of a file's name, in lower case: what makes a source of its path, its name and its split.
READERS: Mapping[str, Callable[[Path, str, str], Source]] = {".csv": CsvSource, ".tsv": CsvSource}
#: Formats of which the files that differ in a number are one source: what makes it of its path (with ``#`` for the
#: number of several files), its name, its split and its files.
SHARDED: Mapping[str, Callable[[Path, str, str, tuple[Path, ...]], Source]] = {
    ".tar": TarSource,
    ".parquet": ParquetSource,
}


def sources_of(paths: Collection[Path], root: Path) -> dict[Source, tuple[Path, ...]]:
    """The sources that some files make up, each with those files of it."""
    found: dict[Source, tuple[Path, ...]] = {}
    whole = {path for path in paths if path.suffix.lower() in READERS}
    for path in sorted(whole):
        source = READERS[path.suffix.lower()](path, path.relative_to(root).as_posix(), _split(path))
        found[source] = (path,)
    for path, files in in_sources(path for path in paths if path not in whole).items():
        make = SHARDED[path.suffix.lower()]
        found[make(path, path.relative_to(root).as_posix(), _split(path), files)] = files
    return found


def _split(path: Path) -> str:
    return split_of(path.stem, path.parent.name)
