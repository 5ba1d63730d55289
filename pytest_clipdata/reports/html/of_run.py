"""What the page shows of a run beside its findings: the profile of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_clipdata.findings import Report
from pytest_clipdata.images.facts import ImageStatus
from pytest_clipdata.running.run import DatasetRun

#: Columns of the facts table that the HTML report draws from.
_PROFILED = [
    "csv",
    "line",
    "split",
    "image_path",
    "text",
    "label",
    "is_match",
    "image_short_side",
    "word_count",
    "token_count",
]


def was_decoded(run: DatasetRun, path: Path) -> bool:
    image = run.measured.images.get(path)
    return image is not None and image.status is ImageStatus.OK


def profiled_columns(run: DatasetRun, report: Report) -> dict[str, list[Any]]:
    for result in report.checks:  # under xdist this process has judged nothing: the facts come from the cache
        run.want(result.csv, result.check)
    columns: dict[str, list[Any]] = {name: [] for name in _PROFILED}
    for csv in dict.fromkeys(result.csv for result in report.checks):
        frame = run.facts(csv).assign(csv=csv)
        frame = frame[frame["row_problem"].isna()]
        for name in _PROFILED:
            columns[name] += frame[name].astype(object).where(frame[name].notna(), None).tolist()
    return columns
