"""The acceptance cases of the main job, through pytest, and all of them once more in two xdist workers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from helpers import drawn
from helpers.drawn import encoded, photo, shirt
from helpers.tools import BLACK, BLUE, RED

Run = Callable[..., pytest.RunResult]
Make = Callable[..., None]
FIVE = [
    ("red_shirt.jpg", "Red cotton t-shirt with round neck", "match"),
    ("blue_jeans.jpg", "Blue denim jeans with slim fit", "match"),
    ("black_shoes.jpg", "Black leather formal shoes", "match"),
    ("red_shirt.jpg", "Blue denim jeans with slim fit", "mismatch"),
    ("blue_jeans.jpg", "Green cotton dress", "mismatch"),
]
PICTURES = {
    "images/red_shirt.jpg": encoded(shirt("red")),
    "images/blue_jeans.jpg": encoded(photo(7)),
    "images/black_shoes.jpg": encoded(photo(8)),
}
CHECKS = 25  # items of a CSV: all checks but smoke and suspect_labels


def report(pytester: pytest.Pytester) -> dict[str, Any]:
    return json.loads((pytester.path / "out" / "findings.json").read_text("ascii"))  # type: ignore[no-any-return]


def found(pytester: pytest.Pytester) -> dict[str, list[tuple[str, int | None]]]:
    """Where each check has findings."""
    places: dict[str, list[tuple[str, int | None]]] = {}
    for finding in report(pytester)["findings"]:
        places.setdefault(finding["check"], []).append((finding["source"], finding["line"]))
    return places


def outcomes(pytester: pytest.Pytester) -> dict[str, str]:
    return {f"{check['source']}::{check['check']}": check["outcome"] for check in report(pytester)["checks"]}


@pytest.mark.parametrize(("prefix", "root"), [("datasets/images/", ".."), ("images/", ".")])
def test_the_five_example_rows(alone: Run, dataset: Make, pytester: pytest.Pytester, prefix: str, root: str) -> None:
    dataset({"train.csv": [(prefix + path, text, label) for path, text, label in FIVE]}, PICTURES)
    result = alone("--clip-report=out", "-rA")
    # skipped: split_ratio, leakage, text_leakage (no other split)
    result.assert_outcomes(failed=1, passed=20, skipped=4, warnings=1)
    result.stdout.fnmatch_lines(
        [
            f"clip-dataset: datasets, image root {root}",
            "datasets/train.csv:4: word_count: the text has 4 words, it must have 5 to 100: 'Black leather formal shoes'",
            "datasets/train.csv:6: word_count: the text has 3 words, it must have 5 to 100: 'Green cotton dress'",
        ]
    )
    assert result.ret == 1
    assert found(pytester) == {"word_count": [("train.csv", 4), ("train.csv", 6)], "row_count": [("train.csv", None)]}


def test_words_for_nothing_and_a_caption_over_two_lines(alone: Run, dataset: Make, pytester: pytest.Pytester) -> None:
    rows = [
        ("images/red_shirt.jpg", "NA", "match"),
        ("images/blue_jeans.jpg", "None", "match"),
        ("images/black_shoes.jpg", 'red, "soft" shirt\nwith a second line, cotton, slim', "mismatch"),
        ("images/red_shirt.jpg", "null", "mismatch"),
    ]
    dataset({"train.csv": rows}, PICTURES)
    alone("--clip-report=out", "-k", "word_count or missing_values or columns").assert_outcomes(failed=1, passed=2)
    assert found(pytester) == {"word_count": [("train.csv", line) for line in (2, 3, 6)]}


def test_ten_bad_pictures(alone: Run, dataset: Make, pytester: pytest.Pytester) -> None:
    whole = encoded(photo(20))
    files = {
        "cut.jpg": drawn.cut_off(whole),
        "empty.jpg": b"",
        "text.jpg": b"no picture at all",
        "lfs.jpg": drawn.pointer(),
        "bomb.png": drawn.bomb(),
        "cmyk.jpg": drawn.cmyk(),
        "deep.png": drawn.deep(),
        "alpha.png": drawn.see_through(),
        "moving.gif": drawn.animated(),
        "turned.jpg": drawn.turned(),
    }
    texts = [
        f"{word} cotton shirt with long sleeves"
        for word in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    ]
    rows = [(path, text, "match") for path, text in zip(files, texts, strict=True)]
    dataset({"train.csv": rows}, files)
    result = alone(
        "--clip-report=out", "--clip-set", "label_balance.severity=off", "--clip-set", "row_count.severity=off"
    )
    result.assert_outcomes(failed=2, passed=17, skipped=4, warnings=1)
    line = {path: number for number, path in enumerate(files, 2)}
    assert found(pytester) == {
        "paths": [("train.csv", line["lfs.jpg"])],
        "decodable": [
            ("train.csv", line[path]) for path in ("cut.jpg", "empty.jpg", "text.jpg", "bomb.png", "moving.gif")
        ],
        "loader_parity": [("train.csv", line[path]) for path in ("deep.png", "alpha.png", "turned.jpg")],
    }


def test_a_re_encoded_copy_leaks_and_another_colour_does_not(
    alone: Run, dataset: Make, pytester: pytest.Pytester
) -> None:
    picture = photo(30)
    files = {
        "images/a.jpg": encoded(picture),
        "images/copy.jpg": encoded(picture.resize((128, 128)), quality=60),
        "images/red.jpg": encoded(shirt("red")),
        "images/blue.jpg": encoded(shirt("blue")),
    }
    train = [("images/red.jpg", RED, "match"), ("images/a.jpg", BLUE, "match")]
    val = [("images/blue.jpg", "Blue cotton t-shirt with round neck", "match"), ("images/copy.jpg", BLACK, "match")]
    dataset({"train.csv": train, "val.csv": val}, files)
    result = alone("--clip-report=out", "-k", "leakage and not text or duplicate_images or contradictions")
    result.assert_outcomes(failed=1, passed=4, skipped=1)
    result.stdout.fnmatch_lines(
        ["datasets/val.csv:3: leakage: images/copy.jpg is the same picture as images/a.jpg (datasets/train.csv:3), *"]
    )
    (finding,) = report(pytester)["findings"]
    assert (finding["grade"], finding["related"]) == (
        "perceptual",
        [{"source": "train.csv", "file": "train.csv", "line": 3, "key": None, "value": "images/a.jpg"}],
    )


def test_broken_csvs_each_with_line_and_cause(alone: Run, dataset: Make, pytester: pytest.Pytester) -> None:
    header = "image_path,text,label\n"
    ragged = header + f"a.jpg,{RED},match\n" * 5 + "a.jpg,Red shirt, round neck,match\n" + f"a.jpg,{RED},match\n"
    dataset(
        {
            "ansi.csv": (header + "a.jpg,Chic café apron in cotton,match\n").encode("cp1252"),
            "empty.csv": "",
            "ragged.csv": ragged,
            "semicolon.csv": f"image_path;text;label\na.jpg;{RED};match\n",
        }
    )
    result = alone("-k", "columns")
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines_random(
        [
            "datasets/ansi.csv:2: columns: byte 0xe9 at character 15 is not UTF-8; in Windows-1252 it is 'é'*",
            "datasets/empty.csv:1: columns: the file is empty",
            "datasets/ragged.csv:7: columns: 4 cells, but the header has 3*",
            "datasets/semicolon.csv:1: columns: *semicolon*",
        ]
    )


def test_no_val_and_no_image(alone: Run, dataset: Make, pytester: pytest.Pytester) -> None:
    dataset({"train.csv": [("images/gone.jpg", RED, "match"), ("images/lost.jpg", BLUE, "mismatch")]})
    result = alone("--clip-report=out", "-rs")
    result.assert_outcomes(failed=1, passed=10, skipped=14, warnings=1)
    reasons = {check["check"]: check["reason"] for check in report(pytester)["checks"]}
    alone = "the dataset has no other split than its training split"
    nothing = "no row could be judged: paths reports 2"
    assert (reasons["leakage"], reasons["split_ratio"], reasons["text_leakage"]) == (alone, alone, alone)
    skipped = [
        name
        for name, outcome in outcomes(pytester).items()
        if outcome == "skipped" and reasons[name.split("::")[1]] == nothing
    ]
    assert "train.csv::resolution" in skipped
    assert len(skipped) == 11
    result.stdout.fnmatch_lines([f"*{nothing}*"])


def test_in_two_workers_all_of_it_is_the_same(pytester: pytest.Pytester, dataset: Make) -> None:
    picture = photo(30)
    pair = {"a.jpg": encoded(picture), "copy.jpg": encoded(picture.resize((128, 128)), quality=60)}
    bad = {
        "cut.jpg": drawn.cut_off(pair["a.jpg"]),
        "empty.jpg": b"",
        "lfs.jpg": drawn.pointer(),
        "bomb.png": drawn.bomb(),
    }
    cases: dict[str, tuple[dict[str, Any], dict[str, bytes]]] = {
        "five/datasets": ({"train.csv": [(f"datasets/images/{path}", *rest) for path, *rest in FIVE]}, PICTURES),
        "bad": ({"train.csv": [(path, RED, "match") for path in bad]}, bad),
        "leak": ({"train.csv": [("a.jpg", RED, "match")], "val.csv": [("copy.jpg", BLUE, "match")]}, pair),
        "broken": ({"empty.csv": "", "semicolon.csv": "image_path;text;label\n"}, {}),
        "gone": ({"train.csv": [("gone.jpg", RED, "match")]}, {}),
    }
    for folder, (csvs, files) in cases.items():
        dataset(csvs, files, f"cases/{folder}")
    arguments = ("--clip-dataset=cases", "--clip-smoke=off", "-p", "no:cacheprovider")
    one = pytester.runpytest_inprocess(*arguments, "--clip-report=one").parseoutcomes()
    two = pytester.runpytest_subprocess("-n", "2", *arguments, "--clip-report=two").parseoutcomes()
    assert one == two
    assert sum(one.values()) - one["warnings"] == 7 * CHECKS
    for folder in cases:
        name = f"cases/{folder}/findings.json"
        assert (pytester.path / "one" / name).read_bytes() == (pytester.path / "two" / name).read_bytes()
