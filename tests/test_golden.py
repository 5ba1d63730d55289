"""The golden net: every output of the tool is what it was.

``CLIPDATA_GOLDEN=write python -m pytest tests/test_golden.py`` writes the frozen files in ``tests/golden`` anew; the
diff of that commit then shows what users will see changed.
"""

from __future__ import annotations

import difflib
import os
import shutil
from pathlib import Path

import pytest
from golden import runs

GOLDEN = Path(__file__).parent / "golden"
WRITE = os.environ.get("CLIPDATA_GOLDEN") == "write"
#: A diff longer than this is cut.
LINES = 120


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden") / "project"
    folder.mkdir()
    runs.prepare(folder)
    return folder


def frozen(name: str) -> dict[str, str]:
    files = (path for path in (GOLDEN / name).rglob("*") if path.is_file())
    return {path.relative_to(GOLDEN / name).as_posix(): path.read_bytes().decode() for path in files}


def write(name: str, files: dict[str, str]) -> None:
    shutil.rmtree(GOLDEN / name, ignore_errors=True)
    for file, text in files.items():
        path = GOLDEN / name / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def difference(name: str, before: dict[str, str], after: dict[str, str]) -> str:
    """A unified diff of all files, empty if there is none."""
    lines: list[str] = []
    for file in sorted({*before, *after}):
        old, new = (side.get(file, "").splitlines() for side in (before, after))
        lines += difflib.unified_diff(old, new, f"frozen/{name}/{file}", f"now/{name}/{file}", "", "", 1, "")
        if not lines and before.get(file) != after.get(file):
            lines.append(f"{name}/{file}: differs in its line ends, or is there on one side only")
    cut = [f"... {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    return "\n".join(lines[:LINES] + cut)


@pytest.mark.parametrize("name", runs.CASES)
def test_every_output_is_what_it_was(name: str, project: Path) -> None:
    case = runs.CASES[name]
    for module in case.needs:
        pytest.importorskip(module)
    if name == "two" and not (project / "part.json").exists():
        runs.outputs(project, "two_first")  # the baseline that is in force
    now = runs.outputs(project, name)
    if case.like is not None:
        # In two workers only the progress in the terminal is other; what is frozen is the run in one process.
        del now["terminal.txt"]
        before = frozen(case.like)
        del before["terminal.txt"]
    elif WRITE:
        write(name, now)
        return
    else:
        before = frozen(name)
    if told := difference(case.like or name, before, now):
        pytest.fail(f"{told}\n\nIf this is meant: CLIPDATA_GOLDEN=write python -m pytest {Path(__file__).name}", False)
