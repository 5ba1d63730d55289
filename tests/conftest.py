from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator

import pytest

pytest_plugins = ["pytester"]
pytest.register_assert_rewrite("helpers.tools")

# Whoever tries the plugin on the example dataset has no hypothesis, and pytest loads this file all the same.
with contextlib.suppress(ImportError):
    from hypothesis import settings

    # Speed is the business of benchmarks/: a busy machine must not fail a test.
    settings.register_profile("clipdata", deadline=None, derandomize=True, print_blob=False)
    settings.load_profile("clipdata")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if os.name != "posix" and item.get_closest_marker("posix"):
        pytest.skip("needs links, pipes, permissions or signals as POSIX systems have them")


@pytest.fixture(autouse=True)
def _runs_are_closed() -> Iterator[None]:
    yield
    if tools := sys.modules.get("helpers.tools"):
        tools.close_runs()
