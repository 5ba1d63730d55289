"""Paths are worded in one place, which stands two drives of Windows."""

from __future__ import annotations

import ast
import ntpath
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from helpers.projects import ROOT, clipdata, environment, pytest_clip, write_dataset

from pytest_clipdata.reading import seen_from as module
from pytest_clipdata.reading.seen_from import seen_from


def test_a_path_is_seen_from_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert seen_from(tmp_path / "a/b.csv") == "a/b.csv"
    assert seen_from(tmp_path / "b.csv", tmp_path / "a") == "../b.csv"
    assert seen_from(tmp_path, tmp_path) == "."


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        (r"C:\proj\data\train.csv", "data/train.csv"),
        (r"c:\PROJ\data\train.csv", "data/train.csv"),
        (r"D:\data\train.csv", "D:/data/train.csv"),
        (r"\\server\share\train.csv", "//server/share/train.csv"),
    ],
)
def test_another_drive_gives_the_whole_path(path: str, seen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "os", SimpleNamespace(path=ntpath, sep="\\", curdir="."))
    assert seen_from(path, r"C:\proj") == seen


def test_nobody_else_asks_for_relative_paths() -> None:
    for file in (ROOT / "pytest_clipdata").rglob("*.py"):
        if file.name == "seen_from.py" or file.parent.name == "fixing":  # the second compares a path with its own root
            continue
        names = [node.attr for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Attribute)]
        assert "relpath" not in names, f"{file}: use seen_from, which stands two drives"


#: A plugin under which what lies in a folder named ``drive`` is on another drive than all else.
_DRIVES = """
import os

real = os.path.relpath

def relpath(path, start=os.curdir):
    if ("/drive" in os.path.abspath(path)) != ("/drive" in os.path.abspath(start)):
        raise ValueError("path is on mount 'D:', start on mount 'C:'")
    return real(path, start)

os.path.relpath = relpath
"""


@pytest.mark.parametrize("outputs", [(), ("--clip-report=out", "--clip-quarantine=clean", "--junitxml=junit.xml")])
def test_a_run_over_a_dataset_on_another_drive(tmp_path: Path, outputs: tuple[str, ...]) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "drives.py").write_text(_DRIVES)
    data = write_dataset(tmp_path / "drive/datasets")
    with (data / "train.csv").open("a") as csv:
        csv.write("images/gone.jpg,A wide photo of nothing at all,match\n")
    done = pytest_clip("-p", "drives", *outputs, cwd=here, dataset=str(data))
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{data.as_posix()}/train.csv:10: paths: " in done.stdout
    assert "INTERNALERROR" not in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    if outputs:
        assert (here / "out/report.html").is_file()
        cleaned = list((here / "clean").rglob("clean/train.csv"))
        assert len(cleaned) == 1
        assert f'image_root = "{data.as_posix()}"' in (cleaned[0].parent / "clipdata.toml").read_text()


def test_the_command_over_a_dataset_on_another_drive(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "sitecustomize.py").write_text(_DRIVES)
    data = write_dataset(tmp_path / "drive/datasets")
    paths = os.pathsep.join([str(here), str(ROOT)])
    done = clipdata("suite", data, cwd=here, env=environment(tmp_path / "home") | {"PYTHONPATH": paths})
    assert done.returncode == 0, done.stderr
    assert f'"{data.as_posix()}/train.csv"' in done.stdout
    done = clipdata("settings", data, cwd=here, env=environment(tmp_path / "home") | {"PYTHONPATH": paths})
    assert done.returncode == 0, done.stderr
    assert f"# {data.as_posix()}: no settings file" in done.stdout
