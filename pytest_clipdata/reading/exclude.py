"""Which paths the setting ``exclude`` names."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path


class Exclude:
    """Globs relative to ``base``: ``*`` and ``?`` stay within a name, ``**`` spans folders.

    A glob that names a folder names all that is in it. Paths are compared as they are written and with their symbolic
    links resolved.
    """

    def __init__(self, globs: Iterable[str], base: Path) -> None:
        self._patterns = [
            (glob, re.compile(_regex(os.path.join(root, "*")[:-1], glob)))  # noqa: PTH118
            for glob in globs
            if glob.strip("./")
            for root in dict.fromkeys((os.path.abspath(base), os.path.realpath(base)))  # noqa: PTH100
        ]

    def named_by(self, path: Path) -> str | None:
        """The glob that names a path or a folder above it; None if none does."""
        spellings = dict.fromkeys(spelled.replace(os.sep, "/") for spelled in (str(path), os.path.realpath(path)))
        return next((glob for glob, regex in self._patterns if any(map(regex.match, spellings))), None)


def _regex(base: str, glob: str) -> str:
    """The regular expression for one glob. ``base`` ends with a slash."""
    glob = re.sub(r"(?:/\*\*)+/?\Z", "", glob.replace(os.sep, "/"))
    folder = base.replace(os.sep, "/")
    while glob.startswith(("./", "../")):
        step, _, glob = glob.partition("/")
        folder = folder if step == "." else folder.rstrip("/").rpartition("/")[0] + "/"
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[!?[^]/]+\])", glob.strip("/"))
    meanings = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    meanings |= {part: _characters(part) for part in parts if part.startswith("[") and part.endswith("]")}
    regex = "".join(meanings.get(part, re.escape(part)) for part in parts)
    return ("/" if glob.startswith("/") else re.escape(folder)) + regex + r"(?:/.*)?\Z"


def _characters(part: str) -> str:
    """``[a-z]`` or ``[!a-z]`` as a regular expression."""
    negated = part.startswith("[!")
    inside = re.sub(r"([\\\[\]^&~|])", r"\\\1", part[2 if negated else 1 : -1])
    return f"[{'^/' if negated else ''}{inside}]"
