"""Text from the data made safe to show: nothing in it can move a cursor, turn a line round or fill a screen."""

from __future__ import annotations

import re
import unicodedata

#: Characters of one shown message; a caption of 50 MB must not reach a terminal.
LIMIT = 600

#: Unicode general categories that draw nothing themselves: controls (ANSI escapes start with one), formats (bidi
#: controls, zero-width characters), lone surrogates, private use, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def visible(text: str, limit: int = LIMIT) -> str:
    """``text`` with every unseen character written as Python would (``\\n``, ``\\x1b``, ``\\u202e``).

    At most ``limit`` characters of ``text`` are shown; what is cut is counted at the end. ``##[``, ``##vso[`` and
    ``##teamcity[`` lose their bracket (``##vso\\x5b``): GitHub's runner, Azure Pipelines and TeamCity obey the commands
    that start so anywhere in a line of output. The result is printable, on one line, and encodes in UTF-8.
    """
    shown = text[:limit]
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(_escape(char) if unicodedata.category(char) in _UNSEEN else char for char in shown)
    shown = _COMMAND.sub(r"\1\\x5b", shown)
    return shown if len(text) <= limit else f"{shown}… ({len(text) - limit:,} more characters)"


def without_command(literals: str) -> str:
    """JSON or TOML for a terminal: what commands a CI server is written otherwise, and every string means the same."""
    return _COMMAND.sub(r"\1\\u005b", literals)


#: How a line of output commands a CI server. No word is listed: a server that nobody thought of has its own.
_COMMAND = re.compile(r"(##\s*[\w.-]*\s*)\[")


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")
