"""The runs whose outputs are frozen: one folder of text files for each, without what differs from machine to machine.

Everything is started as a user starts it, ``python -m pytest`` in a process of its own, so that no change inside of
the package can change what this module does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from golden import messy, plain

ROOT = messy.ROOT
GITHUB = {"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": "summary.md"}
OUTPUTS = ("--clip-report=report", "--junitxml=junit.xml")


@dataclass(frozen=True)
class Case:
    """One run: what it tests, with which options, and in which environment. ``needs`` names modules it can't do
    without; ``like`` the case whose reports it must repeat byte for byte."""

    dataset: str
    arguments: tuple[str, ...]
    env: Mapping[str, str]
    returncode: int = 1
    needs: tuple[str, ...] = ()
    like: str | None = None


CASES = {
    "example": Case(
        "example_dataset",
        (*OUTPUTS, "--clip-smoke=cpu", "--clip-quarantine=quarantine", "--clip-strict"),
        GITHUB,
        returncode=0,
        needs=("torch", "transformers"),
    ),
    "broken": Case("example_dataset_broken", (*OUTPUTS, "--clip-smoke=off", "--clip-quarantine=quarantine"), GITHUB),
    "two_first": Case(
        "two", ("--clip-smoke=off", "--clip-baseline=known.json", "--clip-write-baseline"), {}, returncode=0
    ),
    "two": Case(
        "two",
        (*OUTPUTS, "--clip-smoke=off", "--clip-baseline=part.json", "--clip-quarantine=quarantine"),
        GITHUB,
    ),
    "three": Case(
        "three",
        (*OUTPUTS, "--clip-smoke=off", "-v", "--clip-strict", "--clip-confine", "--clip-set=resolution.min_side=233",
         "--clip-quarantine=quarantine"),
        {},
    ),
    "three_n2": Case(
        "three",
        (*OUTPUTS, "--clip-smoke=off", "-n2", "-p", "xdist", "--clip-strict", "--clip-confine",
         "--clip-set=resolution.min_side=233", "--clip-quarantine=quarantine"),
        {},
        like="three",
    ),
}  # fmt: skip


def prepare(project: Path) -> None:
    """Write all datasets into ``project``."""
    for name in ("example_dataset", "example_dataset_broken"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    messy.two_splits(project / "two")
    messy.three_splits(project / "three")


def outputs(project: Path, name: str) -> dict[str, str]:
    """Run one case and return everything it leaves behind as readable text, by the name of its frozen file."""
    case = CASES[name]
    _clear(project)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--disable-plugin-autoload", "-p", "clipdata", "-p", "no:cacheprovider",
         "--clip-workers=1", "--clip-dataset", case.dataset, *case.arguments],
        cwd=project, env=_environment(project.parent / "home", case.env), capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == case.returncode, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    clean = plain.without_machine(project)
    left = {"terminal.txt": plain.terminal(clean(done.stdout)) + plain.section("stderr", clean(done.stderr))}
    readers: dict[str, Callable[[Path], str]] = {
        "summary.md": lambda path: path.read_text("utf-8"),
        "junit.xml": plain.junit,
        "known.json": lambda path: path.read_text("utf-8"),
        "quarantine": plain.quarantine,
        "report": lambda path: "",
    }
    for output, read in readers.items():
        if (project / output).exists():
            text = clean(read(project / output))
            left |= {"quarantine.txt" if output == "quarantine" else output: text} if text else {}
    if (project / "report").exists():
        left |= {file: clean(text) for file, text in plain.reports(project / "report").items()}
    if name == "two_first":  # a part of its baseline, and an entry whose finding is gone, is in force in ``two``
        (project / "part.json").write_text(plain.partial_baseline(project / "known.json"), encoding="utf-8")
    return left


def _clear(project: Path) -> None:
    """Remove what an earlier run wrote."""
    for output in ("summary.md", "junit.xml", "known.json"):
        (project / output).unlink(missing_ok=True)
    for folder in ("report", "quarantine"):
        shutil.rmtree(project / folder, ignore_errors=True)


def _environment(home: Path, more: Mapping[str, str]) -> dict[str, str]:
    home.mkdir(exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TMPDIR", "PYTHONHASHSEED") if name in os.environ}
    paths = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**kept, "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "PYTHONPATH": paths, "COLUMNS": "120",
            "PYTHONUTF8": "1", "SOURCE_DATE_EPOCH": "1767225600", **more}  # fmt: skip
