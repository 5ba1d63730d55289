"""Names of folders and sources as pytest may print them and write them into XML, and whether it can be given them."""

from __future__ import annotations

from pathlib import Path

from pytest_clipdata.reports.visible import visible


def shown(text: str) -> str:
    """``text`` in full, without what moves a cursor, turns a line round or commands a CI server."""
    return visible(text, limit=len(text))


def shown_lines(text: str) -> str:
    """The same for words of several lines."""
    return "\n".join(map(shown, text.split("\n")))


def shown_id(node_id: str) -> str:
    """A node id of one file: printable, and without the ``::`` that pytest puts between the parts of an id."""
    return shown(node_id).replace("::", ":\\x3a")


def can_be_argument(path: Path) -> bool:
    """Whether pytest finds this file when it is an argument, in which ``::`` and ``[`` begin other things.

    It does not find what is not there: a source of several shards lies at no path of its own.
    """
    return path.exists() and not any(sign in str(path) for sign in ("::", "[")) and shown(str(path)) == str(path)
