"""Packages with checks of their own, as pip would leave them: the worked example of examples/, and small ones."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "clipdata-shop"


def install(folder: Path, name: str, entry: str, version: str = "0.1.0") -> Path:
    """The metadata of the package ``name`` in ``folder``, whose entry point is ``entry``; the folder, for sys.path."""
    metadata = folder / f"{name.replace('-', '_')}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (metadata / "entry_points.txt").write_text(f"[pytest_clipdata]\n{entry}\n")
    return folder


def install_module(folder: Path, name: str, source: str, entry: str = "CHECKS") -> Path:
    """A package of one module whose ``entry`` is what it gives."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(source, "utf-8")
    return install(folder, name, f"mine = {name}:{entry}")


def install_example(folder: Path, version: str | None = None) -> Path:
    """The worked example, as its own pyproject.toml declares it."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text("utf-8"))["project"]
    ((name, value),) = project["entry-points"]["pytest_clipdata"].items()
    shutil.copytree(EXAMPLE / "clipdata_shop", folder / "clipdata_shop")
    return install(folder, project["name"], f"{name} = {value}", version or project["version"])
