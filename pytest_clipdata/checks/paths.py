"""The image exists, is a regular file, and is not a Git LFS pointer.

A relative path starts from the image root, which the report header names. For a slip of case or extension and for a
close name in the same folder the finding says "did you mean". A Git LFS pointer is the small text file that stands
in for a picture until ``git lfs pull`` fetches it. Named pipes, devices and folders are never opened.
A URL is looked up only where ``remote.hosts`` or the dataset itself is; one that nobody answers for is unreachable.

Bad::

    images/shirt_041.JPG,Red cotton t-shirt with round neck,match       <- the file is images/shirt_041.jpg

Good::

    images/shirt_041.jpg,Red cotton t-shirt with round neck,match

Why: A data loader stops at the first picture that is not there, hours into a run, or leaves its row out without a word
(Breck et al. 2019, "Data Validation for Machine Learning").

Fix: correct the path as the finding suggests, run ``git lfs pull``, or set ``image_root`` if all paths of a folder are
wrong.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.reading.file_facts import PathStatus

_UNUSABLE = [str(status) for status in PathStatus if not status.usable]


def _message(row: Row, options: Options) -> str:
    return f"{row['image_path']} {row['path_problem']}"


CHECK = Check(
    id="paths",
    manual=__doc__,
    expectations=lambda options: [rows_where("not_be_in_set", "path_status", "image_path", value_set=_UNUSABLE)],
    message=_message,
    judges=("path_status",),
)
