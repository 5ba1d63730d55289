from __future__ import annotations

from helpers.drawn import encoded, photo
from helpers.tools import BLUE, RED, finds, judge, passes

A = encoded(photo(1))
FILES = {"a.jpg": A, "copy.jpg": A, "b.jpg": encoded(photo(2))}


def test_the_first_row_stands_and_the_others_name_it() -> None:
    rows = [
        ("b.jpg", RED, "match"),
        ("a.jpg", RED, "match"),
        ("a.jpg", f" {RED.upper()} ", "Match"),
        ("copy.jpg", RED, "match"),
        ("a.jpg", BLUE, "match"),
        ("a.jpg", RED, "mismatch"),
    ]
    words = "repeats the picture, text and label of train.csv:3"
    results = finds(rows, "duplicate_rows", {4: words, 5: f"{words}; its file is a.jpg"}, files=FILES)
    assert results["train.csv"].findings[1].related[0].value == "a.jpg"


def test_one_picture_with_many_texts_passes() -> None:
    passes(
        [("a.jpg", RED, "match"), ("a.jpg", BLUE, "mismatch"), ("b.jpg", RED, "match")], "duplicate_rows", files=FILES
    )


def test_the_same_row_in_two_splits_is_the_business_of_leakage() -> None:
    row = [("a.jpg", RED, "match")]
    passes({"train.csv": row, "val.csv": row}, "duplicate_rows", files=FILES)


def test_rows_without_a_picture_are_not_judged() -> None:
    result = judge([("gone.jpg", RED, "match")] * 2 + [("a.jpg", RED, "match")], "duplicate_rows", files=FILES)
    assert (result["train.csv"].evaluated, result["train.csv"].unexpected) == (1, 0)
