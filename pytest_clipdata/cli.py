"""``clipdata``: the same run without a project around it, for pre-commit, for CI, and to look up what a check means.

Nothing heavy is imported before it is known that there is something to do: a hook runs at every commit.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pytest_clipdata.running.touched import Touched
    from pytest_clipdata.settings.declared import Table

_FAILED, _USAGE_ERROR = 1, 4  #: as pytest numbers them


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns pytest's exit codes: 0 all hold, 1 a check failed, 4 a usage error."""
    arguments = sys.argv[1:] if arguments is None else arguments
    command = None
    try:
        if _nothing_is_staged(arguments):
            return 0
        try:
            asked = _parser().parse_args(arguments)
        except SystemExit as error:  # argparse: 0 after --help, 2 for what it does not understand
            return _USAGE_ERROR if error.code else 0
        command = asked.command
        return int(command(asked))
    except BrokenPipeError:  # the reader had enough: `clipdata explain x | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # What nobody heard to its end has not passed; pytest itself ends so too.
        return _FAILED if command is _check else 0
    except OSError as error:
        return _usage_error(f"{error.filename}: {error.strerror}")
    except ValueError as error:
        if not isinstance(error, _sentences()):
            raise
        return _usage_error(str(error))


def _sentences() -> tuple[type[ValueError], ...]:
    """The errors whose words are a sentence for the user."""
    from pytest_clipdata.reading.dataset import DatasetError
    from pytest_clipdata.reading.staged import StagedError
    from pytest_clipdata.settings.declared import SettingsError

    return DatasetError, SettingsError, StagedError


def _usage_error(words: str) -> int:
    from pytest_clipdata.reports.visible import visible

    print(f"clipdata: {visible(words)}", file=sys.stderr)
    return _USAGE_ERROR


def _parser() -> argparse.ArgumentParser:
    from pytest_clipdata import __version__
    from pytest_clipdata.plugin.options import add_options

    parser = argparse.ArgumentParser(prog="clipdata", description="Stop bad CLIP fine-tuning data at the door.")
    parser.add_argument("--version", action="version", version=f"clipdata {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    words = "test the datasets that paths belong to, isolated from the project around"
    check = commands.add_parser("check", help=words, description=words, allow_abbrev=False)
    check.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a CSV, a folder, or an image of a dataset")
    check.add_argument("--staged", action="store_true", help="the datasets that the next commit touches, as git has it")
    check.add_argument("--text-only", action="store_true", help="only the checks that open no image")
    check.add_argument("-v", "--verbose", action="count", default=0, help="show every finding")
    check.add_argument("-q", "--quiet", action="count", default=0, help="say less")
    add_options(check.add_argument)
    check.set_defaults(command=_check, help_of=check.print_help)

    words = "look at a dataset and write a commented clipdata.toml that fits it, with every setting"
    init = commands.add_parser("init", help=words, description=words)
    init.add_argument("path", type=Path, metavar="PATH", help="a folder, or a file of a dataset")
    init.set_defaults(command=_init)

    explain = commands.add_parser("explain", help="the manual page of a check")
    explain.add_argument("check", metavar="CHECK")
    explain.set_defaults(command=_explain)

    suite = commands.add_parser("suite", help="the Great Expectations suite of each CSV as JSON")
    suite.add_argument("path", type=Path, metavar="PATH")
    suite.set_defaults(command=_suite)
    return parser


# --- check --------------------------------------------------------------------------------------------------------


def _nothing_is_staged(arguments: Sequence[str]) -> bool:
    """Whether this is ``check --staged`` and no dataset is touched, which is said. Imports nothing heavy."""
    if list(arguments[:1]) != ["check"] or "--staged" not in arguments or {"-h", "--help"} & set(arguments):
        return False
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--clip-set", action="append", default=[])
    try:
        asked, _ = parser.parse_known_args(arguments)
    except argparse.ArgumentError:  # the other parser will say it
        return False
    from pytest_clipdata.reading.staged import StagedError
    from pytest_clipdata.running.touched import by_commit

    try:
        touched = by_commit(asked.clip_set)
    except StagedError:  # said when the whole command line is understood
        return False
    return not (touched.sources or _said(touched))


def _check(asked: argparse.Namespace) -> int:
    paths = [*asked.paths, *map(Path, asked.clip_dataset)]
    if asked.staged and paths:
        return _usage_error("--staged finds its datasets itself: name no path beside it")
    if not asked.staged and not paths:
        asked.help_of(sys.stderr)
        return _usage_error("name a PATH, or --staged")
    from pytest_clipdata.running.touched import by_commit, by_paths

    sources = _said(by_commit(asked.clip_set) if asked.staged else by_paths(paths, asked.clip_set))
    return _run_pytest(asked, sources) if sources else 0


def _run_pytest(asked: argparse.Namespace, sources: Sequence[Path]) -> int:
    import pytest

    from pytest_clipdata import plugin

    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]  # the project around the data must not change the verdict
    arguments = ["-c", os.devnull, "--rootdir", str(Path.cwd()), "--noconftest", "--disable-plugin-autoload"]
    arguments += ["-p", "no:cacheprovider", "-ra", *["-v"] * asked.verbose, *["-q"] * asked.quiet]
    arguments += [f"--clip-dataset={source}" for source in sources]
    asked.clip_cache = asked.clip_cache or str(_cache_folder())
    arguments += _plugin_options(asked)
    plugins: list[object] = [plugin]
    if asked.text_only:
        from pytest_clipdata.plugin.text_only import TextOnly

        plugins.append(TextOnly())
    return int(pytest.main(arguments, plugins=plugins))


def _plugin_options(asked: argparse.Namespace) -> Iterator[str]:
    """The plugin's options as they were given, to be handed on."""
    for name, value in vars(asked).items():
        option = "--" + name.replace("_", "-")
        if not name.startswith("clip_") or name == "clip_dataset" or value is None or value is False:
            continue
        for part in value if isinstance(value, list) else [value]:
            yield option if part is True else f"{option}={part}"


def _said(touched: Touched) -> list[Path]:
    """The sources to test, when what there is to say of others is said."""
    from pytest_clipdata.reports.visible import visible

    for words in touched.words:
        print(f"clipdata: {visible(words)}")
    return touched.sources


def _cache_folder() -> Path:
    """Where caches live for this user: nothing is written into somebody's working tree."""
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(home) / "clipdata"


# --- init, explain, suite -----------------------------------------------------------------------------------------


def _init(asked: argparse.Namespace) -> int:
    from pytest_clipdata.reports.visible import visible
    from pytest_clipdata.running.first_look import first_look

    folder = asked.path if asked.path.is_dir() or not asked.path.exists() else asked.path.parent
    target = folder / "clipdata.toml"
    if os.path.lexists(target):
        return _usage_error(f"{target} is there already; it stays as it is")
    look = first_look(asked.path, folder)
    with target.open("x", encoding="utf-8") as file:
        file.write(_template(look.settings))
    for words in look.seen:
        print(visible(words))
    print(f"wrote {visible(str(target))}")
    return 0


def _template(found: Mapping[str, Mapping[str, Any]]) -> str:
    """A commented ``clipdata.toml`` that shows every setting with its default; those that were ``found``, by table and
    name, are set."""
    from pytest_clipdata.checks.registry import REGISTRY
    from pytest_clipdata.settings.declared import GENERAL, QUARANTINE, REPORT, SAME_PICTURE

    lines = ["# Settings of pytest-clipdata. A line with # is a default; remove the # of those that you change.", ""]
    lines += _template_lines(GENERAL, found.get("", {}))
    lines += ["", "# When two files hold the same picture.", "#[same_picture]", *_template_lines(SAME_PICTURE)]
    lines += ["", "# What reports hold.", "#[report]", *_template_lines(REPORT)]
    lines += ["", "# What a quarantine holds.", "#[quarantine]", *_template_lines(QUARANTINE)]
    for check_id, check in REGISTRY.items():
        table = check.table
        mark = "" if check_id in found else "#"
        lines += ["", f"# {check.summary}.", f"{mark}[{check_id}]", f'#severity = "{table.severity}"']
        lines += (["#mostly = 1.0"] if table.per_row else []) + _template_lines(table, found.get(check_id, {}))
    lines += ["", "# A rule of your own: any Great Expectations expectation over the facts table.", "#[[expectations]]"]
    lines += ['#id = "mentions_colour"', '#type = "expect_column_values_to_match_regex"']
    lines += ['#kwargs = { column = "text", regex = "(?i)\\\\b(red|blue|green)\\\\b" }', '#severity = "warning"', ""]
    return "\n".join(lines)


def _template_lines(table: Table, found: Mapping[str, Any] | None = None) -> list[str]:
    import json

    found = found or {}
    return [
        f"{name} = {json.dumps(found[name])}  # {option.help}"
        if name in found
        else f"#{name} = {json.dumps(option.default)}  # {option.help}"
        for name, option in table.options.items()
    ]


def _explain(asked: argparse.Namespace) -> int:
    import json

    from pytest_clipdata.checks.registry import REGISTRY
    from pytest_clipdata.settings.declared import suggest

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
    import json

    from pytest_clipdata.running.choice import choose
    from pytest_clipdata.running.run import DatasetRun
    from pytest_clipdata.settings.options import RunOptions

    options = RunOptions(top=Path.cwd(), bounded=False, here=Path.cwd())
    suites: dict[str, Any] = {}
    for dataset, settings in choose([asked.path], options).datasets:
        run = DatasetRun(dataset, settings, options)
        suites |= {os.path.relpath(source.path).replace(os.sep, "/"): run.suite(source.name) for source in run.selected}
    print(json.dumps(next(iter(suites.values())) if len(suites) == 1 else suites, indent=1))
    return 0
