"""What docs/extending.md shows is what the worked example is, and what Great Expectations does with a report."""

from __future__ import annotations

import ast
import json
import os
import re
from pathlib import Path

from helpers.plugins import EXAMPLE
from helpers.projects import pytest_clip, run, write_dataset

PAGE = (Path(__file__).parents[1] / "docs" / "extending.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_shows_the_example() -> None:
    shown = [block for block in BLOCKS if "great_expectations" not in block and "pytest_clipdata_checks" not in block]
    assert len(shown) == 3
    there = {ast.unparse(part) for path in EXAMPLE.rglob("*.py") for part in ast.parse(path.read_text("utf-8")).body}
    for block in shown:
        assert [ast.unparse(part) for part in ast.parse(block).body if ast.unparse(part) not in there] == []
    assert re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1] in (EXAMPLE / "pyproject.toml").read_text("utf-8")


def test_the_example_passes_its_own_tests_and_serves_a_conftest(tmp_path: Path) -> None:
    (conftest,) = (block for block in BLOCKS if "pytest_clipdata_checks" in block)
    write_dataset(tmp_path / "project" / "datasets", train=2, val=1)
    (tmp_path / "project" / "conftest.py").write_text(conftest, "utf-8")
    root = Path(__file__).parents[1]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(EXAMPLE)])}
    judged = pytest_clip("-k", "text_pictures", "-v", cwd=tmp_path / "project", env=env)
    assert "train.csv::text_pictures PASSED" in judged.stdout, judged.stdout
    tests = run(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", EXAMPLE / "tests", cwd=root, env=env
    )
    assert tests.returncode == 0, tests.stdout


def test_great_expectations_alone_judges_a_report_as_we_did(tmp_path: Path) -> None:
    (code,) = (block for block in BLOCKS if "great_expectations" in block)
    project = tmp_path / "project"
    write_dataset(project / "datasets", train=2, val=1)
    with (project / "datasets/train.csv").open("a", encoding="utf-8") as file:
        file.write("images/train0.jpg,Two words,match\n")
    pytest_clip("--clip-report=clip-report", cwd=project)
    (project / "judge.py").write_text(code, "utf-8")
    told = run("judge.py", cwd=project).stdout.splitlines()
    ours = json.loads((project / "clip-report/train.csv/validation.json").read_text("utf-8"))["results"]
    expected = [
        f"{answer['expectation_config']['meta']['clipdata']} {'holds' if answer['success'] else 'is broken'}"
        for answer in ours
    ]
    assert told == expected
    assert "word_count/0 is broken" in told
    assert "resolution/0 holds" in told


def test_ten_lines_are_ten_lines() -> None:
    (code,) = (block for block in BLOCKS if "great_expectations" in block)
    statements = [line for line in code.splitlines() if line and not line.startswith(("import", "from"))]
    assert len(statements) <= 10
