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


def test_of_two_held_out_splits_the_later_is_named_whatever_makes_the_pictures_the_same() -> None:
    files = {
        "train.jpg": encoded(photo(2)),
        "a.png": encoded(A, "png"),
        "bytes.png": encoded(A, "png"),
        "pixels.bmp": encoded(A, "bmp"),
        "half.jpg": encoded(A.resize((128, 128)), quality=60),
        "new.jpg": encoded(photo(3)),
    }
    data = {
        "zoo.csv": rows("half.jpg", "new.jpg"),
        "test.csv": rows("a.png", "bytes.png", "pixels.bmp", "half.jpg"),
        "val.csv": rows("a.png"),
    }
    same = "half.jpg is the same picture as"
    expected = {
        "test.csv:2": "a.png is the same file as in val.csv:2",
        "test.csv:3": "bytes.png is the same picture as a.png (val.csv:2), same bytes",
        "test.csv:4": "pixels.bmp is the same picture as a.png (val.csv:2), same pixels",
        "test.csv:5": f"{same} a.png (val.csv:2), 0 of 255 bits differ",
        "zoo.csv:2": "half.jpg is the same file as in test.csv:5",
    }
    finds({**data, "train.csv": rows("train.jpg")}, "leakage", expected, files=files)
    passes({**data, "train.csv": rows("train.jpg")}, "leakage", "held_out=false", files=files)


def test_training_is_named_before_a_held_out_split() -> None:
    data = {"train.csv": rows("a.png"), "val.csv": rows("a.png"), "test.csv": rows("a.png")}
    words = dict.fromkeys(("val.csv:2", "test.csv:2"), "a.png is the same file as in train.csv:2")
    finds(data, "leakage", words, files={"a.png": encoded(A, "png")})


def test_without_a_training_split_val_and_test_are_still_compared() -> None:
    files = {"a.png": encoded(A, "png")}
    data = {"val.csv": rows("a.png"), "test.csv": rows("a.png")}
    results = judge(data, "leakage", files=files)
    assert results["val.csv"].reason == "judged on the other splits"
    assert [finding.message for finding in results["test.csv"].findings] == ["a.png is the same file as in val.csv:2"]
    no_training = "the dataset has no training split"
    alone = judge(data, "leakage", "held_out=false", files=files)
    assert {result.reason for result in alone.values()} == {no_training}
    unknown = judge({"shoes.csv": rows("a.png"), "bags.csv": rows("a.png")}, "leakage", files=files)
    assert {result.reason for result in unknown.values()} == {no_training}


def test_without_another_split_it_is_skipped() -> None:
    skips(rows("a.png"), "leakage", "the dataset has no other split than its training split")


def test_what_looks_alike_may_only_warn() -> None:
    files = {"a.png": encoded(A, "png"), "half.jpg": encoded(A.resize((128, 128)), quality=60)}
    data = {"train.csv": rows("a.png"), "val.csv": rows("half.jpg"), "test.csv": rows("a.png")}
    results = judge(data, "leakage", "perceptual=warning", files=files)
    assert [finding.severity for finding in results["val.csv"].findings] == ["warning"]
    assert [finding.severity for finding in results["test.csv"].findings] == ["critical"]
    results = judge(data, "leakage", "perceptual=off", files=files)
    assert [len(results[name].findings) for name in ("val.csv", "test.csv")] == [0, 1]


def test_a_leak_names_all_pictures_of_the_group() -> None:
    files = {"a.png": encoded(A, "png"), "half.jpg": encoded(A.resize((128, 128)), quality=60)}
    files |= {"mirrored.jpg": encoded(ImageOps.mirror(A)), "other.jpg": encoded(photo(2))}
    data = {"train.csv": rows("other.jpg", "half.jpg", "mirrored.jpg"), "val.csv": rows("a.png")}
    (finding,) = judge(data, "leakage", files=files)["val.csv"].findings
    assert [(other.place.source, other.place.line) for other in finding.related] == [("train.csv", 3), ("train.csv", 4)]
