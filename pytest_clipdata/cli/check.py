"""``clipdata check``: test the datasets that paths belong to, isolated from the project around them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_clipdata.cli.words import Commands, usage_error

if TYPE_CHECKING:
    from pytest_clipdata.running.touched import Touched

_REWRITE = "pytest.PytestAssertRewriteWarning"
#: Options of pytest that are handed on as they were given.
_OF_PYTEST = {"keyword": "-k", "numprocesses": "-n", "tb": "--tb", "junitxml": "--junitxml"}


def add(commands: Commands) -> None:
    """Add the command's parser."""
    from pytest_clipdata.plugin.options import add_options

    words = "test the datasets that paths belong to, isolated from the project around"
    parser = commands.add_parser("check", help=words, description=words, allow_abbrev=False)
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a source, a folder, an image of a dataset, or one test of a source: train.csv::labels",
    )
    parser.add_argument(
        "--staged", action="store_true", help="the datasets that the next commit touches, as git has it"
    )
    parser.add_argument("--text-only", action="store_true", help="only the checks that open no image")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="show every finding")
    parser.add_argument("-q", "--quiet", action="count", default=0, help="say less")
    of_pytest = parser.add_argument_group("options of pytest")
    of_pytest.add_argument("-k", dest="keyword", metavar="EXPRESSION", help="only tests like this: 'labels or paths'")
    of_pytest.add_argument("-x", "--exitfirst", action="store_true", help="stop at the first check that fails")
    of_pytest.add_argument("-n", dest="numprocesses", metavar="N", help="test N datasets at a time (pytest-xdist)")
    of_pytest.add_argument("--tb", metavar="STYLE", help="how failures look: line, no, ...")
    of_pytest.add_argument("--junitxml", metavar="FILE", help="write a report for CI servers")
    add_options(parser.add_argument)
    parser.set_defaults(command=run, help_of=parser.print_help)


def nothing_is_staged(arguments: Sequence[str]) -> bool:
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


def run(asked: argparse.Namespace) -> int:
    """Find the datasets and test them; returns pytest's exit code."""
    from pytest_clipdata.reading.mirror import locally

    tests = [path for path in asked.paths if "::" in path and not os.path.lexists(path)]
    given = [path for path in (*asked.paths, *asked.clip_dataset) if path not in tests]
    paths = [Path(path) for path in locally(given, Path(asked.clip_cache or _cache_folder()))]
    if asked.staged and (paths or tests):
        return usage_error("--staged finds its datasets itself: name no path beside it")
    if not asked.staged and not (paths or tests):
        asked.help_of(sys.stderr)
        return usage_error("name a PATH, or --staged")
    if asked.numprocesses is not None and find_spec("xdist") is None:
        return usage_error("-n needs pytest-xdist: pip install pytest-xdist")
    from pytest_clipdata.running.touched import by_commit, by_paths

    if asked.staged:
        sources = _said(by_commit(asked.clip_set))
    else:
        sources = _said(by_paths(paths, asked.clip_set)) if paths else []
    around = by_paths([Path(test.partition("::")[0]) for test in tests], asked.clip_set).sources if tests else []
    if not (sources or around):
        return 0
    return _run_pytest(asked, list(dict.fromkeys([*sources, *around])), [*tests, *map(str, sources)] if tests else [])


def _run_pytest(asked: argparse.Namespace, sources: Sequence[Path], tests: Sequence[str]) -> int:
    """Run pytest over the sources of the datasets; of them only ``tests`` (node ids and sources), if there are any."""
    import pytest

    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        del os.environ[name]  # the project around the data must not change the verdict
    arguments = ["-c", os.devnull, "--rootdir", str(Path.cwd()), "--noconftest", "--disable-plugin-autoload"]
    # By name, so that the workers of pytest-xdist load it too; that it is imported already is no news to the user.
    arguments += ["-p", "no:cacheprovider", "-p", "pytest_clipdata.plugin", "-W", f"ignore::{_REWRITE}"]
    arguments += ["-ra", *["-v"] * asked.verbose, *["-q"] * asked.quiet, *(["-x"] if asked.exitfirst else [])]
    arguments += ["-p", "xdist.plugin"] if asked.numprocesses is not None else []
    arguments += ["-p", "pytest_clipdata.plugin.text_only"] if asked.text_only else []
    given = {option: getattr(asked, name) for name, option in _OF_PYTEST.items()}
    arguments += [part for option, value in given.items() if value is not None for part in _given(option, value)]
    arguments += [f"--clip-dataset={source}" for source in sources]
    asked.clip_cache = asked.clip_cache or str(_cache_folder())
    return int(pytest.main([*arguments, *_plugin_options(asked), *tests]))


def _given(option: str, value: str) -> list[str]:
    return [f"{option}={value}"] if option.startswith("--") else [option, value]


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
