from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from helpers.tools import Rows, write

from pytest_clipdata.judging.great_expectations import preload

Runner = Callable[..., pytest.RunResult]


@pytest.fixture(scope="session", autouse=True)
def _heavy() -> None:
    """pytester forgets what an inner run imported: import it once outside, or each run takes 3 s for it again."""
    import pandas as pd
    import xdist.scheduler  # noqa: F401

    preload()
    pd.DataFrame({"a": ["b"]}).to_parquet()


@pytest.fixture(autouse=True)
def _as_called(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever plugins this environment has: items in their own order."""
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:randomly")


@pytest.fixture
def dataset(pytester: pytest.Pytester) -> Callable[..., None]:
    """Write CSVs and files into ``datasets`` of a fresh folder, which is also pytest's rootdir."""

    def make(csvs: Mapping[str, Rows], files: Mapping[str, bytes] | None = None, folder: str = "datasets") -> None:
        write(pytester.path / folder, csvs, files)

    pytester.makeini("[pytest]\n")
    return make


@pytest.fixture(params=[False, True], ids=["alone", "xdist"])
def run(request: pytest.FixtureRequest, pytester: pytest.Pytester) -> Runner:
    """Run pytest over ``datasets``, in this process, and once more in two xdist workers."""

    def start(*arguments: str, dataset: str = "datasets") -> pytest.RunResult:
        arguments = ("--clip-dataset", dataset, "--clip-smoke=off", *arguments)
        if request.param:
            return pytester.runpytest_subprocess("-n", "2", *arguments)
        return pytester.runpytest_inprocess(*arguments)

    return start


@pytest.fixture
def alone(pytester: pytest.Pytester) -> Runner:
    def start(*arguments: str, dataset: str = "datasets") -> pytest.RunResult:
        return pytester.runpytest_inprocess("--clip-dataset", dataset, "--clip-smoke=off", *arguments)

    return start
