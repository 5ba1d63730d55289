"""The action, the hooks and the recipes of docs/ci.md are what GitHub, GitLab, pre-commit and DVC read."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_clipdata.reading.kinds import concerns_data
from pytest_clipdata.reading.readers import READERS, SHARDED

ROOT = Path(__file__).parent.parent


def blocks() -> dict[str, str]:
    """The YAML blocks of docs/ci.md that name a file in their first line."""
    found = re.findall(r"```yaml\n# (\S+)\n(.*?)```", (ROOT / "docs" / "ci.md").read_text("utf-8"), re.DOTALL)
    return dict(found)


def validate(schema: str, path: Path) -> str:
    if importlib.util.find_spec("check_jsonschema") is None:
        pytest.skip("check-jsonschema is not installed")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_the_action_is_valid() -> None:
    assert validate("github-actions", ROOT / "action.yml") == ""


@pytest.mark.parametrize(
    ("name", "schema"), [(".github/workflows/data.yml", "github-workflows"), (".gitlab-ci.yml", "gitlab-ci")]
)
def test_the_recipes_are_valid(name: str, schema: str, tmp_path: Path) -> None:
    path = tmp_path / Path(name).name
    path.write_text(blocks()[name], "utf-8")
    assert validate(schema, path) == ""


def test_the_checker_would_see_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "action.yml"
    path.write_text((ROOT / "action.yml").read_text("utf-8").replace("using: composite", "using: compost"), "utf-8")
    assert validate("github-actions", path) != ""


def test_no_input_is_pasted_into_a_script() -> None:
    """What a workflow passes reaches a shell through the environment only."""
    scripts = re.findall(r"run: (?:\|\n((?:        .*\n)+)|(.*)\n)", (ROOT / "action.yml").read_text("utf-8"))
    assert len(scripts) == 2
    assert "${{" not in "".join(block + line for block, line in scripts)


def test_the_hooks_name_what_there_is() -> None:
    yaml = pytest.importorskip("yaml")
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    assert set(hooks) == {"clip-dataset", "clip-dataset-text"}
    assert all(hook["language"] == "python" and hook["require_serial"] for hook in hooks.values())
    # pre-commit hands on no deleted file: the hooks must run at every commit and look for themselves.
    assert all(hook["always_run"] and not hook["pass_filenames"] and "files" not in hook for hook in hooks.values())
    assert hooks["clip-dataset"]["entry"] == "clipdata check --staged"
    assert hooks["clip-dataset-text"]["entry"] == "clipdata check --staged --text-only"


def test_the_hooks_look_at_every_source() -> None:
    """The hook tells files apart without importing the readers."""
    endings = (*READERS, *SHARDED)
    names = [f"train{end}" if end[0] == "." else end.replace("*", "train").replace("#", "shirt") for end in endings]
    assert [name for name in names if not concerns_data(name) or not concerns_data(name.upper())] == []
    assert all(concerns_data(name) for name in ("a.JPEG", "a.tif", "clipdata.toml"))
    assert not any(concerns_data(name) for name in ("train.csv.py", "README", "pyproject.toml"))
