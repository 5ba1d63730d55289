"""How the documentation becomes a site: ``sphinx-build -W -b html docs OUT``."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import pages  # noqa: E402

import pytest_clipdata  # noqa: E402

pages.write_all(HERE / "generated")

project = "pytest-clipdata"
author = "The pytest-clipdata developers"
copyright = author  # noqa: A001 - Sphinx reads this name
version = release = pytest_clipdata.__version__
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = f"pytest-clipdata {release}"
