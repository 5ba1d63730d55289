"""Measuring functions that do to a worker what a bad decoder would. The name of the file says what to do."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import sys
import time
from pathlib import Path

from pytest_clipdata.images.facts import Drawn, ImageFacts, ImageStatus, Limits
from pytest_clipdata.reading.blob import Blob


def behave(blob: Blob, limits: Limits, *, pixels: bool) -> ImageFacts:
    path = Path(blob.url)
    action = path.name.partition("-")[0]
    if action == "segv":
        signal.signal(signal.SIGSEGV, signal.SIG_DFL)
        ctypes.string_at(0)
    elif action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "once":  # dies the first time only, as when the system was short of memory
        try:
            path.with_suffix(".seen").touch(exist_ok=False)
        except FileExistsError:
            return ImageFacts(ImageStatus.OK, width=len(path.name))
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "exit":
        os._exit(0)
    elif action == "hang":
        time.sleep(600)
    elif action == "spin":  # never gives the interpreter back
        ctypes.PyDLL(None).sleep(600)
    elif action == "slow":
        time.sleep(0.05)
    elif action == "long":  # so long that a busy machine still finds the worker at it
        time.sleep(2)
    elif action == "eat":
        hog = bytearray(limits.max_bytes + 16 * limits.max_pixels + 2**29)
        return ImageFacts(ImageStatus.OK, bytes=len(hog))
    elif action == "raise":
        raise ZeroDivisionError(f"at {id(path):#x}")
    elif action == "import":
        raise ModuleNotFoundError("No module named 'PIL'")
    elif action == "noise":
        os.write(1, b"NOISE\n" * 50_000)
        os.write(2, b"NOISE\n" * 50_000)
        sys.stdout.write("NOISE")
        sys.stderr.write("NOISE")
        sys.stdout.flush()
    elif action == "garble":  # writes into the channel of the answers
        for descriptor in range(3, 20):
            with contextlib.suppress(OSError):
                os.write(descriptor, b"0 {}\n")
    elif action == "alarm":
        os.kill(os.getpid(), signal.SIGALRM)
    elif action == "modules":
        heavy = {"pandas", "great_expectations", "torch", "pytest", "_pytest", "multiprocessing", "pluggy"}
        return ImageFacts(ImageStatus.OK, error=",".join(sorted(heavy & set(sys.modules))))
    elif action == "pid":
        time.sleep(0.02)
        return ImageFacts(ImageStatus.OK, bytes=os.getpid())
    return ImageFacts(ImageStatus.OK, width=len(path.name), sharpness=0.1, signature=bytes(range(256)))


def draws(blob: Blob, limits: Limits, *, side: int) -> Drawn:
    """As ``behave``; ``note-N`` leaves a file of its name and gives N + 1."""
    path = Path(blob.url)
    if path.name.startswith("note-"):
        path.touch()
        return Drawn(ImageStatus.OK, width=int(path.name.partition("-")[2]) + 1)
    facts = behave(blob, limits, pixels=True)
    return Drawn(facts.status, None, facts.width, side, facts.signature)


def refuses(blob: Blob) -> ImageFacts:
    raise AssertionError("never called as the pool calls it")
