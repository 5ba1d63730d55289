"""The README says what the code does."""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.plugin.options import add_options

ROOT = Path(__file__).parents[1]
README = ROOT.joinpath("README.md").read_text(encoding="utf-8")


def test_the_table_of_checks_is_the_registry():
    rows = [line for line in README.splitlines() if re.match(r"\| `[a-z_]+` \|", line)]
    assert rows == [f"| `{c.id}` | {c.summary} | {c.default} | {c.severity} |" for c in REGISTRY.values()]


def test_every_option_is_in_the_readme_and_no_other():
    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser.add_argument)
    documented = re.findall(r"^\| `(--clip-[a-z-]+)", README, flags=re.MULTILINE)
    assert sorted(documented) == sorted(action.option_strings[0] for action in parser._actions)


def test_what_it_looks_like_is_what_it_says(tmp_path: Path):
    """Run as whoever tries it does: from the root, without the development tools."""
    (tmp_path / "hypothesis.py").write_text("raise ImportError")
    command = [sys.executable, "-m", "pytest", "--clip-dataset", "example_dataset_broken", "--clip-smoke=off"]
    command += ["-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:xdist"]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(tmp_path), "PYTHONUTF8": "1", "COLUMNS": "80"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False)
    shown = re.findall(r"^    (example_dataset_broken/\S+:\d+: .*)$", README, flags=re.MULTILINE)
    assert len(shown) > 5
    shown += re.findall(r"^    (example_dataset_broken/train.csv [.FEsw]+ +\[ *\d+%\])$", README, flags=re.MULTILINE)
    assert shown[-1].endswith("%]")
    assert [line for line in shown if line not in done.stdout.splitlines()] == []
