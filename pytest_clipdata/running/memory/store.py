"""Keys and values in one SQLite file that may be shared, damaged, full, read-only or gone: at worst it forgets.

SQLite in WAL mode, because it is in the standard library, is safe when processes write at once or die, and one file
is easily carried from one CI run to the next. Every row carries a seal (a hash of key and value): damage that SQLite
does not notice is a miss, never a wrong value. What goes wrong is told once, in ``problem``.
"""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
import struct
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from pytest_clipdata.running.memory.sqlite import (
    BUSY,
    FAULTS,
    NOT_WRITABLE,
    NewerError,
    connect,
    error_code,
)

_FLUSH_ROWS, _FLUSH_SECONDS = 4096, 2.0
_KEYS_PER_QUERY = 500  # below SQLite's oldest limit of 999 parameters
_TOUCH_DAYS, _STALE_DAYS = 7, 60
_LARGEST = 64 * 1024 * 1024  # bytes of one value


def digest(*parts: bytes) -> bytes:
    """A key of 16 bytes for these parts."""
    hashed = hashlib.blake2b(digest_size=16)
    for part in parts:
        hashed.update(struct.pack("<Q", len(part)))
        hashed.update(part)
    return hashed.digest()


class Store:
    """The file at ``path`` (its folder is made if need be), or memory for this run alone if that is None.

    For several threads and several processes at once. Raises nothing for a fault of the file. ``max_bytes`` bounds it:
    entries that were not used for longest leave first, those not used for 60 days always.
    """

    def __init__(self, path: Path | None, max_bytes: int) -> None:
        self.problem: str | None = None
        self._path = path
        self._max_bytes = max_bytes
        self._lock = threading.RLock()
        self._waiting: dict[bytes, tuple[bytes, bytes, int | None, bytes, int]] = {}
        self._touched: set[bytes] = set()
        self._flushed_at = time.monotonic()
        self._writable = True
        self._discarded = False
        self._wrote = False
        self._closed = False
        self._db = self._open()

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that are there and whole."""
        found: dict[bytes, bytes] = {}
        with self._lock, self._faults():
            self.flush()
            for at in range(0, len(keys), _KEYS_PER_QUERY):
                some = keys[at : at + _KEYS_PER_QUERY]
                marks = ",".join("?" * len(some))
                rows = self._db.execute(f"SELECT key, value, seal, used FROM entries WHERE key IN ({marks})", some)
                for key, value, seal, used in rows.fetchall():
                    if isinstance(value, bytes) and seal == _seal(key, value):
                        found[key] = value
                        if not isinstance(used, int) or used < _today() - _TOUCH_DAYS:
                            self._touched.add(key)
        return found

    def sizes(self) -> set[int]:
        """Every ``size`` that was put."""
        with self._lock, self._faults():
            self.flush()
            return {size for (size,) in self._db.execute("SELECT DISTINCT size FROM entries WHERE size IS NOT NULL")}
        return set()

    def put(self, entries: Mapping[bytes, bytes], *, size: int | None = None) -> None:
        """Keep the entries, written together, soon: in batches, so that an interrupted run keeps what it had."""
        with self._lock:
            for key, value in entries.items():
                if len(value) <= _LARGEST:
                    self._waiting[key] = (key, value, size, _seal(key, value), _today())
            if len(self._waiting) >= _FLUSH_ROWS or time.monotonic() - self._flushed_at > _FLUSH_SECONDS:
                self.flush()

    def flush(self) -> None:
        """Write what is waiting, in one transaction."""
        with self._lock:
            self._flushed_at = time.monotonic()
            if not (self._waiting or self._touched):
                return
            with self._faults():
                self._write()
                self._wrote = True
                self._waiting.clear()
                self._touched.clear()
            if not self._writable:
                self._waiting.clear()
                self._touched.clear()

    def close(self) -> None:
        """Write what is waiting, let stale entries leave, close the file."""
        with self._lock:
            if self._closed:
                return
            self.flush()
            if self._wrote and self._writable and self._path is not None:
                with self._faults():
                    self._evict()
            self._closed = True
            with contextlib.suppress(sqlite3.Error):
                self._db.close()

    def _write(self) -> None:
        if not self._writable:
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            self._db.executemany("REPLACE INTO entries VALUES (?, ?, ?, ?, ?)", self._waiting.values())
            touched = [(_today(), key) for key in self._touched]
            self._db.executemany("UPDATE entries SET used = ? WHERE key = ?", touched)
            self._db.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise

    def _evict(self) -> None:
        self._db.execute("DELETE FROM entries WHERE used < ?", (_today() - _STALE_DAYS,))
        while self._bytes() > self._max_bytes:
            count = self._db.execute("SELECT count(*) FROM entries").fetchone()[0]
            if count == 0:
                break
            tenth = "SELECT rowid FROM entries ORDER BY used, rowid LIMIT ?"
            self._db.execute(f"DELETE FROM entries WHERE rowid IN ({tenth})", (count // 10 + 1,))
        self._db.executescript("PRAGMA incremental_vacuum")  # ``execute`` stops after one page

    def _bytes(self) -> int:
        names = ("page_count", "freelist_count", "page_size")
        pages, free, size = (self._db.execute(f"PRAGMA {name}").fetchone()[0] for name in names)
        return int((pages - free) * size)

    @contextlib.contextmanager
    def _faults(self) -> Iterator[None]:
        """Nothing that happens to the file reaches the caller, who goes on as if nothing were known."""
        try:
            yield
        except FAULTS as error:
            code = error_code(error)
            if self._closed or code in BUSY:  # what waits is written with the next batch
                return
            if code in NOT_WRITABLE:
                self._complain(f"is not written to: {error}")
                self._writable = False
                return
            self._complain(f"was damaged ({error}) and is built anew")
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
            self._db = self._open_anew()

    def _complain(self, words: str) -> None:
        if self.problem is None and self._path is not None:
            self.problem = f"the cache {self._path} {words}"

    def _open(self) -> sqlite3.Connection:
        if self._path is None:
            return connect(":memory:")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if (link := _link_among(self._path)) is not None:
                self._complain(f"cannot be used: {link} is a symbolic link, and a cache follows none")
                return self._in_memory()
            return connect(str(self._path))
        except NewerError:
            self._complain("was written by a newer version of pytest-clipdata and is left alone")
        except OSError as error:
            self._complain(f"cannot be used: {error.strerror}")
        except FAULTS as error:
            if error_code(error) in NOT_WRITABLE | BUSY:
                return self._open_to_read(error)
            self._complain(f"was damaged ({error}) and is built anew")
            return self._open_anew()
        return self._in_memory()

    def _open_anew(self) -> sqlite3.Connection:
        """Begin with an empty file; the second time that this is called for, with memory."""
        if self._path is not None and not self._discarded:
            self._discarded = True
            with contextlib.suppress(OSError, NewerError, *FAULTS):
                # Another process may still have the old file open. It goes on reading and writing the file that we
                # unlink, and loses what it writes there when it closes it. That does no harm: whatever it read from
                # damaged pages fails the test of its seal and counts as unknown.
                for path in _files_of(self._path):
                    path.unlink(missing_ok=True)
                return connect(str(self._path))
        return self._in_memory()

    def _open_to_read(self, error: BaseException) -> sqlite3.Connection:
        """A file that cannot be written (a mounted CI cache, a full disk) can still be read."""
        assert self._path is not None
        with contextlib.suppress(NewerError, *FAULTS):
            db = connect(f"{self._path.absolute().as_uri()}?mode=ro&immutable=1", read_only=True)
            self._complain(f"is not written to: {error}")
            self._writable = False
            return db
        self._complain(f"cannot be used: {error}")
        return self._in_memory()

    def _in_memory(self) -> sqlite3.Connection:
        self._path = None
        self._writable = True
        return connect(":memory:")


def _files_of(path: Path) -> Iterator[Path]:
    """The files that SQLite keeps for one database."""
    return (Path(f"{path}{suffix}") for suffix in ("", "-wal", "-shm", "-journal"))


def _link_among(path: Path) -> str | None:
    """The name of a file of the database that is a symbolic link: what it points at is not ours to write or replace."""
    return next((file.name for file in _files_of(path) if file.is_symlink()), None)


def _seal(key: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(key + value, digest_size=8).digest()


def _today() -> int:
    return int(time.time() // 86_400)
