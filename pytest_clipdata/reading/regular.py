"""How a file is opened that may be anything."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

# Without O_NONBLOCK opening a pipe would wait for its writer; without O_BINARY Windows would translate line ends.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def open_regular(path: Path) -> io.FileIO:
    """Open a regular file to read its bytes, unbuffered.

    Raises OSError at once for anything else, also for a pipe that nobody writes to and for a path that no file can
    have.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except ValueError:
        raise OSError("the path holds a NUL character") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("it is not a regular file")
        return io.FileIO(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise
