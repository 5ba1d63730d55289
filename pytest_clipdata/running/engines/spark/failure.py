"""What Spark could not do, in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from pytest_clipdata.settings.toml import plain

#: The first line that says what became of the job, and the last line of a traceback of Python in a task.
_JOB = re.compile(r"Job aborted[^\n]*|Job \d+ cancelled[^\n]*")
_PYTHON = re.compile(r"^(?:\w+\.)*\w*(?:Error|Exception|Exit)(?:: [^\n]*)?$", re.MULTILINE)
_LONGEST = 600


@contextmanager
def told(doing: str) -> Iterator[None]:
    """RuntimeError with a sentence for what Spark raises within, whose own words are hundreds of lines of two stacks.

    ``doing`` is what could not be done, as ``measure the pictures``.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (Py4JError, PySparkException) as error:
        raise RuntimeError(f"Spark could not {doing}: {_words(str(error))}") from error


def _words(text: str) -> str:
    job = _JOB.search(text)
    lines = _PYTHON.findall(text.partition("Traceback (most recent call last)")[2])
    parts = [line for line in (lines[:1] or []) + ([job[0]] if job else []) if line]
    return plain("; ".join(parts) or " ".join(text.split()), _LONGEST)
