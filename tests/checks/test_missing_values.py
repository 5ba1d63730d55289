from __future__ import annotations

from helpers.tools import RED, finds, judge, passes


def test_each_missing_cell_is_found() -> None:
    rows = [("a.jpg", RED, "match"), ("", RED, "match"), ("b.jpg", " \t", "match"), ("c.jpg", "", "  ")]
    finds(
        rows,
        "missing_values",
        {3: "image_path is empty", 4: "text is empty", 5: "label is empty + text is empty"},
    )


def test_words_for_nothing_are_words() -> None:
    passes([("NA", "None", "null"), ("nan", "N/A", "NULL"), ("0", "-", "False")], "missing_values")


def test_mostly_counts_rows_over_all_columns() -> None:
    rows = [("a.jpg", RED, "match")] * 8 + [("a.jpg", "", "match"), ("", RED, "match")]
    assert str(judge(rows, "missing_values", "mostly=0.8")["train.csv"].outcome) == "passed"
    assert str(judge(rows, "missing_values", "mostly=0.81")["train.csv"].outcome) == "failed"
