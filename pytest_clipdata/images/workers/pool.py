"""Worker processes that measure and draw pictures: a decoder that crashes, hangs or eats memory costs one image.

The process of pytest never opens an image itself: there is always at least one worker, also for headers. A worker is
a fresh interpreter (``subprocess``, not ``multiprocessing``: that one refuses to work in daemon processes, imports the
user's ``__main__`` again and pickles), so threads, xdist and locks of the parent are of no concern to it. It imports
the module of the function and nothing of pytest or its plugins.
"""

from __future__ import annotations

import json
import os
import sys
import weakref
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import asdict
from types import TracebackType
from typing import Any

from pytest_clipdata.images.facts import Answer, Asked, Drawn, ImageFacts, Limits
from pytest_clipdata.images.workers.parent import Work
from pytest_clipdata.images.workers.process import WorkerError
from pytest_clipdata.images.workers.waiting import Task
from pytest_clipdata.images.workers.wire import A
from pytest_clipdata.reading.blob import Blob

__all__ = ["WorkerError", "Working", "ask_all", "draw_all", "measure_all"]

# Images that pay for one more worker: measured, a start costs 0.1 s of CPU, a photo 3.7 ms, a header 0.05 ms.
_PIXELS_PER_WORKER, _HEADERS_PER_WORKER = 32, 2000
#: Workers for each CPU where pictures come over a network: most of them wait, so that the CPU never does.
_REMOTE_WORKERS = 4
_PIXELS_PER_BATCH, _HEADERS_PER_BATCH = 8, 64  # an image costs 0.02 ms of messages so
#: Pictures that ``draw_all`` draws before the caller took the ones before them: up to a few megabytes each.
_AHEAD = 16


def measure_all(
    blobs: Sequence[Blob],
    *,
    pixels: bool,
    limits: Limits,
    workers: int | None = None,
    measure: Callable[..., ImageFacts] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Working[ImageFacts]:
    """Measure pictures; yields (index into ``blobs``, facts) as they come, each index once.

    Work starts at once, also before the first item is asked for. ``workers`` is the number of processes at most (as
    many as CPUs by default); few images start fewer. ``measure`` is a function of a module that the workers can import,
    called as ``measure(blob, limits, pixels=...)``; by default ``images.measure.measure``. ``progress`` is called with
    the number of images done.

    An image whose decoder takes longer than ``limits.timeout`` is TIMED_OUT; one that takes its process with it twice,
    asks for more memory than a worker may have, or raises, is CRASHED. Raises WorkerError if workers cannot start.
    Use it as a context manager: leaving it, also by Ctrl-C, ends the workers.
    """
    function = _name_of(measure) if measure else ("pytest_clipdata.images.measure", "measure")
    per_batch = _PIXELS_PER_BATCH if pixels else _HEADERS_PER_BATCH
    task = Task(_job(function, {"pixels": pixels}, limits), ImageFacts, limits.timeout, per_batch)
    per_worker = _PIXELS_PER_WORKER if pixels else _HEADERS_PER_WORKER
    return Working(Work(blobs, task, _count(workers, blobs, per_worker)), progress)


def draw_all(
    blobs: Sequence[Blob],
    drawing: str | Callable[..., Drawn],
    side: int,
    *,
    limits: Limits,
    workers: int | None = None,
) -> Generator[Drawn, None, None]:
    """Each of ``blobs`` as ``drawing`` makes it for ``side`` pixels, in their order.

    ``drawing`` is the name of a function of ``images.drawing`` (naming it imports no Pillow here), or a function like
    them. Nothing starts before the first picture is asked for, and only a few are drawn ahead of the caller. Close the
    generator to end the workers early. Limits, and what becomes of a bad picture, are as in ``measure_all``.
    """
    function = ("pytest_clipdata.images.drawing", drawing) if isinstance(drawing, str) else _name_of(drawing)
    task = Task(_job(function, {"side": side}, limits), Drawn, limits.timeout, 1, _AHEAD)
    work = Work(blobs, task, _count(workers, blobs, _PIXELS_PER_WORKER))
    early: dict[int, Drawn] = {}
    with Working(work) as working:
        for index, drawn in working:
            early[index] = drawn
            while work.waiting.taken in early:
                yield early.pop(work.waiting.taken)
                work.waiting.take_note()


def ask_all(
    blobs: Sequence[Blob],
    function: Sequence[str],
    *,
    count: int,
    side: int,
    limits: Limits,
    workers: int | None = None,
) -> Working[Asked]:
    """What a plugin's ``function`` (its module, name and file) says of pictures: ``count`` values of each.

    Yields and raises as ``measure_all``; a picture for which the function raises is CRASHED.
    """
    arguments = {"function": list(function), "count": count, "side": side}
    job = _job(("pytest_clipdata.images.asked", "ask"), arguments, limits, [function[0]])
    task = Task(job, Asked, limits.timeout, _PIXELS_PER_BATCH)
    return Working(Work(blobs, task, _count(workers, blobs, _PIXELS_PER_WORKER)))


def _name_of(function: Callable[..., Answer]) -> tuple[str, str]:
    return function.__module__, function.__qualname__


def _job(function: tuple[str, str], arguments: dict[str, Any], limits: Limits, imports: Sequence[str] = ()) -> bytes:
    search = [os.fspath(entry) for entry in sys.path if isinstance(entry, (str, os.PathLike))]
    job = {"path": search, "imports": list(imports), "function": function, "arguments": arguments}
    job["limits"] = asdict(limits)
    return json.dumps(job).encode("ascii")


def _count(workers: int | None, blobs: Sequence[Blob], per_worker: int) -> int:
    if workers is not None and workers < 1:
        raise ValueError("workers must be at least 1")
    times = _REMOTE_WORKERS if any(blob.is_remote for blob in blobs) else 1
    return min(workers or _cpus() * times, -(-len(blobs) * times // per_worker))


class Working(Iterator[tuple[int, A]]):
    """What ``measure_all`` returns."""

    def __init__(self, work: Work[A], progress: Callable[[int], None] | None = None) -> None:
        self._work = work
        self._progress = progress
        self._done = 0
        #: Ends the workers; also when this object or the interpreter goes.
        self.close = weakref.finalize(self, work.stop)
        work.start()

    def __next__(self) -> tuple[int, A]:
        if self._done == len(self._work.blobs) or not self.close.alive:
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

    def __enter__(self) -> Working[A]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
