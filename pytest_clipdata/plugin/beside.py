"""What the header says of what lies beside the data and is not tested, or is not what its place says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_clipdata.reading.folders import Note

_LINES = 10


class Beside:
    """A plugin that adds these lines to pytest's header."""

    def __init__(self, notes: Sequence[Note]) -> None:
        self._notes = notes

    def pytest_report_header(self, config: pytest.Config) -> list[str]:
        from pytest_clipdata.reading.seen_from import seen_from
        from pytest_clipdata.reports.visible import visible

        here = config.invocation_params.dir
        lines = [
            f"clip-dataset: {visible(seen_from(note.path, here))} {visible(note.words)}"
            for note in self._notes[:_LINES]
        ]
        more = len(self._notes) - len(lines)
        return lines + ([f"clip-dataset: ... and {more:,} more such files and folders"] if more > 0 else [])
