"""A reader sees places from the own folder, and only what the baseline doesn't know."""

from __future__ import annotations

from dataclasses import replace

import pytest
from helpers.values import finding, place, related

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Place, Severity
from pytest_clipdata.reports.view import View

LEAK = finding(
    "val.csv", 12, "leakage", Severity.CRITICAL, "image_path", "a.jpg", "a.jpg is b.jpg (train:a.csv:88), mirrored",
    "perceptual", "mirrored", [related("train:a.csv", 88, "b.jpg")],
)  # fmt: skip


@pytest.mark.parametrize(
    ("prefix", "shown"),
    [
        ("", "train:a.csv:17"),
        (".", "train:a.csv:17"),
        ("d", "d/train:a.csv:17"),
        ("d/e/", "d/e/train:a.csv:17"),
        ("-d", "./-d/train:a.csv:17"),
        ("../d", "../d/train:a.csv:17"),
        ("d\n::e", "d\\n::e/train:a.csv:17"),
    ],
)
def test_a_place_links_from_the_reader_s_folder(prefix: str, shown: str) -> None:
    view = View(prefix)
    assert view.place(place("train:a.csv", 17)) == shown
    assert view.place(place("train:a.csv")) == view.file("train:a.csv") == shown.removesuffix(":17")


def test_a_row_of_a_shard_is_shown_in_its_shard() -> None:
    assert View("d").place(Place("train", "train/00.tar", 3, "shoe-17", 1003)) == "d/train/00.tar:3"


@pytest.mark.parametrize("name", ["::error::x.csv", "-rf.csv", "##[error].csv", " ::set-output::.csv", "\n::error::"])
def test_a_place_is_one_line_and_never_a_command(name: str) -> None:
    for shown in (View().place(place(name, 17)), View().file(name)):
        assert shown.startswith("./")
        assert len(shown.splitlines()) == 1
        assert "##[" not in shown


def test_the_rows_that_the_words_name_are_shown_as_places() -> None:
    assert View().message(LEAK) == "a.jpg is b.jpg (train:a.csv:88), mirrored"
    assert View("d").message(LEAK) == "a.jpg is b.jpg (d/train:a.csv:88), mirrored"


def test_a_picture_named_like_a_place_is_shown_as_it_is() -> None:
    odd = replace(LEAK, words=("train:a.csv:88 is train:a.csv:88 (", ")\x1b"))
    assert View("d").message(odd) == "train:a.csv:88 is train:a.csv:88 (d/train:a.csv:88)\\x1b"


def test_the_new_findings_are_in_the_order_of_the_files() -> None:
    def at(file: str, line: int | None, column: str = "a", words: str = "m") -> Finding:
        return replace(LEAK, place=Place("train", file, line), column=column, words=(words,))

    order = [
        at("00.tar", None, "z"),
        at("00.tar", 9, "a", "z"),
        at("00.tar", 9, "b", "m"),
        at("00.tar", 9, "b", "n"),
        at("00.tar", 10),
        at("01.tar", 2),
    ]
    result = CheckResult("train", "leakage", Severity.CRITICAL, Outcome.FAILED, 9, 6, None, tuple(order[::-1]))
    assert View().new(result) == order
    assert View("", frozenset(order[1:4])).new(result) == [order[0], *order[4:]]
    assert View("", frozenset(order)).new(result) == []
