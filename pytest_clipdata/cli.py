"""``clipdata``: the same run without a project around it, for pre-commit, for CI, and to look up what a check means."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_clipdata import __version__, plugin
from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.facts.step import Needs
from pytest_clipdata.plugin.items import CheckItem
from pytest_clipdata.plugin.options import add_options
from pytest_clipdata.reading.dataset import DatasetError, discover
from pytest_clipdata.reports.visible import visible
from pytest_clipdata.settings.declared import GENERAL, REPORT, SAME_PICTURE, SettingsError, Table, suggest

#: Suffixes of images; what else is no CSV is a usage error.
_IMAGES = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"}
#: How many folders above an image may hold the CSVs that name it, where the working folder is not one of them.
_LEVELS = 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns pytest's exit codes: 0 all hold, 1 a check failed, 4 a usage error."""
    try:
        asked = _parser().parse_args(arguments)
    except SystemExit as error:  # argparse: 0 after --help, 2 for what it does not understand
        return int(pytest.ExitCode.USAGE_ERROR) if error.code else 0
    try:
        return int(asked.command(asked))
    except BrokenPipeError:  # the reader had enough: `clipdata explain x | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # What nobody heard to its end has not passed; pytest itself ends so too.
        return int(pytest.ExitCode.TESTS_FAILED) if asked.command is _check else 0
    except (DatasetError, SettingsError) as error:
        return _usage_error(str(error))
    except OSError as error:
        return _usage_error(f"{error.filename}: {error.strerror}")


def _usage_error(words: str) -> int:
    print(f"clipdata: {words}", file=sys.stderr)
    return int(pytest.ExitCode.USAGE_ERROR)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="clipdata", description="Stop bad CLIP fine-tuning data at the door.")
    parser.add_argument("--version", action="version", version=f"clipdata {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    check = commands.add_parser(
        "check", help="test the datasets that paths belong to, isolated from the project around"
    )
    check.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="a CSV, a folder, or an image of a dataset")
    check.add_argument("--text-only", action="store_true", help="only the checks that open no image")
    check.add_argument("-v", "--verbose", action="count", default=0, help="show every finding")
    check.add_argument("-q", "--quiet", action="count", default=0, help="say less")
    add_options(check.add_argument)
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
        opened = {item for item in items if isinstance(item, CheckItem) and item.run.needs(item.name) > Needs.TEXT}
        config.hook.pytest_deselected(items=list(opened))
        items[:] = [item for item in items if item not in opened]


def _check(asked: argparse.Namespace) -> int:
    sources = _sources([*asked.paths, *map(Path, asked.clip_dataset)])
    if not sources:
        print(f"clipdata: no CSV names {' or '.join(visible(str(path)) for path in asked.paths[:3])}: nothing to check")
        return 0
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]  # the project around the data must not change the verdict
    arguments = ["-c", os.devnull, "--rootdir", str(Path.cwd()), "--noconftest", "--disable-plugin-autoload"]
    arguments += ["-p", "no:cacheprovider", "-ra", *["-v"] * asked.verbose, *["-q"] * asked.quiet]
    arguments += [f"--clip-dataset={source}" for source in sources]
    asked.clip_cache = asked.clip_cache or str(_cache_folder())
    arguments += _plugin_options(asked)
    return int(pytest.main(arguments, plugins=[plugin, _TextOnly()] if asked.text_only else [plugin]))


def _plugin_options(asked: argparse.Namespace) -> Iterator[str]:
    """The plugin's options as they were given, to be handed on."""
    for name, value in vars(asked).items():
        option = "--" + name.replace("_", "-")
        if not name.startswith("clip_") or name == "clip_dataset" or value is None or value is False:
            continue
        for part in value if isinstance(value, list) else [value]:
            yield option if part is True else f"{option}={part}"


def _sources(paths: Sequence[Path]) -> list[Path]:
    """All CSVs of the datasets that ``paths`` belong to; of an image, those whose CSVs name it. Raises DatasetError."""
    images = [path for path in paths if path.suffix.lower() in _IMAGES and path.is_file()]
    named = [path for path in paths if path not in images]
    named += _naming({Path(os.path.abspath(image)) for image in images})  # noqa: PTH100 - a link stays where it is
    return [source.path for dataset in (discover(named) if named else []) for source in dataset.sources]


def _naming(images: Collection[Path]) -> list[Path]:
    """The CSVs that name one of ``images``: of each image those in the nearest folder above that has any.

    The words of a CSV are compared with the names of the files. It need not be exact: a CSV too many is checked for
    nothing, and one that spells the name otherwise is wrong whatever the image holds.
    """
    found: dict[Path, None] = {}
    words: dict[Path, set[bytes]] = {}
    for folder in {image.parent: None for image in images}:
        left = {_WORD.findall(os.fsencode(image.name))[-1] for image in images if image.parent == folder}
        for above in _above(folder):
            try:
                near = [source.path for dataset in discover([above]) for source in dataset.sources]
            except DatasetError:
                continue
            for source in near:
                words[source] = words[source] if source in words else set(_WORD.findall(source.read_bytes()))
            owners = [source for source in near if words[source] & left]
            found |= dict.fromkeys(owners)
            left -= set().union(*(words[source] for source in owners))
            if not left:
                break
    return list(found)


#: A part of a path in a CSV, without the quotes, delimiters and slashes around it.
_WORD = re.compile(rb"[^/\\,;\t\"\r\n]+")


def _above(folder: Path) -> Iterator[Path]:
    """The folders that may hold the CSVs for the images in ``folder``: up to the working folder, or a few levels."""
    folders = [folder, *folder.parents]
    top = Path.cwd()
    yield from folders[: folders.index(top) + 1] if top in folders else folders[:_LEVELS]


def _cache_folder() -> Path:
    """Where caches live for this user: nothing is written into somebody's working tree."""
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(home) / "clipdata"


# --- init, explain, suite -----------------------------------------------------------------------------------------


def _init(asked: argparse.Namespace) -> int:
    target = asked.folder / "clipdata.toml"
    if os.path.lexists(target):
        return _usage_error(f"{target} is there already; it stays as it is")
    with target.open("x", encoding="utf-8") as file:
        file.write(_template())
    print(f"wrote {target}")
    return 0


def _template() -> str:
    """A commented ``clipdata.toml`` that shows every setting with its default."""
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
    return [f"#{name} = {json.dumps(option.default)}  # {option.help}" for name, option in table.options.items()]


def _explain(asked: argparse.Namespace) -> int:
    if asked.check not in REGISTRY:
        return _usage_error(f"no check {asked.check!r}{suggest(asked.check, REGISTRY)}")
    check = REGISTRY[asked.check]
    print(f"{check.id} ({check.severity})\n\n{(check.manual or '').strip()}")
    if check.options:
        print("\nSettings:\n")
        for name, option in check.options.items():
            print(f"    {check.id}.{name} = {json.dumps(option.default)}  # {option.help}")
    return 0


def _suite(asked: argparse.Namespace) -> int:
    from pytest_clipdata.running.run import DatasetRun, load_settings
    from pytest_clipdata.settings.options import RunOptions

    options = RunOptions(top=Path.cwd(), bounded=False, here=Path.cwd())
    suites: dict[str, Any] = {}
    for dataset in discover([asked.path]):
        run = DatasetRun(dataset, load_settings(dataset, options), options)
        suites |= {os.path.relpath(source.path).replace(os.sep, "/"): run.suite(source.name) for source in run.selected}
    print(json.dumps(next(iter(suites.values())) if len(suites) == 1 else suites, indent=1))
    return 0
