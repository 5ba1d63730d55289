"""What is wrong with an image path, in words."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path

from pytest_clipdata.reading.file_facts import FileFacts, PathStatus
from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.remote_urls import is_url

WINDOWS_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
# A pointer is under 1,024 bytes and starts so: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
LFS_BYTES = 1024
_LFS_STARTS = (b"version https://git-lfs.github.com/spec/", b"version https://hawser.github.com/spec/")


def why_invalid(given: str) -> str | None:
    if not given:
        return "is empty"
    if "\0" in given:
        return "holds a NUL"
    if "\n" in given or "\r" in given:
        return "holds a line break"
    if is_url(given):
        return "is remote: only local files are read"
    return None


def climbs_out(relative: str) -> bool:
    return (os.path.normpath(relative) + os.sep).startswith(".." + os.sep)


def kind_of(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a directory"), (stat.S_ISFIFO, "a named pipe"), (stat.S_ISSOCK, "a socket"))
    return "is " + next((name for test, name in kinds if test(mode)), "a device")


def refused(error: OSError | ValueError, full: str) -> FileFacts:
    """What an error of the operating system says about a path."""
    if isinstance(error, ValueError) or error.errno in (errno.EINVAL, errno.EILSEQ):
        return FileFacts(PathStatus.INVALID, "is no name that this system can hold")
    if error.errno == errno.ENAMETOOLONG:
        return FileFacts(PathStatus.INVALID, "is too long a name")
    if error.errno == errno.ELOOP:
        return FileFacts(PathStatus.MISSING, "is a symbolic link that leads round in a circle")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        dangling = os.path.islink(full)  # noqa: PTH114
        return FileFacts(PathStatus.MISSING, "is a symbolic link to nothing" if dangling else None)
    words = "permission denied" if error.errno in (errno.EACCES, errno.EPERM) else os.strerror(error.errno or 0)
    return FileFacts(PathStatus.UNREADABLE, words)


def is_lfs_pointer(path: str) -> bool:
    """Whether a small file is a Git LFS pointer. Raises OSError if it cannot be read."""
    with open_regular(Path(path)) as file:  # it may have become a pipe since it was looked at
        return file.read(130).startswith(_LFS_STARTS)
