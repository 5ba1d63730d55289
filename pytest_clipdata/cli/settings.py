"""``clipdata init`` writes every setting with its default, ``clipdata settings`` shows those in force."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_clipdata.cli.words import Commands, usage_error

if TYPE_CHECKING:
    from pytest_clipdata.settings.declared import Table


def add(commands: Commands) -> None:
    """Add the parsers of both commands."""
    init = commands.add_parser("init", help="write a commented clipdata.toml with every setting")
    init.add_argument("folder", type=Path, metavar="DIR")
    init.set_defaults(command=run_init)


def run_init(asked: argparse.Namespace) -> int:
    target = asked.folder / "clipdata.toml"
    if os.path.lexists(target):
        return usage_error(f"{target} is there already; it stays as it is")
    with target.open("x", encoding="utf-8") as file:
        file.write(_template())
    print(f"wrote {target}")
    return 0


def _template() -> str:
    """A commented ``clipdata.toml`` that shows every setting with its default."""
    from pytest_clipdata.checks.registry import REGISTRY
    from pytest_clipdata.settings.declared import GENERAL, REPORT, SAME_PICTURE

    lines = ["# Settings of pytest-clipdata. Every line is a default; remove the # of those that you change.", ""]
    lines += _template_lines(GENERAL)
    lines += ["", "# When two files hold the same picture.", "#[same_picture]", *_template_lines(SAME_PICTURE)]
    lines += ["", "# What reports hold.", "#[report]", *_template_lines(REPORT)]
    for check_id, check in REGISTRY.items():
        table = check.table
        lines += ["", f"# {check.summary}.", f"#[{check_id}]", f'#severity = "{table.severity}"']
        lines += (["#mostly = 1.0"] if table.per_row else []) + _template_lines(table)
    lines += ["", "# A rule of your own: any Great Expectations expectation over the facts table.", "#[[expectations]]"]
    lines += ['#id = "mentions_colour"', '#type = "expect_column_values_to_match_regex"']
    lines += ['#kwargs = { column = "text", regex = "(?i)\\\\b(red|blue|green)\\\\b" }', '#severity = "warning"', ""]
    return "\n".join(lines)


def _template_lines(table: Table) -> list[str]:
    import json

    return [f"#{name} = {json.dumps(option.default)}  # {option.help}" for name, option in table.options.items()]
