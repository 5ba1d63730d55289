"""``clipdata suite``: what Great Expectations is asked about each source."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from pytest_clipdata.cli.words import Commands


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser("suite", help="the Great Expectations suite of each source as JSON")
    parser.add_argument("path", type=Path, metavar="PATH")
    parser.set_defaults(command=run)


def run(asked: argparse.Namespace) -> int:
    """Print the suites by source; that of one source alone if there is but one."""
    import json

    from pytest_clipdata.checks.registry import installed_registry
    from pytest_clipdata.reading.seen_from import seen_from
    from pytest_clipdata.reports.visible import without_command
    from pytest_clipdata.running.choice import choose
    from pytest_clipdata.running.run import DatasetRun
    from pytest_clipdata.settings.options import RunOptions

    options = RunOptions(top=Path.cwd(), bounded=False, here=Path.cwd(), conftests=False)
    registry = installed_registry()
    suites: dict[str, Any] = {}
    for dataset, settings in choose([asked.path], options, registry=registry).datasets:
        run = DatasetRun(dataset, settings, options, registry)
        suites |= {seen_from(source.path): run.suite(source.name) for source in run.selected}
    told = next(iter(suites.values())) if len(suites) == 1 else suites
    print(without_command(json.dumps(told, indent=1)))
    return 0
