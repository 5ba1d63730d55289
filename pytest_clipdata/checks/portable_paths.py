"""The path means the same file on every machine.

An absolute path, a backslash, a ``..`` that climbs out of the image root, a symbolic link that leads out of it, or a
spelling that only a case-blind disk forgives works here and fails on the training machine.

Bad::

    C:\\data\\images\\a.jpg,Red cotton t-shirt with round neck,match

Good::

    images/a.jpg,Red cotton t-shirt with round neck,match

Why: Training happens on another machine than collecting, mostly on Linux: file names are compared by their bytes and
separated by ``/`` there (IEEE Std 1003.1-2017, POSIX, 3.271 and 4.13).

Fix: write paths relative to the image root, with ``/``, in the very spelling of the file.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.findings import Severity
from pytest_clipdata.reading.file_facts import PathStatus

_NOT_PORTABLE = [str(status) for status in PathStatus if status.usable and status is not PathStatus.OK]


def _message(row: Row, options: Options) -> str:
    return f"{row['image_path']} {row['path_problem']}"


CHECK = Check(
    id="portable_paths",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [rows_where("not_be_in_set", "path_status", "image_path", value_set=_NOT_PORTABLE)],
    message=_message,
    judges=("image_key",),
)
