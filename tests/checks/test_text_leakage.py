from __future__ import annotations

from helpers.tools import BLUE, RED, finds, judge, passes, skips

TRAIN = [("a.jpg", BLUE, "match"), ("b.jpg", RED, "match"), ("c.jpg", RED, "match")]


def test_a_match_text_of_training_is_named_by_its_first_line() -> None:
    val = [
        ("x.jpg", RED.upper(), "match"),
        ("y.jpg", "Another text altogether", "match"),
        ("z.jpg", f"{RED}  ", "match"),
    ]
    words = "the text is also a match in the training split (train.csv:3)"
    results = finds({"train.csv": TRAIN, "val.csv": val}, "text_leakage", {"val.csv:2": words, "val.csv:4": words})
    assert results["train.csv"].reason == "judged on the other splits"
    related = results["val.csv"].findings[0].related[0]
    assert (related.place.source, related.place.line, related.value) == ("train.csv", 3, "b.jpg")


def test_a_mismatch_on_either_side_is_no_leak() -> None:
    passes({"train.csv": TRAIN, "val.csv": [("x.jpg", RED, "mismatch")]}, "text_leakage")
    passes({"train.csv": [("a.jpg", RED, "mismatch")], "val.csv": [("x.jpg", RED, "match")]}, "text_leakage")


def test_without_another_split_it_is_skipped() -> None:
    skips(TRAIN, "text_leakage", "the dataset has no other split than its training split")
    assert judge({"val.csv": TRAIN}, "text_leakage")["val.csv"].reason == "the dataset has no training split"
