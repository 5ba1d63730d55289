"""A dataset judged in this process by an engine, and the Spark session that it takes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_clipdata.findings import Outcome, Report
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.reports.findings_json import dumps
from pytest_clipdata.running.engines.spark import session
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.options import RunOptions

TESTS = Path(__file__).resolve().parents[1]
#: pyspark leaves sockets to the garbage collector.
quiet = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning", "ignore::DeprecationWarning"
)


@contextmanager
def spark_session(master: str) -> Iterator[Any]:
    """A session of ours on ``master``, as a user has one; the test is skipped where there cannot be one."""
    pytest.importorskip("pyspark")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("needs Java")
    with pytest.MonkeyPatch.context() as patch:  # where the tasks find what stands in for decoders
        patch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS.parent), str(TESTS)]))
        found, ours = session.find_or_start(master)
        assert ours
        try:
            yield found
        finally:
            found.stop()


def judged(folder: Path, engine: str, *overrides: str, cache: Path | None = None) -> Report:
    """The report of a dataset in which every check is asked for, in a run that remembers nothing without ``cache``."""
    (dataset,) = discover([folder])
    options = RunOptions(top=folder, engine=engine, overrides=overrides, workers=1, device="off", cache=cache)
    run = DatasetRun(dataset, load_settings(dataset, options), options)
    try:
        pairs = [(source.name, check) for source in dataset.sources for check in run.check_ids(source.name)]
        for pair in pairs:
            run.want(*pair)
        results = tuple(run.result(*pair) for pair in pairs)
        assert run.engine.name == engine
        return Report(folder.name, run.splits, results)
    finally:
        run.close()


def findings(folder: Path, engine: str, *overrides: str, cache: Path | None = None) -> str:
    """``findings.json`` of ``judged``, with findings and items that pass.

    What a rule that cannot be judged raises is in the words of Great Expectations' engine: it is cut.
    """
    report = judged(folder, engine, *overrides, cache=cache)
    assert {result.outcome for result in report.checks} > {Outcome.PASSED, Outcome.FAILED}
    results = [
        replace(result, reason=f"{result.reason}"[:35]) if result.outcome is Outcome.ERROR else result
        for result in report.checks
    ]
    return dumps(replace(report, checks=tuple(results)))
