"""Which format reads which file: a new format is a file of this room and an entry here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pytest_clipdata.reading.csv_source import CsvSource
from pytest_clipdata.reading.json_lines import JsonLinesSource
from pytest_clipdata.reading.source import Source

#: By the end of a file's name, in lower case: what makes a source of its path, its name and its split.
READERS: Mapping[str, Callable[[Path, str, str], Source]] = {
    ".csv": CsvSource,
    ".tsv": CsvSource,
    ".jsonl": JsonLinesSource,
    ".ndjson": JsonLinesSource,
}
