"""How a reader sees a report: from which folder, and through which baseline."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_clipdata.findings import CheckResult, Finding, Place
from pytest_clipdata.reports.visible import visible


@dataclass(frozen=True, slots=True)
class View:
    """``prefix`` is the dataset root relative to the folder that the reader is in, ``""`` or ``"."`` for that folder;
    ``known`` are the findings that the baseline knows (see `baseline.apply`), which are counted and not shown;
    ``compared`` says whether there is a baseline at all."""

    prefix: str = ""
    known: frozenset[Finding] = frozenset()
    compared: bool = False

    def place(self, place: Place) -> str:
        """``datasets/train.csv:17`` as editors and CI link it, safe at the start of a line."""
        path = self.file(place.file)
        return path if place.line is None else f"{path}:{place.line}"

    def within(self, place: Place) -> str:
        """``line 17`` where the source stands already; with the file's name if the source has several files."""
        file = "" if place.file == place.source else f"{self.file(place.file)}, "
        return f"{file}line {place.line}"

    def file(self, name: str) -> str:
        """A file of the dataset, safe at the start of a line."""
        root = visible(self.prefix.rstrip("/"))
        path = visible(name) if root in ("", ".") else f"{root}/{visible(name)}"
        # "::error::..." is a fine name for a file and a command to GitHub's runner; a leading dash is an option.
        return path if re.match(r"[\w./]", path) else f"./{path}"

    def message(self, finding: Finding) -> str:
        """The finding's words, with the rows that it names as this reader finds them."""
        return visible(finding.told(self.place))

    def new(self, result: CheckResult) -> list[Finding]:
        """The findings of a result that the baseline does not know, in the order in which people read a file."""
        order = sorted(result.findings, key=lambda f: (f.place.file, f.place.line or 0, f.column or "", f.message))
        return [finding for finding in order if finding not in self.known]
