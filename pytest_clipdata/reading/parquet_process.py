"""Parquet files as a process of their own tells of them, which a damaged one may take with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.stdin.readline()); "
    "from pytest_clipdata.reading.parquet_child import serve; serve()"
)
#: No arena of an allocator of its own: memory is bounded by the address space.
_ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2", "OMP_NUM_THREADS": "1"}


class ReaderError(RuntimeError):
    """No process could be started that reads Parquet: the fault is of the installation, not of a file."""


def tell(files: Sequence[Path], columns: Mapping[str, str | None] | None) -> Iterator[tuple[int, list[Any]]]:
    """What `parquet_child` tells of each of ``files``, with its number: heads, or with ``columns`` rows.

    A file that takes the process with it is told by ``["lost"]``, and the others are read by another process. Raises
    ReaderError.
    """
    first = 0
    while first < len(files):
        at = -1
        process = _start()
        assert process.stdin and process.stdout and process.stderr, "opened with PIPE"  # noqa: PT018
        try:
            job = {"files": [(n, os.fspath(files[n])) for n in range(first, len(files))], "columns": columns}
            search = [os.fspath(entry) for entry in sys.path if isinstance(entry, (str, os.PathLike))]
            process.stdin.write(f"{json.dumps(search)}\n{json.dumps(job)}\n".encode("ascii"))
            process.stdin.close()
            whole = False
            for line in process.stdout:
                record: list[Any] = json.loads(line) if line.endswith(b"\n") else ["cut"]
                if record[0] == "file":
                    at = record[1]
                elif record[0] == "end":
                    whole = True
                elif record[0] != "cut":
                    yield at, record
            if whole:
                return
            process.wait()
            if at < 0:
                words = process.stderr.read().decode("utf-8", "replace")[-2000:]
                raise ReaderError(f"a process that reads Parquet could not start\n{words}".rstrip())
            yield at, ["lost"]
            first = at + 1
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            process.stderr.close()


def _start() -> subprocess.Popen[bytes]:
    try:
        # -P: the current directory may be the dataset's. A session of its own: Ctrl-C is for the parent.
        return subprocess.Popen(
            [sys.executable, "-P", "-W", "ignore", "-c", _BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | _ENVIRONMENT,
            start_new_session=True,
        )
    except OSError as error:
        raise ReaderError(f"no process that reads Parquet could be started: {error}") from error
