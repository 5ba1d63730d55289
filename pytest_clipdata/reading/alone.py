"""One process or thread at a time, whichever system this is."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE = 0.05  # seconds between two attempts


@contextmanager
def alone(lock: Path, seconds: float) -> Iterator[None]:
    """Hold the file ``lock`` (made if need be), which one at a time does; the system frees it when that one dies.

    It is SQLite's lock, which every system has. Raises TimeoutError if others hold it for ``seconds``, and OSError.
    """
    import sqlite3

    lock.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + seconds
    try:
        db = sqlite3.connect(lock, timeout=0, isolation_level=None)
    except sqlite3.Error as error:
        raise OSError(str(error)) from None
    try:
        while True:
            try:
                db.execute("BEGIN EXCLUSIVE")
                break
            except sqlite3.Error as error:
                if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_BUSY:
                    raise OSError(str(error)) from None
            if time.monotonic() > until:
                raise TimeoutError
            time.sleep(_PAUSE)
        yield
    finally:
        db.close()
