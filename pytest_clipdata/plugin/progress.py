"""A bar while pictures are measured."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest


@contextmanager
def progress_bar(config: pytest.Config, total: int) -> Iterator[Callable[[int], object]]:
    """A bar over ``total`` pictures on a terminal that somebody watches; nothing in a log.

    The context's value is told how many pictures are done since it was last called.
    """
    quiet = hasattr(config, "workerinput") or config.get_verbosity() < -1 or os.environ.get("CI")
    capture = config.pluginmanager.get_plugin("capturemanager")
    if quiet or capture is None or not total:
        yield lambda done: None
        return
    with capture.global_and_fixture_disabled():
        if not sys.stderr.isatty():
            yield lambda done: None
            return
        from tqdm import tqdm

        with tqdm(total=total, desc="measuring", unit="image", leave=False, file=sys.stderr) as bar:
            yield bar.update
