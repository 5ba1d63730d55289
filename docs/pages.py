"""Pages that are made from the code: one for each check from its manual page, the settings, the options, the facts."""

from __future__ import annotations

import argparse
import json
import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_clipdata.checks.check import Check
from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.facts import COLUMNS
from pytest_clipdata.plugin.options import add_options
from pytest_clipdata.settings.declared import GENERAL, REPORT, SAME_PICTURE, Option

_NEEDS = {
    "TEXT": "cells",
    "FILES": "files",
    "HEADER": "headers of pictures",
    "PIXELS": "pixels",
    "SIMILARITY": "pictures compared",
}


@dataclass(frozen=True)
class Manual:
    """The sections of a check's manual page; see `manual_of`."""

    summary: str
    what: str
    bad: str
    good: str
    why: str
    fix: str


def manual_of(text: str) -> Manual:
    """The sections of a manual page. Raises ValueError that names a section that is missing.

    Its first line says what must hold; then stands how it is judged; then, each in its place, ``Bad::`` and ``Good::``
    with an example, ``Why:`` with a source, ``Fix:``.
    """
    block = r"(?:    .+\n|\n)+"
    pattern = rf"(?P<summary>[^\n]+)\.\n\n(?P<what>.+?)\n\nBad::\n\n(?P<bad>{block})\n*Good::\n\n(?P<good>{block})"
    pattern += r"\n*Why: (?P<why>.+?)\n\nFix: (?P<fix>.+)"
    found = re.fullmatch(pattern, text.strip("\n"), re.DOTALL)
    if found is None:
        words = ["\n\nBad::\n", "\n\nGood::\n", "\n\nWhy: ", "\n\nFix: "]
        missing = [word.strip() for word in words if word not in text]
        raise ValueError(f"no section {', '.join(missing)}" if missing else "the sections are not in their order")
    sections = {name: part.strip("\n") for name, part in found.groupdict().items()}
    if not re.search(r"\b(19|20)\d\d\b", sections["why"]):
        raise ValueError("no source under Why:")
    return Manual(**sections)


def write_all(folder: Path) -> None:
    """Write all of them, anew, to ``folder``."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "checks").mkdir(parents=True)
    for check in REGISTRY.values():
        (folder / "checks" / f"{check.id}.md").write_text(check_page(check), "utf-8")
    (folder / "checks" / "index.md").write_text("\n".join(_index()), "utf-8")
    (folder / "settings.md").write_text("\n".join(_settings()), "utf-8")
    (folder / "options.md").write_text("\n".join(_options()), "utf-8")


def check_page(check: Check) -> str:
    """The page of one check."""
    manual = manual_of(check.manual or "")
    limit = f"; {check.default}" if check.default else ""
    table = check.table
    settings = [("severity", Option(str(check.severity), "critical fails, warning is shown, off leaves it out"))]
    settings += [("mostly", Option(1.0, "share of the judged rows that must hold"))] if table.per_row else []
    settings += list(table.options.items())
    return "\n".join(
        [
            f"# {check.id}",
            f"\n**{manual.summary}.**\n",
            f"`{check.severity}`{limit}; judged by {_NEEDS[check.needs.name]}.",
            f"\n## What it does\n\n{manual.what}",
            f"\n## Why it is bad in training\n\n{manual.why}",
            f"\n## Example\n\nBad:\n\n{_fenced(manual.bad)}\nGood:\n\n{_fenced(manual.good)}",
            f"## How to fix it\n\n{manual.fix[:1].upper()}{manual.fix[1:]}",
            "\n## Settings\n",
            *_table(check.id, settings),
        ]
    )


def _fenced(text: str) -> str:
    lines = [line.removeprefix("    ") for line in text.splitlines()]
    return "\n".join(["```text", *lines, "```", ""])


def _table(of: str, settings: Iterable[tuple[str, Option]]) -> Iterator[str]:
    yield from ("| key | default | what it means |", "|---|---|---|")
    for name, option in settings:
        key = f"{of}.{name}" if of else name
        bounds = [f"at least {option.at_least:g}"] if option.at_least is not None else []
        bounds += [f"at most {option.at_most:g}"] if option.at_most is not None else []
        bounds += [f"one of {', '.join(option.choices)}"] if option.choices else []
        words = "; ".join([option.help, *bounds]).replace("|", "\\|")
        yield f"| `{key}` | `{json.dumps(option.default, ensure_ascii=False)}` | {words} |"
    yield ""


def _index() -> Iterator[str]:
    yield "# The checks\n\nOne test for each source and check; the order is that of all reports.\n"
    yield from ("| check | what must hold | default | severity |", "|---|---|---|---|")
    for check in REGISTRY.values():
        yield f"| [{check.id}]({check.id}.md) | {check.summary} | {check.default} | {check.severity} |"
    yield from ("\n```{toctree}", ":hidden:", "", *REGISTRY, "```", "")


def _settings() -> Iterator[str]:
    yield "# Settings\n\nThey stand in `clipdata.toml` beside the data, or in `[tool.clipdata]` of `pyproject.toml`;"
    yield "`--clip-set KEY=VALUE` overrides one. `clipdata init FOLDER` writes a file with all of them.\n"
    for heading, of, table in (
        ("Of the dataset", "", GENERAL),
        ("When two files hold the same picture", "same_picture", SAME_PICTURE),
        ("What reports hold", "report", REPORT),
    ):
        yield from (f"## {heading}\n", *_table(of, table.options.items()))
    yield "## Of the checks\n\nEvery check has `severity`, those of rows `mostly`, and some more:\n"
    options = [(f"{check.id}.{name}", option) for check in REGISTRY.values() for name, option in check.options.items()]
    yield from _table("", options)
    yield "## The facts table\n\nWhat is measured of each row, as a column; rules of your own (`[[expectations]]`) are"
    yield "expectations over them. What could not be measured is null.\n"
    yield from ("| column | type | takes | what it says |", "|---|---|---|---|")
    for name, column in COLUMNS.items():
        words = column.help.replace("|", "\\|")
        yield f"| `{name}` | {column.dtype} | {_NEEDS[column.needs.name]} | {words} |"
    yield ""


def _options() -> Iterator[str]:
    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser.add_argument)
    yield "# Options\n\nOf `pytest`, and of `clipdata check`.\n"
    yield from ("| option | what it does | default |", "|---|---|---|")
    for action in parser._actions:
        value = action.metavar or ("|".join(action.choices) if action.choices else "")
        name = f"{action.option_strings[0]} {value}".strip().replace("|", "\\|")
        default = "" if action.default in (None, False, []) else f"`{action.default}`"
        yield f"| `{name}` | {action.help} | {default} |"
    yield "\nExit codes are pytest's: 0 all hold, 1 a check failed, 4 a usage error.\n"
