"""What was judged and by which rules, as files: suites, validation results, facts table.

``facts.parquet`` is the dataset's; each CSV has a folder of its own name for its
``suite.json`` and ``validation.json``, which any Great Expectations user can load.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pytest_clipdata.facts.measured_table import MeasuredTable
from pytest_clipdata.facts.pandas_table import facts_parquet
from pytest_clipdata.judging.rule import Verdict
from pytest_clipdata.reports.visible import visible


def write_judged(folder: Path, tables: Mapping[str, MeasuredTable], verdicts: Mapping[str, Verdict]) -> None:
    """Write suite and validation result of each source, and the facts of all of them."""
    for source, verdict in verdicts.items():
        for name, record in (("suite", verdict.suite), ("validation", verdict.validation)):
            write(folder / source / f"{name}.json", _dumps(record).encode())
    if tables:
        write(folder / "facts.parquet", facts_parquet(tables))


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a reader never sees half a report."""
    with drafted(path) as draft:
        draft.write_bytes(content)


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """Where to write what becomes the file at ``path`` in the end, unless something is raised."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield draft
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        # A disk that is full names no file.
        raise OSError(error.errno, error.strerror, str(path)) from error
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def written(what: str, failures: list[str]) -> Iterator[None]:
    """Write something; if it cannot be, say so in one sentence in ``failures`` and go on with the rest."""
    try:
        yield
    except OSError as error:
        where = f" to {error.filename}" if error.filename else ""
        failures.append(visible(f"{what} could not be written{where}: {error.strerror or error}"))


def _dumps(record: Mapping[str, Any]) -> str:
    """Great Expectations' JSON, indented, without the run's time and random names."""
    return json.dumps(record, indent=1, sort_keys=True, default=str) + "\n"
