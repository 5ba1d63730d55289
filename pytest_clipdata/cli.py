"""``clipdata``: the same run without a project around it, for pre-commit, for CI, and to look up what a check means."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_clipdata import __version__, plugin
from pytest_clipdata.checks import REGISTRY
from pytest_clipdata.dataset import DatasetError, discover
from pytest_clipdata.facts import Needs
from pytest_clipdata.items import CheckItem
from pytest_clipdata.settings import SettingsError, template

#: pytest reads these from the environment; the project around the data must not change the verdict.
_FOREIGN = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns pytest's exit codes: 0 all hold, 1 a check failed, 4 a usage error."""
    asked = _parser().parse_args(arguments)
    try:
        return int(asked.command(asked))
    except (DatasetError, SettingsError, OSError, KeyError) as error:
        words = error.args[0] if isinstance(error, KeyError) else error
        print(f"clipdata: {words}", file=sys.stderr)
        return int(pytest.ExitCode.USAGE_ERROR)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="clipdata", description="Stop bad CLIP fine-tuning data at the door.")
    parser.add_argument("--version", action="version", version=f"clipdata {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser("check", help="test datasets, isolated from the project around them")
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a CSV, a folder, or an image of a dataset")
    check.add_argument("--text-only", action="store_true", help="only the checks that open no image")
    check.add_argument("-v", "--verbose", action="count", default=0, help="show every finding")
    check.add_argument("-q", "--quiet", action="count", default=0, help="say less")
    plugin.add_options(check.add_argument)
    check.set_defaults(command=_check)

    init = commands.add_parser("init", help="write a commented clipdata.toml with every setting")
    init.add_argument("folder", type=Path, metavar="DIR")
    init.set_defaults(command=_init)

    explain = commands.add_parser("explain", help="the manual page of a check")
    explain.add_argument("check", metavar="CHECK")
    explain.set_defaults(command=_explain)

    suite = commands.add_parser("suite", help="the Great Expectations suite of each CSV as JSON")
    suite.add_argument("path", type=Path, metavar="PATH")
    suite.set_defaults(command=_suite)
    return parser


# --- check --------------------------------------------------------------------------------------------------------


class _TextOnly:
    """Leaves out every check that opens an image."""

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        opened = [item for item in items if isinstance(item, CheckItem) and item.run.needs(item.name) > Needs.TEXT]
        config.hook.pytest_deselected(items=opened)
        items[:] = [item for item in items if item not in opened]


def _check(asked: argparse.Namespace) -> int:
    for name in _FOREIGN:
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    arguments = ["-c", os.devnull, "--rootdir", str(Path.cwd()), "--noconftest", "-p", "no:cacheprovider"]
    arguments += ["-ra", *["-v"] * asked.verbose, *["-q"] * asked.quiet]
    arguments += [f"--clip-dataset={path}" for path in _tables(asked.paths)]
    asked.clip_cache = asked.clip_cache or str(_cache_folder())
    arguments += _plugin_options(asked)
    return int(pytest.main(arguments, plugins=[plugin, _TextOnly()] if asked.text_only else [plugin]))


def _plugin_options(asked: argparse.Namespace) -> Iterator[str]:
    """The plugin's options as they were given, to be handed on."""
    for name, value in vars(asked).items():
        option = "--" + name.replace("_", "-")
        if not name.startswith("clip_") or name == "clip_dataset" or value in (None, False):
            continue
        for part in value if isinstance(value, list) else [value]:
            yield option if part is True else f"{option}={part}"


def _tables(paths: Sequence[Path]) -> list[Path]:
    """The CSVs and folders that stand for ``paths``; of an image, the dataset that it belongs to."""
    found: dict[Path, None] = {}
    for path in paths:
        is_image = path.is_file() and path.suffix.lower() not in (".csv", ".tsv")
        found.setdefault(_home(path.resolve()) if is_image else path)
    return list(found)


def _home(image: Path) -> Path:
    """The nearest folder above an image that holds CSVs; the working folder if none does."""
    for folder in image.parents:
        if folder == Path.cwd():
            break
        if any(folder.glob("*.[ct]sv")) or any(folder.glob("*/*.[ct]sv")):
            return folder
    return Path.cwd()


def _cache_folder() -> Path:
    """Where caches live for this user: nothing is written into somebody's working tree."""
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(home) / "clipdata"


# --- init, explain, suite -----------------------------------------------------------------------------------------


def _init(asked: argparse.Namespace) -> int:
    target = asked.folder / "clipdata.toml"
    with target.open("x", encoding="utf-8") as file:
        file.write(template({check_id: (check.summary, check.table) for check_id, check in REGISTRY.items()}))
    print(f"wrote {target}")
    return 0


def _explain(asked: argparse.Namespace) -> int:
    check = REGISTRY[asked.check]
    print(f"{check.id} ({check.severity})\n\n{(check.manual or '').strip()}")
    if check.options:
        print("\nSettings:\n")
        for name, option in check.options.items():
            print(f"    {check.id}.{name} = {json.dumps(option.default)}  # {option.help}")
    return 0


def _suite(asked: argparse.Namespace) -> int:
    from pytest_clipdata.options import RunOptions
    from pytest_clipdata.session import DatasetRun, load_settings

    options = RunOptions(top=Path.cwd())
    suites: dict[str, Any] = {}
    for dataset in discover([asked.path]):
        run = DatasetRun(dataset, load_settings(dataset, options), options)
        suites |= {str(csv.path): run.suite(csv.name) for csv in run.selected}
    print(json.dumps(next(iter(suites.values())) if len(suites) == 1 else suites, indent=1))
    return 0
