from __future__ import annotations

from helpers.drawn import encoded, photo, shirt
from helpers.tools import RED, finds, judge, passes, skips
from PIL import ImageOps

A = photo(1)


def rows(*paths: str) -> list[tuple[str, str, str]]:
    return [(path, RED, "match") for path in paths]


def test_a_picture_of_training_is_named_with_both_lines() -> None:
    files = {
        "b.jpg": encoded(photo(2)),
        "a.png": encoded(A, "png"),
        "again.png": encoded(A, "png"),
        "half.jpg": encoded(A.resize((128, 128)), quality=60),
        "mirrored.jpg": encoded(ImageOps.mirror(A)),
        "new.jpg": encoded(photo(3)),
    }
    data = {
        "train.csv": rows("b.jpg", "a.png"),
        "val.csv": rows("a.png", "again.png", "half.jpg", "mirrored.jpg", "new.jpg"),
    }
    results = judge(data, "leakage", files=files)
    assert results["train.csv"].reason == "judged on the other splits"
    found = [
        (f.place.line, f.grade, f.transform, f.related[0].place.source, f.related[0].place.line)
        for f in results["val.csv"].findings
    ]
    assert found == [
        (2, "bytes", None, "train.csv", 3),
        (3, "bytes", None, "train.csv", 3),
        (4, "perceptual", None, "train.csv", 3),
        (5, "perceptual", "mirrored", "train.csv", 3),
    ]
    words = "a.png is the same file as in train.csv:3"
    assert results["val.csv"].findings[0].message == words


def test_another_colour_is_another_product() -> None:
    files = {"red.png": encoded(shirt("red"), "png"), "blue.png": encoded(shirt("blue"), "png")}
    passes({"train.csv": rows("red.png"), "val.csv": rows("blue.png")}, "leakage", files=files)


def test_val_and_test_are_not_compared_with_each_other() -> None:
    files = {"a.png": encoded(A, "png"), "b.jpg": encoded(photo(2))}
    data = {"train.csv": rows("b.jpg"), "val.csv": rows("a.png"), "test.csv": rows("a.png")}
    passes(data, "leakage", files=files)
    finds(
        data | {"train.csv": rows("a.png")},
        "leakage",
        dict.fromkeys(("val.csv:2", "test.csv:2"), "a.png is the same file as in train.csv:2"),
        files=files,
    )


def test_without_another_split_it_is_skipped() -> None:
    skips(rows("a.png"), "leakage", "the dataset has no other split than its training split")
