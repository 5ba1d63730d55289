"""How far it is, while pictures are measured or scored."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

#: Seconds between two lines of a worker of pytest-xdist.
_SECONDS = 5.0


@contextmanager
def progress_bar(config: pytest.Config, total: int, doing: str) -> Iterator[Callable[[int], object]]:
    """Progress over ``total`` pictures on a terminal that somebody watches; nothing in a log.

    It is a bar; of a worker of pytest-xdist, whose terminal is also that of others, a line now and then. The context's
    value is told how many pictures are done since it was last called.
    """
    capture = config.pluginmanager.get_plugin("capturemanager")
    if config.get_verbosity() < -1 or os.environ.get("CI") or capture is None or not total:
        yield lambda done: None
        return
    with capture.global_and_fixture_disabled():
        if not sys.__stderr__ or not sys.__stderr__.isatty():
            yield lambda done: None
        elif hasattr(config, "workerinput"):
            yield _Lines(total, f"[{config.workerinput['workerid']}] {doing}", sys.__stderr__)
        else:
            from tqdm import tqdm

            with tqdm(total=total, desc=doing, unit="image", leave=False, file=sys.stderr) as bar:
                yield bar.update


class _Lines:
    """Says how far it is in a line of its own, at most one every five seconds."""

    def __init__(self, total: int, doing: str, out: Any) -> None:
        self._total, self._doing, self._out = total, doing, out
        self._done, self._said = 0, time.monotonic()

    def __call__(self, done: int) -> None:
        self._done += done
        now = time.monotonic()
        if now - self._said >= _SECONDS:
            self._said = now
            share = self._done / self._total
            self._out.write(f"\r{self._doing}: {self._done:,} of {self._total:,} images ({share:.0%})\r\n")
            self._out.flush()
