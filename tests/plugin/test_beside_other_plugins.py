"""Beside the plugins that projects have: the same outcomes, alone with each and with all of them together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from helpers.projects import append, environment, run, settled, write_dataset

#: The modules of each plugin, and options that make it do its work.
PLUGINS = {
    "xdist": (["xdist"], ["-n", "2"]),
    "randomly": (["pytest_randomly"], []),
    "timeout": (["pytest_timeout"], ["--timeout", "60"]),
    "html": (["pytest_metadata.plugin", "pytest_html.plugin"], ["--html", "page.html", "--self-contained-html"]),
    "cov": (["pytest_cov.plugin"], ["--cov", ".", "--cov-report", "xml"]),
}
#: 25 checks of two CSVs and three tests of the project's own.
EXPECTED = {"failed": 1, "passed": 46, "skipped": 6, "warning": 1}
#: Users' own tests run beside the items, with the fixture and without.
OWN = """
import pytest

def test_plain(): pass

def test_facts(clip_dataset):
    assert set(clip_dataset.facts["split"]) == {clip_dataset.split}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("beside") / "project"
    write_dataset(project / "datasets", train=2, val=1)
    append(project / "datasets/train.csv", ("images/train0.jpg", "This one has a wrong label", "macth"))
    (project / "test_own.py").write_text(OWN)
    (project / "pytest.ini").write_text("[pytest]\nfilterwarnings =\n    error\n    default::pytest.PytestWarning\n")
    settled(project)
    return project


@pytest.mark.parametrize("names", [*([name] for name in PLUGINS), list(PLUGINS)], ids="+".join)
def test_the_outcomes_are_the_same(names: list[str], project: Path) -> None:
    modules = [module for name in names for module in PLUGINS[name][0]]
    for module in modules:
        pytest.importorskip(module.split(".")[0])
    loaded = [part for module in ["pytest_clipdata.plugin", *modules] for part in ("-p", module)]
    options = [option for name in names for option in PLUGINS[name][1]]
    done = run(
        "-m", "pytest", "--disable-plugin-autoload", *loaded, *options, "test_own.py", "--clip-dataset", "datasets",
        "--clip-smoke", "off", cwd=project, env=environment(project.parent / "home"),
    )  # fmt: skip
    counts = re.findall(r"(\d+) ([a-z]+)", done.stdout.strip().splitlines()[-1].split(" in ")[0])
    assert {word.removesuffix("s"): int(count) for count, word in counts} == EXPECTED, done.stdout + done.stderr
    assert done.returncode == 1
    assert "datasets/train.csv:6: labels: 'macth' is not a label; did you mean 'match'?" in done.stdout
    assert done.stdout.count("[gw") <= 1
    if "html" in names:
        page = (project / "page.html").read_text(encoding="utf-8")
        assert "datasets/train.csv:6: labels:" in page
    if "cov" in names:
        assert 'filename="test_own.py"' in (project / "coverage.xml").read_text(encoding="utf-8")
