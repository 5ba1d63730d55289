"""What was judged and by which rules, as files: suites, validation results, facts table.

``facts.parquet`` is the dataset's; each CSV has a folder of its own name for its
``suite.json`` and ``validation.json``, which any Great Expectations user can load.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.judging.rule import Verdict

if TYPE_CHECKING:
    import pandas as pd


def write_judged(folder: Path, frames: Mapping[str, pd.DataFrame], verdicts: Mapping[str, Verdict]) -> None:
    """Write suite and validation result of each CSV, and the facts of all of them."""
    for csv, verdict in verdicts.items():
        for name, record in (("suite", verdict.suite), ("validation", verdict.validation)):
            write(folder / csv / f"{name}.json", _dumps(record).encode())
    if frames:
        import pandas as pd

        facts = pd.concat([frame.assign(csv=csv) for csv, frame in sorted(frames.items())], ignore_index=True)
        write(folder / "facts.parquet", facts[["csv", *facts.columns.drop("csv")]].to_parquet(index=False))


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: a reader never sees half a report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


def _dumps(record: Mapping[str, Any]) -> str:
    """Great Expectations' JSON, indented, without the run's time and random names."""
    return json.dumps(record, indent=1, sort_keys=True, default=str) + "\n"
