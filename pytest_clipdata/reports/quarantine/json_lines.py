"""The quarantine of JSON Lines: lines as they stand, those that go with their reasons."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Mapping

from pytest_clipdata.reading.json_text import parsed_json
from pytest_clipdata.reports.quarantine.rejections import QuarantineError
from pytest_clipdata.reports.visible import visible

_SHOWN = 1000  # characters of a line that is no object


def split_json_lines(
    name: str, records: Iterable[tuple[int, str]], rejected: Mapping[int, Iterable[str]]
) -> tuple[bytes, bytes]:
    """The clean and the rejected copy of a file of JSON Lines.

    ``records`` are those of `JsonLinesSource.raw`; ``rejected`` maps lines to their reasons. A line that goes has one
    more member, ``reasons`` (with underscores added until the name is free); one that is no object stands in a new
    one under ``raw``. Of a line with several captions all go.

    Raises:
        QuarantineError: there is no such line as one of ``rejected``.
    """
    clean, out = io.StringIO(newline=""), io.StringIO(newline="")
    missing, told = set(rejected), 0
    for line, text in records:
        if line not in rejected:
            clean.write(text)
        elif line != told:  # the other parts of a line that is too long stay out
            out.write(_with_reasons(text, list(rejected[line])) + "\n")
            missing.discard(line)
            told = line
    if missing:
        raise QuarantineError(f"{visible(name)}: there is no line {min(missing)}; did the file change?")
    return clean.getvalue().encode("utf-8", "surrogateescape"), out.getvalue().encode("utf-8", "surrogateescape")


def _with_reasons(text: str, reasons: list[str]) -> str:
    body = text.strip(" \t\r\n")
    members = parsed_json(body)
    if not isinstance(members, dict):
        shown = body[:_SHOWN].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        return json.dumps({"raw": shown, "reasons": reasons}, ensure_ascii=False)
    name = "reasons"
    while name in members:
        name += "_"
    added = f"{json.dumps(name)}: {json.dumps(reasons, ensure_ascii=False)}"
    return f"{body[:-1].rstrip()}{', ' if members else ''}{added}}}"
