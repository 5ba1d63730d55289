"""``clipdata init`` writes the settings that fit a dataset, ``clipdata settings`` shows those in force."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.cli.words import Commands, usage_error
from pytest_clipdata.settings.toml import toml_value

if TYPE_CHECKING:
    from pytest_clipdata.checks.registry import Registry
    from pytest_clipdata.settings.declared import Settings, Table


def add(commands: Commands) -> None:
    """Add the parsers of both commands."""
    words = "look at a dataset and write a commented clipdata.toml that fits it, with every setting"
    init = commands.add_parser("init", help=words, description=words)
    init.add_argument("path", type=Path, metavar="PATH", help="a folder, or a file of a dataset")
    init.set_defaults(command=run_init)

    shown = commands.add_parser("settings", help="every setting in force, and where it comes from")
    shown.add_argument("path", nargs="?", type=Path, default=Path(), metavar="PATH", help="default: this folder")
    shown.add_argument("--clip-set", action="append", default=[], metavar="KEY=VALUE", help="override a setting")
    shown.set_defaults(command=run_settings)


def run_init(asked: argparse.Namespace) -> int:
    from pytest_clipdata.reports.visible import visible
    from pytest_clipdata.running.first_look import first_look

    folder = asked.path if asked.path.is_dir() or not asked.path.exists() else asked.path.parent
    target = folder / "clipdata.toml"
    if os.path.lexists(target):
        return usage_error(f"{target} is there already; it stays as it is")
    look = first_look(asked.path, folder)
    template = _template(look.settings)  # before the file is there
    with target.open("x", encoding="utf-8") as file:
        file.write(template)
    for words in look.seen:
        print(visible(words))
    print(f"wrote {visible(str(target))}")
    return 0


def _template(found: Mapping[str, Mapping[str, Any]]) -> str:
    """A commented ``clipdata.toml`` that shows every setting with its default; those that were ``found``, by table and
    name, are set."""
    from pytest_clipdata.checks.registry import installed_registry
    from pytest_clipdata.settings.declared import FURTHER, GENERAL, SAME_PICTURE

    lines = ["# Settings of pytest-clipdata. A line with # is a default; remove the # of those that you change.", ""]
    lines += _template_lines(GENERAL, found.get("", {}))
    for name, table in {"same_picture": SAME_PICTURE, **FURTHER}.items():
        lines += ["", f"# {table.summary}.", f"#[{name}]", *_template_lines(table)]
    for check_id, check in installed_registry().items():
        table = check.table
        mark = "" if check_id in found else "#"
        lines += ["", f"# {check.summary}.", f"{mark}[{check_id}]", f'#severity = "{table.severity}"']
        lines += (["#mostly = 1.0"] if table.per_row else []) + _template_lines(table, found.get(check_id, {}))
    lines += ["", "# A rule of your own: any Great Expectations expectation over the facts table.", "#[[expectations]]"]
    lines += ['#id = "mentions_colour"', '#type = "expect_column_values_to_match_regex"']
    lines += ['#kwargs = { column = "text", regex = "(?i)\\\\b(red|blue|green)\\\\b" }', '#severity = "warning"', ""]
    return "\n".join(lines)


def _template_lines(table: Table, found: Mapping[str, Any] | None = None) -> list[str]:
    found = found or {}
    return [
        f"{name} = {toml_value(found[name])}  # {option.help}"
        if name in found
        else f"#{name} = {toml_value(option.default)}  # {option.help}"
        for name, option in table.options.items()
    ]


def run_settings(asked: argparse.Namespace) -> int:
    """Print the settings of each dataset under a path as TOML, those that are no defaults with their origin."""
    from pytest_clipdata.checks.registry import installed_registry
    from pytest_clipdata.reading.seen_from import seen_from
    from pytest_clipdata.reports.visible import visible, without_command
    from pytest_clipdata.running.choice import choose
    from pytest_clipdata.settings.options import RunOptions

    options = RunOptions(
        top=Path.cwd(), bounded=False, here=Path.cwd(), conftests=False, overrides=tuple(asked.clip_set)
    )
    registry = installed_registry()
    for number, (dataset, settings) in enumerate(choose([asked.path], options, registry=registry).datasets):
        file = "no settings file" if settings.source is None else seen_from(settings.source)
        print(f"{chr(10) * (number > 0)}# {visible(seen_from(dataset.root))}: {visible(file)}")
        lines = list(_in_force(settings, registry))
        width = min(60, max(len(key) + len(value) for key, value in lines) + 3)
        for key, value in lines:
            origin = settings.origins.get("expectations" if key.startswith("expectations.") else key, "default")
            origin = seen_from(origin) if os.path.isabs(origin) else origin  # noqa: PTH117
            print(f"{f'{key} = {without_command(value)}':{width}}  # {visible(origin)}")
    return 0


def _in_force(settings: Settings, registry: Registry) -> Iterator[tuple[str, str]]:
    """Every setting as its key and its value in TOML, in the order of ``clipdata init``."""
    for key, value in settings.general.items():
        yield from _flat(value, f"{key}.") if isinstance(value, Mapping) else _flat({key: value})
    yield from _flat(settings.same_picture, "same_picture.")
    for check_id, check in settings.checks.items():
        shared = {"severity": str(check.severity)} | ({"mostly": check.mostly} if registry[check_id].per_row else {})
        yield from _flat({**shared, **check.options}, f"{check_id}.")
    for rule in settings.expectations:
        yield f"expectations.{rule.id}", toml_value(f"{rule.type} ({rule.severity})")


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    return ((before + name, toml_value(value)) for name, value in values.items())
