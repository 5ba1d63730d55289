"""Whether a table has to do with pictures at all. Only its head is looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches

from pytest_clipdata.reading.columns import ALIASES
from pytest_clipdata.reading.head import Head

_CLOSE = 0.8  # a slip of the pen (imge_path) has a ratio above it, another word (price, page) none


def is_foreign(head: Head | None, columns: Mapping[str, str]) -> bool:
    """Whether a table has neither a column of pictures, under any name or a slip of one, nor a label.

    ``columns`` gives the names that the settings want. A table whose head cannot be told (empty, unreadable, no
    UTF-8) is not foreign: it may be a broken one of ours.
    """
    if head is None or any("\0" in name or _UNDECODABLE.search(name) for name in head.names):
        return False
    if "image_path" in head.own:
        return False
    # One delimited by something else is told of by its reader.
    names = {cell.strip(" \"'").casefold() for name in head.names for cell in re.split(r"[;|]", name)}
    pictures = [columns["image_path"].casefold(), *ALIASES["image_path"], "image_path"]
    ours = {*pictures, columns["label"].casefold(), *ALIASES["label"], "label"}
    return not (names & ours or any(get_close_matches(name[:100], pictures, 1, _CLOSE) for name in names))


_UNDECODABLE = re.compile("[\udc80-\udcff]")
