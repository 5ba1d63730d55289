"""One SQLite file that several processes share: opened, set up, and its faults told apart."""

from __future__ import annotations

import sqlite3
import time

_SCHEMA = 1
_SET_UP = (
    "DROP TABLE IF EXISTS entries",
    "CREATE TABLE entries (key BLOB PRIMARY KEY, value BLOB, size INTEGER, seal BLOB, used INTEGER)",
    "CREATE INDEX sizes ON entries (size) WHERE size IS NOT NULL",
    f"PRAGMA user_version={_SCHEMA}",
)
BUSY_SECONDS = 10.0
BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
NOT_WRITABLE = frozenset(
    {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
)
# Damaged rows hold what they should not: text where a number was, bytes that are no text.
FAULTS = (sqlite3.Error, OverflowError, UnicodeError, TypeError)


class NewerError(Exception):
    """The file is of a newer version."""


def connect(name: str, *, read_only: bool = False) -> sqlite3.Connection:
    """Open the file; set it up if it is new or of an older version. Raises sqlite3.Error or NewerError."""
    db = sqlite3.connect(
        name, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=name.startswith("file:")
    )
    try:
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > _SCHEMA:
            raise NewerError
        if not read_only:
            if version < _SCHEMA:
                db.execute("PRAGMA auto_vacuum=INCREMENTAL")  # before there is anything in the file
            _use_wal(db)
            db.execute(
                "PRAGMA synchronous=OFF"
            )  # a loss of power may damage the file, which is noticed; kill -9 may not
            if version < _SCHEMA:
                _set_up(db)
        db.execute("SELECT key, value, size, seal, used FROM entries LIMIT 1").fetchall()
    except BaseException:
        db.close()
        raise
    return db


def _set_up(db: sqlite3.Connection) -> None:
    db.execute("BEGIN IMMEDIATE")
    if db.execute("PRAGMA user_version").fetchone()[0] < _SCHEMA:  # nobody else was faster
        for statement in _SET_UP:
            db.execute(statement)
    db.execute("COMMIT")


def _use_wal(db: sqlite3.Connection) -> None:
    # The change to WAL does not wait for another process that makes it at the same moment.
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL").fetchall()
            return
        except sqlite3.OperationalError as error:
            if error_code(error) not in BUSY or time.monotonic() > until:
                raise
            time.sleep(0.02)


def error_code(error: BaseException) -> int:
    """SQLite's primary result code; what is no error of SQLite's comes of damage."""
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)) & 0xFF
