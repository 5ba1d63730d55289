"""What the page shows of a run beside its findings: the profile of the data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pytest_clipdata.facts.step import Needs
from pytest_clipdata.findings import CheckResult, Outcome, Report
from pytest_clipdata.images.facts import ImageStatus
from pytest_clipdata.running.run import DatasetRun

#: Columns of the facts table that the page draws from.
_PROFILED = (
    "file",
    "line",
    "key",
    "row",
    "split",
    "image_path",
    "text",
    "label",
    "is_match",
    "image_short_side",
    "word_count",
    "token_count",
)


def was_decoded(run: DatasetRun, report: Report, path: Path) -> bool:
    """Whether the picture was decoded by the checks of ``report``."""
    image = run.engine.images(_needs(run, report)).get(path)
    return image is not None and image.status is ImageStatus.OK


def profiled_columns(run: DatasetRun, report: Report) -> dict[str, list[Any]]:
    """The facts that the page draws from, of all rows that parsed; ``csv`` names the source of each."""
    columns: dict[str, list[Any]] = {name: [] for name in ("csv", *_PROFILED)}
    for source in dict.fromkeys(result.source for result in _ran(report)):
        table = run.table(source, _needs(run, report))
        for problem, *values in table.columns(["row_problem", *_PROFILED]):
            if problem is None:
                columns["csv"].append(source)
                for name, value in zip(_PROFILED, values, strict=True):
                    columns[name].append(value)
    return columns


def _needs(run: DatasetRun, report: Report) -> Needs:
    """As far as the checks of the report made us measure: the page must not open a picture that no check asked for."""
    return max((run.needs(result.check) for result in _ran(report)), default=Needs.TEXT)


def _ran(report: Report) -> list[CheckResult]:
    return [result for result in report.checks if result.outcome is not Outcome.NOT_RUN]
