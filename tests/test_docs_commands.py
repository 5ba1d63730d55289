"""Every command that the documentation shows with its output says that, when it is run.

A page is run from top to bottom in a folder of its own that holds ``datasets``, a copy of the broken example. After a
change that is meant, ``CLIPDATA_DOCS=write pytest tests/test_docs_commands.py`` writes the outputs anew: look at them.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.projects import environment

from pytest_clipdata.plugin.options import add_options

ROOT = Path(__file__).parents[1]
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
_SECONDS = re.compile(r"\b\d+\.\d+s( \(\d+:\d+:\d+\))?")


@pytest.mark.skipif(os.name == "nt", reason="the commands are those of a POSIX shell")
@pytest.mark.parametrize(
    "page", [page for page in DOCS if "```console" in page.read_text("utf-8")], ids=lambda p: p.name
)
def test_a_page_says_what_its_commands_say(page: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(ROOT / "example_dataset_broken/images", project / "datasets/images")
    for name in ("train.csv", "val.csv"):
        shutil.copy(ROOT / "example_dataset_broken" / name, project / "datasets")
    env = environment(tmp_path / "home", COLUMNS="100", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", LC_ALL="C.UTF-8")
    env |= {"PYTEST_PLUGINS": "pytest_clipdata.plugin", "PATH": f"{_commands(tmp_path)}{os.pathsep}{env['PATH']}"}
    text = page.read_text("utf-8")
    shown = []
    for block in _BLOCK.findall(text):
        commands = [line for line in block.splitlines() if line.startswith("$ ")]
        said = "".join(f"{line}\n{_said(line[2:], project, env)}" for line in commands)
        shown.append((block, said))
    if os.environ.get("CLIPDATA_DOCS") == "write":
        for block, said in shown:
            text = text.replace(f"```console\n{block}", f"```console\n{said}", 1)
        page.write_text(text, "utf-8")
    assert [block for block, _ in shown] == [said for _, said in shown] or os.environ.get("CLIPDATA_DOCS") == "write"


def _commands(folder: Path) -> Path:
    """A folder with the commands ``pytest`` and ``clipdata``, of this Python."""
    place = folder / "bin"
    place.mkdir()
    for name, module in (("pytest", "pytest"), ("clipdata", "pytest_clipdata.cli")):
        main = "pytest.console_main" if name == "pytest" else "__import__('pytest_clipdata.cli').cli.main"
        script = place / name
        script.write_text(f"#!{sys.executable}\nimport sys, {module}\nsys.exit({main}())\n", "utf-8")
        script.chmod(0o755)
    return place


def _said(command: str, project: Path, env: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", command], cwd=project, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return "".join(f"{line.rstrip()}\n" for line in _SECONDS.sub("0.00s", done.stdout).splitlines())


def test_every_option_that_is_shown_is_one() -> None:
    """Also in the commands that no test can run: those of a CI, of an accelerator, of a hub."""
    import argparse

    parser = argparse.ArgumentParser(add_help=False)
    add_options(parser.add_argument)
    known = {name for action in parser._actions for name in action.option_strings}
    known |= {"--staged", "--text-only", "--clip"}
    used = {name for page in DOCS for name in re.findall(r"--clip-[a-z-]+[a-z]", page.read_text("utf-8"))}
    assert used - known == set()


def test_every_subcommand_that_is_shown_is_one() -> None:
    text = "\n".join(page.read_text("utf-8") for page in DOCS)
    lines = re.findall(r"^ {4}(clipdata .*)$", text, re.MULTILINE) + re.findall(
        r"^\$ (clipdata .*)$", text, re.MULTILINE
    )
    shown = {shlex.split(line, comments=True)[1] for line in lines}
    helped = subprocess.run(
        [sys.executable, "-c", "from pytest_clipdata.cli import main; main(['--help'])"],
        capture_output=True, text=True, check=True, cwd=ROOT,
    ).stdout  # fmt: skip
    assert shown
    assert [command for command in shown if not re.search(rf"\b{command}\b", helped)] == []
