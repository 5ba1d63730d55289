"""One run over one dataset: an answer never depends on what was asked before it."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest
from helpers.drawn import encoded, photo
from helpers.tools import BLUE, RED, open_run, write

from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.facts import Needs
from pytest_clipdata.findings import Outcome

#: One check of each depth, and one that finds nothing to judge.
CHECKS = ("word_count", "paths", "resolution", "decodable", "duplicate_images")
ROWS = [("a.jpg", RED, "match"), ("copy.jpg", "short", "match"), ("gone.jpg", BLUE, "mismatch"), ("bad.jpg", BLUE, "?")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    picture = encoded(photo(1, (96, 96)))
    write(tmp_path, {"train.csv": ROWS}, {"a.jpg": picture, "copy.jpg": picture, "bad.jpg": picture[:99]})
    return tmp_path


def alone(folder: Path, check: str) -> str:
    return open_run(folder).result("train.csv", check).dumps()


def test_every_order_of_asking_gives_the_same_answers(folder: Path) -> None:
    expected = {check: alone(folder, check) for check in CHECKS}
    for order in (*permutations(CHECKS, 2), CHECKS, CHECKS[::-1]):
        run = open_run(folder)
        for check in order:
            assert run.result("train.csv", check).dumps() == expected[check], order


@pytest.mark.parametrize("wanted", [("word_count",), ("word_count", "duplicate_images"), CHECKS])
def test_what_is_wanted_together_changes_no_answer(folder: Path, wanted: tuple[str, ...]) -> None:
    run = open_run(folder)
    for check in wanted:
        run.want("train.csv", check)
    assert {check: run.result("train.csv", check).dumps() for check in CHECKS} == {
        check: alone(folder, check) for check in CHECKS
    }


def test_a_check_that_nobody_announced_is_judged_not_skipped(folder: Path) -> None:
    run = open_run(folder)
    assert run.result("train.csv", "word_count").outcome is Outcome.FAILED
    assert run.result("train.csv", "resolution").outcome is Outcome.FAILED


def test_why_nothing_was_judged_is_the_same_in_a_run_of_all_checks(tmp_path: Path) -> None:
    write(tmp_path, {"train.csv": [("gone.jpg", "", "?"), ("", "", ""), ("bad.jpg", "", "?")]}, {"bad.jpg": b"no"})
    run = open_run(tmp_path)
    for check in run.check_ids():
        run.want("train.csv", check)
    for check in run.check_ids():
        assert run.result("train.csv", check).dumps() == alone(tmp_path, check)


def test_a_table_shows_what_was_asked_for_whatever_was_measured(folder: Path) -> None:
    run = open_run(folder)
    whole = run.table("train.csv", Needs.SIMILARITY).frame
    for needs in reversed(Needs):
        frame = open_run(folder).table("train.csv", needs).frame
        assert run.engine.table("train.csv", needs).frame.equals(frame)
        shown = [name for name in frame if frame[name].notna().any()]
        assert frame[shown].equals(whole[shown])


def test_the_checks_of_the_order_test_differ_in_depth() -> None:
    assert [REGISTRY[check].needs for check in CHECKS] == list(Needs)
