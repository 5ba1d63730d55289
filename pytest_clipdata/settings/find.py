"""Which file holds the settings of a dataset: it is found by where the data lies, not by where one stands."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pytest_clipdata.settings.declared import SettingsError
from pytest_clipdata.settings.toml import plain, read_toml

_NAME = "clipdata.toml"
#: What marks the root of a repository.
_REPOSITORY = (".git", ".hg")


def folders_above(folder: Path, root: Path, top: Path, *, bounded: bool) -> list[Path]:
    """The folders in which the settings of a source in ``folder`` may lie, the nearest first.

    They go from ``folder`` up to the dataset's ``root``, then up to ``top`` (pytest's rootdir) if the dataset lies
    under it. If it does not, or if no configuration file makes ``top`` the border of a project (not ``bounded``), they
    go on to the root of the dataset's repository or the home folder, and never into a folder that belongs to another
    owner or that anybody may write to: what lies there is somebody else's word. A dataset that is reached through a
    symbolic link is searched where it seems to be and then where it is.
    """
    found: dict[Path, None] = {}
    for start, end, above in ((folder, root, top), (folder.resolve(), root.resolve(), top.resolve())):
        up_to_root = [place for place in (start, *start.parents) if place.is_relative_to(end)] or [start]
        found |= dict.fromkeys(up_to_root)
        if end.is_relative_to(above):
            found |= dict.fromkeys(place for place in (end, *end.parents) if place.is_relative_to(above))
        if not (end.is_relative_to(above) and bounded):
            found |= dict.fromkeys(climb(end))
    return list(found)


def climb(folder: Path) -> Iterator[Path]:
    """``folder`` and those above it, up to the root of its repository or the home folder, of the same owner."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is none
    try:
        owner = folder.stat().st_uid
        while True:
            yield folder
            ends = folder in (home, folder.parent) or any(os.path.lexists(folder / mark) for mark in _REPOSITORY)
            if ends:
                return
            folder = folder.parent
            there = folder.stat()
            if there.st_uid != owner or there.st_mode & stat.S_IWOTH:
                return
    except OSError:  # a folder that cannot be looked into holds nothing for us
        return


def find_settings_file(folders: Iterable[Path], projects: Iterable[Path] = ()) -> Path | None:
    """The nearest ``clipdata.toml`` of ``folders``, else the nearest ``pyproject.toml`` of them with our table, else
    that of ``projects``, which count for data elsewhere too.

    Raises SettingsError for a file that is there and cannot be read, and for one whose name nearly is that of ours:
    it would be left out without a word.
    """
    folders = list(folders)
    for folder in folders:
        if os.path.lexists(folder / _NAME):
            return folder / _NAME
        _refuse_near_names(folder)
    for folder in dict.fromkeys([*folders, *projects]):
        pyproject = folder / "pyproject.toml"
        if os.path.lexists(pyproject) and our_table(pyproject) is not None:
            return pyproject
    return None


def our_table(pyproject: Path) -> Any:
    """``[tool.clipdata]`` of a ``pyproject.toml``, None if it has none. Raises SettingsError."""
    record = read_toml(pyproject)
    tool = record.get("tool", {})
    tool = tool if isinstance(tool, Mapping) else {}
    near = [f"[tool.{name}]" for name in tool if name != "clipdata" and _is_near(name, "clipdata")]
    near += [f"[{name}]" for name in record if _is_near(name, "clipdata")]
    if near:
        raise SettingsError(f"{plain(pyproject)}: settings stand in [tool.clipdata], not in {plain(near[0])}")
    return tool.get("clipdata")


def _refuse_near_names(folder: Path) -> None:
    try:
        names = sorted(os.listdir(folder))  # noqa: PTH208 - a folder may hold a million pictures
    except OSError:
        return
    for name in names:
        if len(name) < 24 and name[-4:].casefold() in ("toml", ".txt", ".tml") and _is_near(name, _NAME):
            raise SettingsError(f"{plain(folder / name)}: settings are read from a file named {_NAME}; rename it")


def _is_near(name: str, ours: str) -> bool:
    """Whether a name is ours but for case, separators, the word pytest, a ``.txt`` at its end or a slip."""
    folded = re.sub(r"^pytest|[-_ ]|\.txt$|^\.", "", name.casefold())
    return folded == ours or bool(get_close_matches(folded, [ours], cutoff=0.9))
