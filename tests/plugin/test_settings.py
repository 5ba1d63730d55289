"""What a session says of the settings, and of what it cannot use."""

from __future__ import annotations

import os

import pytest
from helpers.tools import RED, write

CSV = [("a.jpg", RED, "match")]


@pytest.mark.parametrize("file", ["sets/clipdata.toml", "clipdata.toml", "pyproject.toml"])
def test_the_header_names_the_file_in_force(pytester: pytest.Pytester, file: str) -> None:
    content = "[tool.clipdata.row_count]\nmin = 1\n" if file == "pyproject.toml" else "[row_count]\nmin = 1\n"
    write(pytester.path, {"sets/train.csv": CSV}, {file: content.encode()})
    result = pytester.runpytest_inprocess("--clip-dataset=sets", "-k", "row_count")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["clip-dataset: sets, image root .", f"  settings: {file}; engine: local"])


def test_without_a_file_the_header_says_so(pytester: pytest.Pytester) -> None:
    write(pytester.path, {"sets/train.csv": CSV})
    result = pytester.runpytest_inprocess("--clip-dataset=sets", "-k", "row_count", "--clip-set", "row_count.min=1")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["  settings: the defaults; engine: local"])


@pytest.mark.posix
def test_a_baseline_that_is_no_file_is_never_opened(pytester: pytest.Pytester) -> None:
    write(pytester.path, {"sets/train.csv": CSV})
    os.mkfifo(pytester.path / "known.json")
    result = pytester.runpytest_inprocess("--clip-dataset=sets", "--clip-baseline=known.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--clip-baseline known.json: is not a file"])
