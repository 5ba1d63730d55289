from __future__ import annotations

from helpers.drawn import encoded, photo
from helpers.tools import BLUE, RED, finds, passes

A = encoded(photo(1))
FILES = {"a.jpg": A, "copy.jpg": A, "b.jpg": encoded(photo(2))}


def words(label: str, other: int | str, file: str = "") -> str:
    place = other if isinstance(other, str) else f"train.csv:{other}"
    opposite = "mismatch" if label == "match" else "match"
    return f"is labelled {label}, but {place} labels the same picture and text {opposite}{file and f'; its file is {file}'}"


def test_both_rows_are_found_also_through_a_copy() -> None:
    rows = [
        ("a.jpg", RED, "match"),
        ("b.jpg", RED, "mismatch"),
        ("copy.jpg", RED.lower(), "mismatch"),
        ("a.jpg", BLUE, "mismatch"),
        ("a.jpg", f"{RED} ", "MISMATCH"),
    ]
    found = {2: words("match", 4, "copy.jpg"), 4: words("mismatch", 2, "a.jpg"), 6: words("mismatch", 2)}
    finds(rows, "contradictions", found, files=FILES)


def test_across_splits() -> None:
    data = {"train.csv": [("a.jpg", RED, "match")], "val.csv": [("copy.jpg", RED, "mismatch")]}
    found = {
        "train.csv:2": words("match", "val.csv:2", "copy.jpg"),
        "val.csv:2": words("mismatch", "train.csv:2", "a.jpg"),
    }
    finds(data, "contradictions", found, files=FILES)


def test_repeats_and_unknown_labels_are_no_contradiction() -> None:
    rows = [("a.jpg", RED, "match"), ("a.jpg", RED, "match"), ("a.jpg", RED, "maybe"), ("a.jpg", RED, "")]
    passes(rows, "contradictions", files=FILES)
