"""The child's side of ``pool``: work on one picture after the other until the parent goes.

The parent writes one JSON line of ``[index, blob]`` pairs at a time; each picture is answered by one line, the index
and what became of it. The answers leave on a private descriptor: what a native decoder prints goes nowhere.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

from pytest_clipdata.images.facts import Answer, ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.workers import wire
from pytest_clipdata.images.workers.memory import bound_memory
from pytest_clipdata.reading.blob import Blob

# Seconds that a hung decoder outlives a parent that was killed before it could kill the worker.
_GRACE = 2.0


def serve(job: dict[str, Any]) -> None:
    """Run the worker described by ``job``: ``function`` (module and name), its ``arguments`` and the ``limits``."""
    with contextlib.suppress(ValueError, OSError):  # the parent decides when to stop
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.dup(1)
    os.set_inheritable(answers, False)
    try:
        limits = Limits(**job["limits"])
        module, name = job["function"]
        function = partial(getattr(importlib.import_module(module), name), **job["arguments"])
        bound = bound_memory(limits)
    except BaseException:
        _answer(answers, {"failed": traceback.format_exc()})
        return
    requests = os.fdopen(os.dup(0), "rb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    sys.stdin, sys.stdout, sys.stderr = (open(os.devnull, mode) for mode in ("r", "w", "w"))  # noqa: SIM115, PTH123
    _answer(answers, {"ready": True})
    for line in requests:
        for index, blob in json.loads(line):
            _alarm(min(limits.timeout, 1e6) + _GRACE)
            try:
                answer = _work(function, Blob(*blob), limits, bound)
            except ImportError:  # our installation, not the image
                _answer(answers, {"failed": traceback.format_exc()})
                return
            _alarm(0)
            _send(answers, f"{index} {wire.dumps(answer)}\n")


def _work(function: Callable[..., Answer], blob: Blob, limits: Limits, bound: int) -> Answer:
    # ``function`` words what it knows of bad files itself. These are the surprises: CRASHED, so that they are not
    # remembered beyond this run. No text of the exception: it may hold addresses and paths.
    try:
        return function(blob, limits)
    except MemoryError:
        words = f"its decoder asks for more than the {bound // 2**20} MiB that one image may take"
    except ImportError:
        raise
    except BaseException as error:
        if error.__traceback__ is not None and error.__traceback__.tb_next is None:
            raise ImportError("the function for pictures could not be called") from error
        words = f"its decoder raised {type(error).__name__}"
    return ImageFacts(ImageStatus.CRASHED, words)


def _alarm(seconds: float) -> None:
    # The default action of SIGALRM is taken by the kernel, also when a decoder never gives the interpreter back.
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds)


def _answer(answers: int, record: dict[str, Any]) -> None:
    _send(answers, json.dumps(record) + "\n")


def _send(answers: int, line: str) -> None:
    data = line.encode("ascii")
    try:
        while data:
            data = data[os.write(answers, data) :]
    except OSError:  # the parent has gone
        os._exit(0)
