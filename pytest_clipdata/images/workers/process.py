"""A worker process as its parent sees it: its pipes, and how it ended."""

from __future__ import annotations

import contextlib
import signal
import subprocess
from typing import IO

from pytest_clipdata.images.workers.memory import TOO_MUCH


class WorkerError(RuntimeError):
    """A worker could not do its work at all: the fault is of the installation, not of an image."""


def pipes_of(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
    assert process.stdin and process.stdout and process.stderr, "opened with PIPE"  # noqa: PT018
    return process.stdin, process.stdout, process.stderr


def how_it_ended(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    if code == TOO_MUCH:
        return "takes more memory than one image may"
    return f"ended its process with status {code}"


def last_words(pipe: IO[bytes]) -> str:
    return pipe.read().decode("utf-8", "replace")[-2000:]
