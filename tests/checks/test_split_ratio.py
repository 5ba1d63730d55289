from __future__ import annotations

from helpers.tools import RED, finds, judge, passes, skips


def rows(match: int, mismatch: int) -> list[tuple[str, str, str]]:
    return [("a.jpg", RED, "match")] * match + [("a.jpg", RED, "mismatch")] * mismatch


def test_the_borders_are_inside() -> None:
    passes({"train.csv": rows(7, 7), "val.csv": rows(3, 3)}, "split_ratio")
    passes({"train.csv": rows(9, 9), "val.csv": rows(1, 1)}, "split_ratio")


def test_too_little_and_too_much_training() -> None:
    words = "the training split holds {} of the dataset's rows, it should hold 70% to 90%"
    finds({"train.csv": rows(1, 1), "val.csv": rows(1, 1)}, "split_ratio", {"train.csv": words.format("50.0%")})
    finds({"train.csv": rows(19, 19), "val.csv": rows(1, 1)}, "split_ratio", {"train.csv": words.format("95.0%")})


def test_splits_that_differ_in_labels() -> None:
    data = {"train.csv": rows(40, 40), "val.csv": rows(12, 8)}
    passes(data, "split_ratio")
    data = {"train.csv": rows(40, 40), "val.csv": rows(13, 7)}
    words = "the splits' shares of match rows differ by 15.0%, they should by at most 10%"
    finds(data, "split_ratio", {"train.csv": words})
    passes(data, "split_ratio", "max_gap=0.2")


def test_each_of_three_splits_counts_by_itself() -> None:
    data = {"train.csv": rows(60, 60), "val.csv": rows(13, 7), "test.csv": rows(8, 8)}
    words = "the splits' shares of match rows differ by 15.0%, they should by at most 10%"
    finds(data, "split_ratio", {"train.csv": words})


def test_both_at_once_are_two_findings() -> None:
    result = judge({"train.csv": rows(2, 2), "val.csv": rows(4, 0)}, "split_ratio")["train.csv"]
    assert [finding.message.split(" ")[2] for finding in result.findings] == ["split", "shares"]


def test_labels_that_nobody_knows_cannot_be_compared() -> None:
    data = {"train.csv": rows(8, 8), "val.csv": [("a.jpg", RED, "yes")] * 4}
    words = "the splits' shares of match rows cannot be compared: only one split has rows of a known label"
    finds(data, "split_ratio", {"train.csv": words})


def test_one_split_alone_is_skipped() -> None:
    skips(rows(2, 2), "split_ratio", "the dataset has no other split than its training split")
    result = judge({"val.csv": rows(2, 2), "test.csv": rows(2, 2)}, "split_ratio")["val.csv"]
    assert result.reason == "the dataset has no training split"
