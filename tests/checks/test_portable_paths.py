from __future__ import annotations

from pathlib import Path

import pytest
from helpers.drawn import encoded, photo
from helpers.tools import RED, finds, judge, open_run, passes, places, skips, write

FILES = {"images/a.jpg": encoded(photo(1))}


def rows(*paths: str) -> list[tuple[str, str, str]]:
    return [(path, RED, "match") for path in paths]


def test_a_plain_relative_path_passes() -> None:
    passes(rows("images/a.jpg", "./images/a.jpg"), "portable_paths", files=FILES)


def test_a_backslash_is_found() -> None:
    results = finds(rows("images/a.jpg", "images\\a.jpg"), "portable_paths", {3: BACKSLASH}, files=FILES)
    assert str(results["train.csv"].outcome) == "warned"


BACKSLASH = "images\\a.jpg is written with backslashes"


@pytest.mark.posix
def test_absolute_outside_and_symlink(tmp_path: Path) -> None:
    inside = tmp_path / "data"
    links = rows("images/a.jpg", str(inside / "images/a.jpg"), "../other/b.jpg", "images/link.jpg")
    write(inside, {"train.csv": links}, FILES)
    write(tmp_path, {}, {"other/b.jpg": encoded(photo(2))})
    (inside / "images/link.jpg").symlink_to(tmp_path / "other/b.jpg")
    found = places([open_run(inside).result("train.csv", "portable_paths")])
    assert found == {
        "train.csv:3": f"{inside}/images/a.jpg is an absolute path; is images/a.jpg under the image root",
        "train.csv:4": "../other/b.jpg climbs out of the image root",
        "train.csv:5": "images/link.jpg leads out of the image root by a symbolic link",
    }


def test_confined_they_are_findings_of_paths(tmp_path: Path) -> None:
    inside = tmp_path / "data"
    write(inside, {"train.csv": rows("images/a.jpg", "../b.jpg")}, FILES)
    write(tmp_path, {}, {"b.jpg": encoded(photo(2))})
    run = open_run(inside, confine=True)
    assert places([run.result("train.csv", "paths")]) == {"train.csv:3": "../b.jpg is outside the image root"}
    assert places([run.result("train.csv", "portable_paths")]) == {}


def test_a_missing_file_is_not_judged() -> None:
    skips(rows("/nowhere/b.jpg"), "portable_paths", "no row could be judged: paths reports 1")
    assert judge(rows("/nowhere/b.jpg", "images/a.jpg"), "portable_paths", files=FILES)["train.csv"].evaluated == 1
