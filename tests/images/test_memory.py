"""The bound of a worker's memory on systems that are not here, as far as it can be tried without them."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from types import SimpleNamespace

import pytest

from pytest_clipdata.images.facts import Limits
from pytest_clipdata.images.workers import memory
from pytest_clipdata.images.workers.process import how_it_ended

_GROWS = """
import resource, time
from pytest_clipdata.images.workers.memory import watch
watch(60 * 2**20, lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
small = bytearray(10 * 2**20)
time.sleep(0.2)
print("small", flush=True)
large = bytearray(b"x") * (200 * 2**20)
time.sleep(20)
print("large")
"""


@pytest.mark.posix
def test_a_process_that_is_watched_ends_when_it_takes_too_much() -> None:
    done = subprocess.run([sys.executable, "-c", _GROWS], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (memory.TOO_MUCH, "small\n"), done.stderr
    assert how_it_ended(memory.TOO_MUCH) == "takes more memory than one image may"


def test_the_limits_of_a_job_object_are_laid_out_as_windows_has_them() -> None:
    limits = memory.job_limits(123)
    if ctypes.sizeof(ctypes.c_void_p) == 8:
        assert ctypes.sizeof(limits) == 144  # sizeof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION) on 64 bits
        assert type(limits).process_memory.offset == 112
    assert (limits.basic.limit_flags, limits.process_memory) == (0x100, 123)


def test_windows_puts_the_process_into_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    class Kernel:
        def __init__(self, name: str, use_last_error: bool) -> None:
            self.CreateJobObjectW = lambda *_: 7
            self.GetCurrentProcess = lambda: 9

        def SetInformationJobObject(self, job, kind, limits, size):  # noqa: N802
            asked.append(("set", limits._obj.process_memory))
            return 1

        def AssignProcessToJobObject(self, job, process):  # noqa: N802
            asked.append(("assign", process.value))
            return 1

    monkeypatch.setattr(memory, "sys", SimpleNamespace(platform="win32"))
    monkeypatch.setattr(ctypes, "WinDLL", Kernel, raising=False)
    bound = memory.bound_memory(Limits(max_pixels=1000, max_bytes=1000))
    (first, most), second = asked
    assert (first, second) == ("set", ("assign", 9))
    assert most > bound > 256 * 2**20


def test_a_system_that_bounds_nothing_measures_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "sys", SimpleNamespace(platform="win32"))
    assert memory.bound_memory(Limits()) > 0  # there is no WinDLL here
