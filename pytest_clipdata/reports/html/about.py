"""What was run, for whoever opens the page later. Every value is given, so that a page can be made again."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote_from_bytes

from pytest_clipdata.reports.rule import InForce

#: What a browser shows as a picture by the name alone; anything else it might run.
_SHOWN = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".avif", ".tif", ".tiff"})


@dataclass(frozen=True, slots=True)
class About:
    """A run. ``root`` is the dataset's folder as the path of a URL, or None where no editor shall open its files."""

    made: datetime | None = None
    version: str = ""
    command: str = ""
    settings: str | None = None  #: the settings file in force
    beside: tuple[InForce, ...] = ()  #: settings that belong to no check
    root: str | None = None

    @property
    def date(self) -> str:
        """``24 November 2026, 17:33 UTC``, or nothing if it is not known."""
        return f"{self.made.day} {self.made:%B %Y, %H:%M} UTC" if self.made else ""


def moment() -> datetime:
    """Now, or what ``SOURCE_DATE_EPOCH`` says that it is, as everywhere where builds are made again."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    if fixed.isdecimal() and len(fixed) < 12:
        return datetime.fromtimestamp(int(fixed), UTC)
    return datetime.now(UTC)


def url_path(path: Path) -> str:
    """An absolute path as the path of a URL: ``/C:/data`` on Windows; every byte of its name that may mean more is
    encoded."""
    name = path.as_posix()
    return ("" if name.startswith("/") else "/") + quote_from_bytes(_raw(name), safe="/:").rstrip("/")


def picture_link(picture: Path, folder: Path) -> str | None:
    """A link from a page in ``folder`` to a picture on the same disk; None for what a browser would not only show."""
    if picture.suffix.lower() not in _SHOWN:
        return None
    try:
        relative = os.path.relpath(picture, folder)
    except ValueError:  # another drive
        return f"file://{url_path(picture)}"
    return quote_from_bytes(_raw(relative.replace(os.sep, "/")), safe="/")


def encoded_file(name: str) -> str:
    """The name of a file of a dataset, as a part of a URL."""
    return quote_from_bytes(_raw(name), safe="/")


def _raw(name: str) -> bytes:
    try:
        return os.fsencode(name)
    except UnicodeEncodeError:  # a name that no file system gave
        return name.encode("utf-8", "surrogatepass")
