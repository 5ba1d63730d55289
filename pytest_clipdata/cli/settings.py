"""``clipdata init`` writes every setting with its default, ``clipdata settings`` shows those in force."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.cli.words import Commands, usage_error

if TYPE_CHECKING:
    from pytest_clipdata.settings.declared import Settings, Table


def add(commands: Commands) -> None:
    """Add the parsers of both commands."""
    init = commands.add_parser("init", help="write a commented clipdata.toml with every setting")
    init.add_argument("folder", type=Path, metavar="DIR")
    init.set_defaults(command=run_init)

    shown = commands.add_parser("settings", help="every setting in force, and where it comes from")
    shown.add_argument("path", nargs="?", type=Path, default=Path(), metavar="PATH", help="default: this folder")
    shown.add_argument("--clip-set", action="append", default=[], metavar="KEY=VALUE", help="override a setting")
    shown.set_defaults(command=run_settings)


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


def run_settings(asked: argparse.Namespace) -> int:
    """Print the settings of each dataset under a path as TOML, those that are no defaults with their origin."""
    from pytest_clipdata.reading.seen_from import seen_from
    from pytest_clipdata.reports.visible import visible
    from pytest_clipdata.running.choice import choose
    from pytest_clipdata.settings.options import RunOptions

    options = RunOptions(top=Path.cwd(), bounded=False, here=Path.cwd(), overrides=tuple(asked.clip_set))
    for number, (dataset, settings) in enumerate(choose([asked.path], options).datasets):
        file = "no settings file" if settings.source is None else seen_from(settings.source)
        print(f"{chr(10) * (number > 0)}# {visible(seen_from(dataset.root))}: {visible(file)}")
        lines = list(_in_force(settings))
        width = min(60, max(len(key) + len(value) for key, value in lines) + 3)
        for key, value in lines:
            origin = settings.origins.get("expectations" if key.startswith("expectations.") else key, "default")
            origin = seen_from(origin) if os.path.isabs(origin) else origin  # noqa: PTH117
            print(f"{f'{key} = {value}':{width}}  # {visible(origin)}")
    return 0


def _in_force(settings: Settings) -> Iterator[tuple[str, str]]:
    """Every setting as its key and its value in TOML, in the order of ``clipdata init``."""
    from pytest_clipdata.checks.registry import REGISTRY

    for key, value in settings.general.items():
        yield from _flat(value, f"{key}.") if isinstance(value, Mapping) else _flat({key: value})
    yield from _flat(settings.same_picture, "same_picture.")
    for check_id, check in settings.checks.items():
        shared = {"severity": str(check.severity)} | ({"mostly": check.mostly} if REGISTRY[check_id].per_row else {})
        yield from _flat({**shared, **check.options}, f"{check_id}.")
    for rule in settings.expectations:
        yield f"expectations.{rule.id}", _toml(f"{rule.type} ({rule.severity})")


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    return ((before + name, _toml(value)) for name, value in values.items())


def _toml(value: Any) -> str:
    """A value as TOML writes it; JSON's strings, numbers, booleans and lists of them are the same."""
    import json

    return json.dumps(value)
