"""The command that a report names is the one that a person can type again."""

from __future__ import annotations

import pytest

from pytest_clipdata.plugin.typed import typed


@pytest.mark.parametrize(
    ("argv", "arguments", "command"),
    [
        (["/usr/bin/pytest", "ignored"], ["--clip-dataset", "a b", "-k", "not x"], "pytest --clip-dataset 'a b' -k 'not x'"),
        (["/usr/bin/clipdata", "check", "it's"], ["-c", "/dev/null"], """clipdata check 'it'"'"'s'"""),
        (["C:/Scripts/clipdata.exe", "check", "data"], [], "clipdata check data"),
        ([], ["tests"], "pytest tests"),
    ],
)  # fmt: skip
def test_the_command_is_what_was_typed(argv: list[str], arguments: list[str], command: str) -> None:
    assert typed(argv, arguments) == command
