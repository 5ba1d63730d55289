"""Whether a table has to do with pictures at all. Only the header is read."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from pytest_clipdata.reading.csv_records import BOM
from pytest_clipdata.reading.regular import open_regular

#: The names under which the column of pictures goes: those of open_clip, Hugging Face, img2dataset and transformers.
_PICTURES = (
    "image_path", "filepath", "file_name", "filename", "image", "image_file", "img", "img_path", "path",
)  # fmt: skip
_LABELS = ("label", "match", "is_match", "matches")
_HEADER = 1 << 16  # bytes in which a header ends
_CLOSE = 0.8  # a slip of the pen (imge_path) has a ratio above it, another word (price, page) none


def is_foreign(path: Path, columns: Mapping[str, str]) -> bool:
    """Whether the header of a table has neither a column of pictures, under any name or a slip of one, nor a label.

    ``columns`` gives the names that the settings want. A table whose header cannot be told (empty, unreadable, no
    UTF-8) is not foreign: it may be a broken one of ours.
    """
    names = _header(path)
    if names is None:
        return False
    ours = {columns["image_path"].casefold(), columns["label"].casefold(), *_PICTURES, *_LABELS}
    pictures = [columns["image_path"].casefold(), *_PICTURES]
    return not (names & ours or any(get_close_matches(name[:100], pictures, 1, _CLOSE) for name in names))


def _header(path: Path) -> set[str] | None:
    """The names of the columns by whatever delimits them, in lower case; None if they cannot be told."""
    try:
        with open_regular(path) as file:
            text = file.read(_HEADER).decode("utf-8", "surrogateescape")
    except OSError:
        return None
    lines = re.split(r"[\r\n]", text.removeprefix(BOM))
    header = next((line for line in lines if line.strip()), "")
    if not header or "\0" in header or any("\udc80" <= char <= "\udcff" for char in header):
        return None
    cells = {cell.strip(" \"'").casefold() for sign in ",\t;|" for cell in header.split(sign)}
    try:
        return cells | {cell.strip().casefold() for cell in next(csv.reader([header]), [])}
    except csv.Error:
        return cells
