"""Settings are found by the dataset: whatever the layout, the place one stands in, and the way of writing the option."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.projects import environment
from helpers.tools import RED, write

from pytest_clipdata import cli
from pytest_clipdata.settings.declared import SettingsError
from pytest_clipdata.settings.find import climb, find_settings_file, folders_above
from pytest_clipdata.settings.toml import read_toml

CSV = [("a.jpg", RED, "match")]
#: A key that is not there: a run that reads the file ends at once and names it.
WRONG = "[resolution]\nmin_sid = 3\n"
LAYOUTS = {
    "flat": ["train.csv", "val.csv"],
    "split folders": ["train/data.csv", "val/data.csv"],
    "one source": ["deep/er/train.csv"],
}
FILES = {
    "dataset root": ("sets/clipdata.toml", WRONG),
    "project root": ("clipdata.toml", WRONG),
    "pyproject": ("pyproject.toml", "[tool.clipdata.resolution]\nmin_sid = 3\n"),
}
PLACES = {"project root": ".", "dataset": "sets", "beside": "src", "elsewhere": "../away"}
WAYS: dict[str, Callable[[str], list[str]]] = {
    "with a space": lambda path: ["--clip-dataset", path],
    "with an equals sign": lambda path: [f"--clip-dataset={path}"],
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("away", "proj/src", "proj/sets"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path / "proj"


@pytest.mark.parametrize("absolute", [False, True], ids=["relative", "absolute"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_file_is_in_force_everywhere(
    project: Path, layout: str, file: str, place: str, absolute: bool, monkeypatch: pytest.MonkeyPatch, capfd
) -> None:
    write(project / "sets", dict.fromkeys(LAYOUTS[layout], CSV))
    name, content = FILES[file]
    (project / name).write_text(content)
    monkeypatch.chdir(project / PLACES[place])
    named = str(project / "sets") if absolute else os.path.relpath(project / "sets")
    calls = [lambda way=way: pytest.main(["-p", "no:cacheprovider", *way(named)]) for way in WAYS.values()]
    calls.append(lambda: cli.main(["check", named]))
    for call in calls:
        assert call() == pytest.ExitCode.USAGE_ERROR
        said = capfd.readouterr().err
        assert f"{project / name}: unknown key 'resolution.min_sid'" in said


def test_the_project_one_stands_in_serves_data_elsewhere(project: Path, monkeypatch, capfd) -> None:
    write(project.parent / "away", {"train.csv": CSV})
    (project / "pyproject.toml").write_text("[tool.clipdata.resolution]\nmin_sid = 3\n")
    away = str(project.parent / "away")
    for place, option in [(place, option) for place in (".", "src") for option in WAYS.values()]:
        monkeypatch.chdir(project / place)
        assert pytest.main(["-p", "no:cacheprovider", *option(away)]) == pytest.ExitCode.USAGE_ERROR
        assert "pyproject.toml: unknown key" in capfd.readouterr().err
    # The dataset's own comes first.
    (project.parent / "away" / "clipdata.toml").write_text("[labels]\nmach = 3\n")
    assert pytest.main(["-p", "no:cacheprovider", f"--clip-dataset={away}"]) == pytest.ExitCode.USAGE_ERROR
    assert "away/clipdata.toml: unknown key 'labels.mach'" in capfd.readouterr().err


def found(folder: Path, root: Path, top: Path, *, bounded: bool = True) -> Path | None:
    return find_settings_file(folders_above(folder, root, top, bounded=bounded), [top])


def test_the_nearest_file_is_found_up_to_the_rootdir(tmp_path: Path) -> None:
    top = tmp_path / "top"
    folder = top / "data" / "sets"
    folder.mkdir(parents=True)
    (tmp_path / "clipdata.toml").touch()
    assert found(folder, folder, top) is None
    assert found(folder, folder, top, bounded=False) == tmp_path / "clipdata.toml"
    (top / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert found(folder, folder, top) is None
    (top / "pyproject.toml").write_text("[tool.clipdata.resolution]\nmin_side = 100\n")
    assert found(folder, folder, top) == top / "pyproject.toml"
    (top / "clipdata.toml").touch()
    assert found(folder, folder, top) == top / "clipdata.toml"
    (folder / "clipdata.toml").touch()
    assert found(folder, folder, top) == folder / "clipdata.toml"


def test_elsewhere_the_search_ends_at_the_repository_or_the_home_folder(tmp_path: Path, monkeypatch) -> None:
    data = tmp_path / "home" / "repo" / "data"
    data.mkdir(parents=True)
    away = tmp_path / "away"
    (tmp_path / "clipdata.toml").touch()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert found(data, data, away) is None
    (tmp_path / "home" / "clipdata.toml").touch()
    assert found(data, data, away) == tmp_path / "home" / "clipdata.toml"
    (tmp_path / "home" / "repo" / ".git").mkdir()
    assert found(data, data, away) is None


@pytest.mark.skipif(not hasattr(os, "chown") or os.getuid() != 0, reason="takes root to give folders away")
def test_a_folder_of_another_owner_is_never_entered(tmp_path: Path) -> None:
    data = tmp_path / "other" / "data"
    data.mkdir(parents=True)
    (tmp_path / "other" / "clipdata.toml").touch()
    os.chown(tmp_path / "other", 12345, 12345)
    assert list(climb(data)) == [data]
    os.chown(data, 12345, 12345)
    assert list(climb(data)) == [data, tmp_path / "other"]
    (tmp_path / "other").chmod(0o777)  # anybody may have put it there
    assert list(climb(data)) == [data]


@pytest.mark.posix
def test_a_linked_dataset_is_searched_where_it_seems_to_be_and_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "store" / "data").mkdir(parents=True)
    (tmp_path / "proj").mkdir()
    link = tmp_path / "proj" / "data"
    link.symlink_to(tmp_path / "store" / "data")
    (tmp_path / "store" / "clipdata.toml").touch()
    assert found(link, link, tmp_path / "proj") == tmp_path / "store" / "clipdata.toml"
    (tmp_path / "proj" / "clipdata.toml").touch()
    assert found(link, link, tmp_path / "proj") == tmp_path / "proj" / "clipdata.toml"


# --- a file that is there and cannot be read ------------------------------------------------------------

UNREADABLE = {
    "dangling": lambda path: path.symlink_to("gone.toml"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "folder": lambda path: path.mkdir(),
    "fifo": lambda path: os.mkfifo(path),
    "not UTF-8": lambda path: path.write_bytes(b"# caf\xe9\n"),
    "UTF-16": lambda path: path.write_text("[resolution]\n", encoding="utf-16"),
    "nested": lambda path: path.write_text("x = " + "[" * 3000 + "]" * 3000),
    "nested tables": lambda path: path.write_text("x." * 3000 + "y = 1\n"),
    "long integer": lambda path: path.write_text("[resolution]\nmin_side = " + "9" * 5000),
    "long hexadecimal integer": lambda path: path.write_text("[resolution]\nmin_side = 0x" + "f" * 5000),
    "infinite": lambda path: path.write_text("[aspect_ratio]\nmax = inf\n"),
    "no number": lambda path: path.write_text("[[expectations]]\nid='a'\ntype='expect_a'\nkwargs={min_value=nan}\n"),
    "huge": lambda path: path.write_text("#" * 2_000_000),
    "no TOML": lambda path: path.write_text("x = \n"),
    "control characters in a key": lambda path: path.write_text('"a\\u001b[31m\\u202e" = 3\n'),
    "a key without end": lambda path: path.write_text("k" * 100_000 + " = 3\n"),
}


@pytest.mark.parametrize("how", UNREADABLE)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path: Path, how: str) -> None:
    write(tmp_path, {"train.csv": CSV})
    UNREADABLE[how](tmp_path / "clipdata.toml")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--clip-dataset=."]
    run = subprocess.run(
        command, cwd=tmp_path, env=environment(tmp_path / "home"), capture_output=True, text=True, timeout=60
    )
    assert run.returncode == pytest.ExitCode.USAGE_ERROR, run.stdout + run.stderr
    (line,) = [line for line in run.stderr.splitlines() if line]
    assert line.startswith(f"ERROR: {tmp_path / 'clipdata.toml'}: ")
    assert len(line) < 900
    assert line.isprintable()


@pytest.mark.parametrize(
    "name", ["Clipdata.toml", "clipdata.toml.txt", "clip-data.toml", ".clipdata.toml", "clipdat.toml"]
)
def test_a_near_miss_of_the_name_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    with pytest.raises(SettingsError, match=r"settings are read from a file named clipdata\.toml; rename it"):
        find_settings_file([tmp_path])
    (tmp_path / "clipdata.toml").touch()
    assert find_settings_file([tmp_path]) == tmp_path / "clipdata.toml"


@pytest.mark.parametrize(
    "name", ["clipdata.toml~", "clipdata.toml.bak", "clips.toml", "clipdata.csv", "train.txt", "uv.toml"]
)
def test_another_name_is_none_of_ours(tmp_path: Path, name: str) -> None:
    (tmp_path / name).touch()
    assert find_settings_file([tmp_path]) is None


@pytest.mark.parametrize(
    "table", ["tool.clip-data", "tool.ClipData.resolution", "tool.pytest-clipdata", "tool.clip_data", "clipdata"]
)
def test_a_near_miss_of_the_table_is_said(tmp_path: Path, table: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[{table}]\nx = 1\n")
    with pytest.raises(SettingsError, match=r"settings stand in \[tool.clipdata\], not in"):
        find_settings_file([tmp_path])


@pytest.mark.parametrize("content", ["tool = 3", "[tool]\nclip = 3", "[tool.clip]\n[tool.pytest.ini_options]\n"])
def test_other_tables_are_none_of_ours(tmp_path: Path, content: str) -> None:
    (tmp_path / "pyproject.toml").write_text(content)
    assert find_settings_file([tmp_path]) is None


@pytest.mark.posix
def test_what_is_no_file_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pyproject.toml")
    with pytest.raises(SettingsError, match="is a named pipe, not a file"):
        read_toml(tmp_path / "pyproject.toml")
