"""Worker processes that measure images, so that a decoder that crashes, hangs or eats memory costs one image.

The process of pytest never opens an image itself: there is always at least one worker, also for headers. A worker is
a fresh interpreter (``subprocess``, not ``multiprocessing``: that one refuses to work in daemon processes, imports the
user's ``__main__`` again and pickles), so threads, xdist and locks of the parent are of no concern to it. It imports
the module of the measuring function and nothing of pytest or its plugins.
"""

from __future__ import annotations

import json
import os
import sys
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

from pytest_clipdata.images.facts import ImageFacts, Limits
from pytest_clipdata.images.workers.parent import Work
from pytest_clipdata.images.workers.process import WorkerError

__all__ = ["Measuring", "WorkerError", "measure_all"]

# Images that pay for one more worker: measured, a start costs 0.1 s of CPU, a photo 3.7 ms, a header 0.05 ms.
_PIXELS_PER_WORKER, _HEADERS_PER_WORKER = 32, 2000


def measure_all(
    paths: Sequence[Path],
    *,
    pixels: bool,
    limits: Limits,
    workers: int | None = None,
    measure: Callable[..., ImageFacts] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Measuring:
    """Measure the images at ``paths``; yields (index into ``paths``, facts) as they come, each index once.

    Work starts at once, also before the first item is asked for. ``workers`` is the number of processes at most (as
    many as CPUs by default); few images start fewer. ``measure`` is a function of a module that the workers can import,
    called as ``measure(path, limits, pixels=...)``; by default ``images.measure.measure``. ``progress`` is called with
    the number of images done.

    An image whose decoder takes longer than ``limits.timeout`` is TIMED_OUT; one that takes its process with it twice,
    asks for more memory than a worker may have, or raises, is CRASHED. Raises WorkerError if workers cannot start.
    Use it as a context manager: leaving it, also by Ctrl-C, ends the workers.
    """
    if workers is not None and workers < 1:
        raise ValueError("workers must be at least 1")
    if measure is None:
        name = ("pytest_clipdata.images.measure", "measure")
    else:
        name = (measure.__module__, measure.__qualname__)
    per_worker = _PIXELS_PER_WORKER if pixels else _HEADERS_PER_WORKER
    count = min(workers or _cpus(), -(-len(paths) // per_worker))
    search = [os.fspath(entry) for entry in sys.path if isinstance(entry, (str, os.PathLike))]
    job = {"path": search, "measure": name, "pixels": pixels, "limits": asdict(limits)}
    work = Work(paths, json.dumps(job).encode("ascii"), limits.timeout, count, pixels)
    return Measuring(work, progress)


class Measuring(Iterator[tuple[int, ImageFacts]]):
    """What ``measure_all`` returns."""

    def __init__(self, work: Work, progress: Callable[[int], None] | None) -> None:
        self._work = work
        self._progress = progress
        self._done = 0
        #: Ends the workers; also when this object or the interpreter goes.
        self.close = weakref.finalize(self, work.stop)
        work.start()

    def __next__(self) -> tuple[int, ImageFacts]:
        if self._done == len(self._work.paths) or not self.close.alive:
            self.close()
            raise StopIteration
        try:
            answer = self._work.answers.get()
            if isinstance(answer, BaseException):
                raise answer
        except BaseException:
            self.close()
            raise
        self._done += 1
        if self._progress is not None:
            self._progress(self._done)
        return answer

    def __enter__(self) -> Measuring:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
