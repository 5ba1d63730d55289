"""The documentation becomes a site without a warning, and every check has a manual page with all of its sections."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from pytest_clipdata.checks.registry import REGISTRY

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


@pytest.fixture(scope="module")
def pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pages", DOCS / "pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["pages"] = importlib.util.module_from_spec(spec)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("check_id", REGISTRY)
def test_a_manual_page_has_every_section(pages: ModuleType, check_id: str) -> None:
    """What it does, why it is bad in training with a source, an example, how to fix it."""
    manual = pages.manual_of(REGISTRY[check_id].manual)
    assert manual.summary == REGISTRY[check_id].summary
    assert min(len(part) for part in (manual.what, manual.why, manual.fix)) > 40
    page = pages.check_page(REGISTRY[check_id])
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert headings == [
        "## What it does",
        "## Why it is bad in training",
        "## Example",
        "## How to fix it",
        "## Settings",
    ]
    assert all(f"`{check_id}.{name}`" in page for name in ("severity", *REGISTRY[check_id].options))


@pytest.mark.parametrize(
    ("lost", "words"),
    [
        ("Why: ", "no section Why:"),
        ("Fix: ", "no section Fix:"),
        ("Good::", "no section Good::"),
        ("2022", "no source"),
    ],
)
def test_a_section_that_is_missing_is_named(pages: ModuleType, lost: str, words: str) -> None:
    manual = str(REGISTRY["duplicate_rows"].manual)
    assert lost in manual
    with pytest.raises(ValueError, match=words):
        pages.manual_of(manual.replace(lost, ""))


def test_every_page_can_be_reached() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    assert [page.stem for page in DOCS.glob("*.md") if page.stem != "index" and f"\n{page.stem}\n" not in index] == []


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    pytest.importorskip("myst_parser")
    pytest.importorskip("furo")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", str(DOCS), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "How to fix it" in (tmp_path / "generated/checks/resolution.html").read_text("utf-8")
    assert "price_range" in (tmp_path / "extending.html").read_text("utf-8")
