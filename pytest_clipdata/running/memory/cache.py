"""The cache of a run: pictures, verdicts, scores and second looks in one file."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from pytest_clipdata.running.memory.pictures import MeasuredPictures
from pytest_clipdata.running.memory.store import Store
from pytest_clipdata.running.memory.verdicts import Scores, SecondLooks, Verdicts

_NAME = "clipdata.sqlite3"


class Cache:
    """The cache in ``directory`` (made if need be), or one in memory for this run alone if that is None.

    Safe to use from several threads and from several processes at once. A fault of the file is never raised: at worst
    nothing is remembered, and ``problem`` says so. ``max_bytes`` bounds the file; entries not used for long leave.
    """

    def __init__(self, directory: Path | None, *, max_bytes: int = 1 << 30) -> None:
        self._store = Store(None if directory is None else Path(directory) / _NAME, max_bytes)
        self.pictures = MeasuredPictures(self._store)
        self.verdicts = Verdicts(self._store)
        self.scores = Scores(self._store)
        self.looks = SecondLooks(self._store)

    @property
    def problem(self) -> str | None:
        """What went wrong with the file, in words for a warning; None if nothing did."""
        return self._store.problem

    def flush(self) -> None:
        """Write what waits for its batch."""
        self._store.flush()

    def close(self) -> None:
        """Write what waits, let stale entries leave, and close the file. Afterwards nothing is known or stored."""
        self._store.close()

    def __enter__(self) -> Cache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
