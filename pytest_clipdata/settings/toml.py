"""TOML as plain data that is safe to show: whatever a file holds, it is read or refused in one sentence."""

from __future__ import annotations

import json
import math
import os
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pytest_clipdata.settings.declared import SettingsError

#: Bytes of a settings file that are still read; a full one with every comment is 10 kB.
_MAX_BYTES = 1_000_000
#: Tables within tables; ours are at most six deep (a row condition within a row condition).
_MAX_DEPTH = 32
_KINDS = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file. Raises SettingsError if it is not a file, cannot be read or holds no TOML."""
    try:
        there = path.stat()
        if not stat.S_ISREG(there.st_mode):  # opening a named pipe would wait for ever
            raise SettingsError(f"{plain(path)}: is {_KINDS.get(stat.S_IFMT(there.st_mode), 'a device')}, not a file")
        if there.st_size > _MAX_BYTES:
            raise SettingsError(f"{plain(path)}: is larger than {_MAX_BYTES:,} bytes")
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        dangling = " (a symbolic link to nothing)" if isinstance(error, FileNotFoundError) and path.is_symlink() else ""
        raise SettingsError(f"{plain(path)}: cannot be read: {error.strerror}{dangling}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{plain(path)}: is not UTF-8: byte {error.start + 1}") from None
    except RecursionError:
        raise SettingsError(f"{plain(path)}: is nested too deeply") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{plain(path)}: {plain(error)}") from None
    except SettingsError:
        raise
    except ValueError:  # Python refuses to read an integer of more than 4,300 digits
        raise SettingsError(f"{plain(path)}: holds a number that is too long") from None


def refuse_monsters(content: Any, where: str) -> None:
    """Raise SettingsError for what cannot even be shown: numbers of more than 64 bits, tables within tables without
    end."""
    for value in _parts(content, where):
        if isinstance(value, int) and value.bit_length() > 64:
            raise SettingsError(f"{where}: holds a number of more than 64 bits")


def refuse_infinite(content: Any, where: str) -> None:
    """Raise SettingsError for ``inf`` and ``nan``, which TOML calls numbers: a limit that nothing can break."""
    for value in _parts(content, where):
        if isinstance(value, float) and not math.isfinite(value):
            raise SettingsError(f"{where}: {value} is not a number")


def _parts(content: Any, where: str) -> Iterator[Any]:
    """``content`` and everything in it, however deep."""
    level = [content]
    for _ in range(_MAX_DEPTH):
        yield from level
        tables = [value for value in level if isinstance(value, (Mapping, list))]
        level = [part for table in tables for part in (table.values() if isinstance(table, Mapping) else table)]
        if not level:
            return
    raise SettingsError(f"{where}: is nested too deeply")


def plain(value: object, limit: int = 300) -> str:
    """A path or a value of the settings in one line that is safe to print, cut at ``limit`` characters."""
    text = os.fspath(value) if isinstance(value, os.PathLike) else str(value)
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text[:limit])
    return shown if len(text) <= limit else f"{shown}..."


def toml_value(value: Any) -> str:
    """A text, a number, a boolean, a list or a table of them as TOML writes it, in one line of printable characters.

    Raises SettingsError for a text with bytes that are no UTF-8: TOML cannot hold it.
    """
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{toml_value(key)} = {toml_value(one)}' for key, one in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    text = json.dumps(value, ensure_ascii=False)  # the same for all that JSON escapes
    if any("\ud800" <= char <= "\udfff" for char in text):
        raise SettingsError(f"TOML cannot hold {plain(text)}, which is not UTF-8")
    return "".join(char if char.isprintable() else f"\\U{ord(char):08X}" for char in text)


def is_folder(path: Path) -> bool:
    """Whether a path of the settings is a folder, whatever it holds."""
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a NUL byte, a name that is too long
        return False
