"""``clipdata explain``: the manual page of a check, or all checks in one line each."""

from __future__ import annotations

import argparse

from pytest_clipdata.cli.words import Commands, usage_error


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser("explain", help="the manual page of a check; alone: all checks")
    parser.add_argument("check", nargs="?", metavar="CHECK")
    parser.set_defaults(command=run)


def run(asked: argparse.Namespace) -> int:
    """Print a manual page with the settings of the check, or the list of checks."""
    import json

    from pytest_clipdata.checks.registry import REGISTRY
    from pytest_clipdata.settings.declared import suggest

    if asked.check is None:
        return _list()
    if asked.check not in REGISTRY:
        return usage_error(f"no check {asked.check!r}{suggest(asked.check, REGISTRY)}")
    check = REGISTRY[asked.check]
    print(f"{check.id} ({check.severity})\n\n{(check.manual or '').strip()}")
    if check.options:
        print("\nSettings:\n")
        for name, option in check.options.items():
            print(f"    {check.id}.{name} = {json.dumps(option.default)}  # {option.help}")
    return 0


def _list() -> int:
    from pytest_clipdata.checks.registry import REGISTRY

    width = max(map(len, REGISTRY))
    for check_id in REGISTRY:
        check = REGISTRY[check_id]
        print(f"{check_id:{width}}  {check.severity:8}  {check.summary}")
    print("\nclipdata explain CHECK prints a manual page.")
    return 0
