"""Measuring functions under which the machinery of a cluster fails around a picture; the picture itself is sound.

What is to happen once happens at the first picture whose folder has no file of that name yet (``.seen`` beside it).
Linux only: a process finds its executor through /proc.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from pathlib import Path

from pytest_clipdata.images.facts import ImageFacts, Limits
from pytest_clipdata.images.measure import measure
from pytest_clipdata.reading.blob import Blob

EXECUTOR, PYTHON = b"CoarseGrainedExecutorBackend", b"pyspark.daemon"


def kills_the_executor(blob: Blob, limits: Limits, *, pixels: bool) -> ImageFacts:
    """Once the JVM that runs the task is killed, as by a machine that is lost."""
    if _first(blob, "executor"):
        _kill(EXECUTOR)
    return measure(blob, limits, pixels=pixels)


def kills_the_python(blob: Blob, limits: Limits, *, pixels: bool) -> ImageFacts:
    """Once the Python that runs the task is killed, as by a machine that is short of memory."""
    if _first(blob, "python"):
        _kill(PYTHON)
    return measure(blob, limits, pixels=pixels)


def always_kills_the_python(blob: Blob, limits: Limits, *, pixels: bool) -> ImageFacts:
    _kill(PYTHON)
    return measure(blob, limits, pixels=pixels)


def sees_another_disk(blob: Blob, limits: Limits, *, pixels: bool) -> ImageFacts:
    """The folder of the pictures is on no other machine than the driver's."""
    return measure(replace(blob, url=f"/only/on/the/driver{blob.url}"), limits, pixels=pixels)


def _first(blob: Blob, name: str) -> bool:
    """Whether this is the moment: the tenth picture, so that something was measured before and something is after."""
    folder = Path(blob.url).parent
    if not Path(blob.url).name.startswith("doom"):
        return False
    try:
        (folder / f"{name}.seen").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _kill(what: bytes) -> None:
    pid = os.getppid()
    while what not in Path(f"/proc/{pid}/cmdline").read_bytes():
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        assert pid > 1, f"{what!r} is no ancestor"
    os.kill(pid, signal.SIGKILL)
    time.sleep(600)
