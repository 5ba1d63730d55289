"""How much memory a worker may take for one image, as far as the system can hold it to that.

Linux bounds the address space, Windows the memory that a job object may commit: there an allocation too many fails, and
the image is CRASHED with that reason. macOS enforces neither, so a thread looks at the peak of resident memory every
few milliseconds and ends the process; a decoder that never lets go of the interpreter is not caught by it.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pytest_clipdata.images.facts import Limits

# What a decoder may need beyond the file: 4 copies of 4 samples a pixel, and room for its tables.
_BYTES_PER_PIXEL = 16
_HEADROOM = 256 * 1024 * 1024
# A decoder may start a thread for each CPU (AVIF's does); their stacks count, but not in the words of a finding.
_STACKS_PER_CPU = 16 * 1024 * 1024
_LOOK_SECONDS = 0.02
TOO_MUCH = 86  #: the status of a worker that ended itself because it took too much

# From winnt.h.
_EXTENDED_LIMIT_INFORMATION = 9
_LIMIT_PROCESS_MEMORY = 0x100


def bound_memory(limits: Limits) -> int:
    """Let this process grow by no more than the limits warrant, where the system can; returns the bytes allowed."""
    bound = limits.max_bytes + _BYTES_PER_PIXEL * limits.max_pixels + _HEADROOM
    room = bound + _STACKS_PER_CPU * (os.cpu_count() or 1)
    try:
        if sys.platform == "win32":
            bound_job(room + _HEADROOM)
            return bound
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
        if sys.platform == "darwin":
            watch(room, lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)  # in bytes there
            return bound
        in_use = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        allowed = in_use + room
        allowed = min(allowed, *(limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY), allowed)
        resource.setrlimit(resource.RLIMIT_AS, (allowed, hard))
    except (ImportError, AttributeError, OSError, ValueError):  # a system of another kind has no bound
        pass
    return bound


def watch(room: int, peak: Callable[[], int]) -> None:
    """End this process with ``TOO_MUCH`` soon after ``peak()``, in bytes, has grown by more than ``room``."""
    most = peak() + room

    def look() -> None:
        while peak() <= most:
            time.sleep(_LOOK_SECONDS)
        os._exit(TOO_MUCH)

    threading.Thread(target=look, name="clipdata-memory", daemon=True).start()


def bound_job(most: int) -> None:
    """Put this process into a job object of Windows that may commit ``most`` bytes. Raises OSError if it cannot."""
    import ctypes

    kernel: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined, unused-ignore]
    kernel.CreateJobObjectW.restype = kernel.GetCurrentProcess.restype = ctypes.c_void_p
    job = ctypes.c_void_p(kernel.CreateJobObjectW(None, None))
    limits = job_limits(most)
    size = ctypes.sizeof(limits)
    kept = kernel.SetInformationJobObject(job, _EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), size)
    if not kept or not kernel.AssignProcessToJobObject(job, ctypes.c_void_p(kernel.GetCurrentProcess())):
        raise OSError("no job object bounds the memory of this process")


def job_limits(most: int) -> Any:
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION with one limit, the bytes that each process may commit."""
    import ctypes
    from ctypes import c_int64, c_size_t, c_uint32, c_uint64

    class Basic(ctypes.Structure):
        _fields_ = [
            ("per_process_user_time", c_int64), ("per_job_user_time", c_int64), ("limit_flags", c_uint32),
            ("minimum_working_set", c_size_t), ("maximum_working_set", c_size_t), ("active_processes", c_uint32),
            ("affinity", c_size_t), ("priority_class", c_uint32), ("scheduling_class", c_uint32),
        ]  # fmt: skip

    class Extended(ctypes.Structure):
        _fields_ = [
            ("basic", Basic), ("io_counters", c_uint64 * 6), ("process_memory", c_size_t), ("job_memory", c_size_t),
            ("peak_process_memory", c_size_t), ("peak_job_memory", c_size_t),
        ]  # fmt: skip

    limits = Extended()
    limits.basic.limit_flags = _LIMIT_PROCESS_MEMORY
    limits.process_memory = most
    return limits
