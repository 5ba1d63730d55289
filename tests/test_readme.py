"""The README says what the code does."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from pytest_clipdata.checks import REGISTRY
from pytest_clipdata.plugin import add_options

README = Path(__file__).parents[1].joinpath("README.md").read_text(encoding="utf-8")


def test_the_table_of_checks_is_the_registry():
    rows = [line for line in README.splitlines() if re.match(r"\| `[a-z_]+` \|", line)]
    assert rows == [f"| `{c.id}` | {c.summary} | {c.default} | {c.severity} |" for c in REGISTRY.values()]


def test_every_option_is_in_the_readme_and_no_other():
    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser.add_argument)
    documented = re.findall(r"^\| `(--clip-[a-z-]+)", README, flags=re.MULTILINE)
    assert sorted(documented) == sorted(action.option_strings[0] for action in parser._actions)
