"""How a failed check looks to pytest, and the warning for findings that do not fail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_clipdata.findings import CheckResult


class ClipDataWarning(pytest.PytestWarning):
    """Findings of a check whose severity is ``warning``; ``line`` is the place of the first one in its file."""

    def __init__(self, words: str, line: int = 1) -> None:
        super().__init__(words, line)
        self.words, self.line = words, line

    def __str__(self) -> str:
        return self.words


class FindingsFailure(Exception):  # noqa: N818 - a failure of the data, not an error of ours
    """A check does not hold; the findings are in ``result``."""

    def __init__(self, result: CheckResult) -> None:
        super().__init__(result)
        self.result = result


class JudgingError(Exception):
    """A check could not be judged, through no fault of the data."""


@dataclass(frozen=True, slots=True)
class Crash:
    """What pytest asks a failure for: one line for ``--tb=line``, a message for its summary and for JUnit."""

    line: str
    message: str

    def __str__(self) -> str:
        return self.line


@dataclass(frozen=True, slots=True)
class FindingsText:
    """The text of a failed check as pytest prints it; ``folded``: under ``--tb=line`` the crash line says it all."""

    lines: Sequence[str]
    check: str
    reprcrash: Crash
    folded: bool = False

    def toterminal(self, out: Any) -> None:
        """Print the lines, with the places in the colours of pytest's own."""
        for line in () if self.folded else self.lines:
            place, check, words = line.partition(f": {self.check}: ")
            if check:
                out.write(place, bold=True, red=True)
                out.line(check + words)
            else:
                out.line(line, light=True)

    def __str__(self) -> str:
        return "\n".join(self.lines)
