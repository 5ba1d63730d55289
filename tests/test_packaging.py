"""The package says of itself what is true: licences, citation, and what is in the files that are released."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

import pytest_clipdata

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "licences.md").read_text("utf-8")


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    spec = importlib.util.spec_from_file_location("licences", ROOT / "docs" / "licences.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_dependency_is_listed_with_its_licence(licences: ModuleType) -> None:
    """Not every extra, nor every dependency of every system, is installed here: what is must be there."""
    listed = dict(re.findall(r"^\| ([a-z0-9-]+) \| (.+?) \| ", PAGE, re.MULTILINE))
    here = {name: licences.licence(name) for name in licences.needed()}
    assert {"numpy", "pandas", "pillow", "great-expectations", "pytest"} <= here.keys()
    assert {name: told for name, told in here.items() if listed.get(name) != told} == {}, "python docs/licences.py"
    assert "not told" not in listed.values()


def test_no_dependency_is_under_a_licence_that_binds_who_uses_us() -> None:
    strong = re.compile(r"\bA?GPL|\bSSPL|Commercial|Proprietary", re.IGNORECASE)
    assert [line for line in PAGE.splitlines() if line.startswith("| ") and strong.search(line)] == []


def test_what_is_cited_is_this_version() -> None:
    yaml = pytest.importorskip("yaml")
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert (cited["version"], cited["license"]) == (pytest_clipdata.__version__, project["license"])
    if importlib.util.find_spec("check_jsonschema") is not None:
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.citation-file-format"]
        done = subprocess.run([*command, ROOT / "CITATION.cff"], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_the_wheel_holds_the_package_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0].split("-")[0] for name in names} == {"pytest_clipdata"}
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "pytest_clipdata").rglob("*") if path.is_file()}
    assert {name for name in ours if "__pycache__" not in name} <= set(names)
    assert "pytest_clipdata/py.typed" in names
    (points,) = (name for name in names if name.endswith("entry_points.txt"))
    text = zipfile.ZipFile(wheel).read(points).decode()
    assert "[pytest11]\nclipdata = pytest_clipdata.plugin" in text
    assert "clipdata = pytest_clipdata.cli" in text


def test_the_sdist_holds_what_a_distributor_tests_with(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    wanted = ["README.md", "CHANGELOG.md", "LICENSE", "CITATION.cff", "constraints.txt", "action.yml"]
    wanted += [
        "tests/conftest.py",
        "docs/extending.md",
        "examples/clipdata-shop/pyproject.toml",
        "example_dataset/train.csv",
    ]
    assert [name for name in wanted if name not in names] == []
    assert not any(part in name.split("/") for name in names for part in (".ci", ".venv", "__pycache__"))


def test_the_page_on_the_index_renders(built: Path) -> None:
    pytest.importorskip("twine")
    command = [sys.executable, "-m", "twine", "check", "--strict", *map(str, built.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
