from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from unittest import mock

import pytest
from helpers import projects

from pytest_clipdata.judging.great_expectations import preload

Run = Callable[..., projects.Done[str]]


@pytest.fixture(scope="session")
def _heavy() -> None:
    """pytester forgets what an inner run imported: import it once outside, or each run takes seconds for it again."""
    import pandas as pd

    preload()
    pd.DataFrame({"a": ["b"]}).to_parquet()


@pytest.fixture
def run(pytester: pytest.Pytester, _heavy: None) -> Run:
    """`pytest_clip` in this process; in fresh ones only where there are two workers, which are processes anyway."""

    def start(
        *arguments: str, cwd: Path, dataset: str = "datasets", env: Mapping[str, str] | None = None
    ) -> projects.Done[str]:
        if "-n" in arguments:
            return projects.pytest_clip(*arguments, cwd=cwd, dataset=dataset, env=env)
        env = projects.environment(cwd.parent / "home") if env is None else env
        plugins = ("--disable-plugin-autoload", "-p", "xdist", "-p", "pytest_clipdata.plugin", "--clip-smoke=off")
        with contextlib.chdir(cwd), mock.patch.dict(os.environ, env, clear=True):
            done = pytester.runpytest_inprocess(*plugins, "--clip-dataset", dataset, *arguments)
        return projects.Done(arguments, int(done.ret), done.stdout.str(), done.stderr.str())

    return start
