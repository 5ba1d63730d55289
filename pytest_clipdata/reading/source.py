"""What a source gives: its rows by column, with their places."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CsvRows:
    """The rows of one CSV by column. The four lists are parallel and hold the rows that could be read, in file order.

    ``lines`` are physical lines counted from 1 (a row's is where it starts). A cell is the text as it stands, or None
    if it is empty or nothing but white space. ``problems`` are (line, words), sorted, at most one a line; a row with
    a problem is not in the lists. ``sha256`` is of the file's bytes, 64 hex digits, empty if it could not be read.
    ``judgeable`` says that each required column was found exactly once; otherwise the lists are empty.
    """

    lines: list[int]
    image_paths: list[str | None]
    texts: list[str | None]
    labels: list[str | None]
    problems: tuple[tuple[int, str], ...]
    sha256: str
    judgeable: bool
