"""Which format reads which file: a new format is a file of this room and an entry here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path

from pytest_clipdata.reading import coco, sidecars
from pytest_clipdata.reading.csv_source import CsvSource
from pytest_clipdata.reading.image_folder import is_imagefolder
from pytest_clipdata.reading.json_lines import JsonLinesSource
from pytest_clipdata.reading.kinds import is_coco
from pytest_clipdata.reading.parquet_source import ParquetSource
from pytest_clipdata.reading.shards import in_sources
from pytest_clipdata.reading.source import Source
from pytest_clipdata.reading.splits import split_of, split_of_folder
from pytest_clipdata.reading.tar_source import TarSource

_COCO = "captions_*.json"
#: By the end of a file's name, in lower case, or by what `ending_of` says of it: what makes a source of its path, its
#: name and its split.
READERS: Mapping[str, Callable[[Path, str, str], Source]] = {
    ".csv": CsvSource,
    ".tsv": CsvSource,
    ".jsonl": JsonLinesSource,
    ".ndjson": JsonLinesSource,
    _COCO: coco.CocoSource,
    sidecars.NAME: sidecars.SidecarSource,
}
#: Formats of which the files that differ in a number are one source: what makes it of its path (with ``#`` for the
#: number of several files), its name, its split and its files.
SHARDED: Mapping[str, Callable[[Path, str, str, tuple[Path, ...]], Source]] = {
    ".tar": TarSource,
    ".parquet": ParquetSource,
}
#: What can be read, for messages.
FORMATS = "CSV, TSV, JSON Lines, Parquet, WebDataset tars, COCO captions_*.json, or pictures with a .txt of their name"


def ending_of(name: str) -> str | None:
    """The entry of the tables above for a file's name; None if it is not that of a source."""
    if name == sidecars.NAME:
        return name
    if is_coco(name):
        return _COCO
    return next((ending for ending in (*READERS, *SHARDED) if name.lower().endswith(ending)), None)


def sources_of(paths: Collection[Path], root: Path) -> dict[Source, tuple[Path, ...]]:
    """The sources that some files make up, each with those files of it."""
    found: dict[Source, tuple[Path, ...]] = {}
    whole = {path: make for path in paths if (make := READERS.get(ending_of(path.name) or "")) is not None}
    for path in sorted(whole):
        found[whole[path](path, path.relative_to(root).as_posix(), _split(path))] = (path,)
    for path, files in in_sources(path for path in paths if path not in whole).items():
        found[SHARDED[path.suffix.lower()](path, path.relative_to(root).as_posix(), _split(path), files)] = files
    return found


def without(source: Source, left_out: Collection[Path]) -> Source:
    """A source without those of its shards that are left out; as it is if it has none of them, or has no shards."""
    if not isinstance(source, TarSource | ParquetSource) or source.path in source.files:
        return source
    out = tuple(path for path in source.files if path in left_out)
    return replace(source, files=tuple(path for path in source.files if path not in out), left_out=out)


def _split(path: Path) -> str:
    if is_coco(path.name):
        return coco.coco_split(path)
    folder = path.parent.name
    if path.name == sidecars.NAME or is_imagefolder(path):
        return split_of_folder(folder) or folder or path.stem
    return split_of(path.stem, folder)
