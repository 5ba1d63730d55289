from __future__ import annotations

import pytest
from helpers.drawn import encoded, photo, shirt
from helpers.tools import BLUE, RED, finds, judge, passes
from PIL import Image, ImageOps

from pytest_clipdata.findings import Outcome

A = photo(1)


def rows(*paths: str) -> list[tuple[str, str, str]]:
    return [(path, RED, "match") for path in paths]


def test_each_grade_names_the_first_file() -> None:
    files = {
        "a.png": encoded(A, "png"),
        "bytes.png": encoded(A, "png"),
        "pixels.bmp": encoded(A, "bmp"),
        "small.jpg": encoded(A.resize((128, 128)), quality=60),
        "mirrored.jpg": encoded(ImageOps.mirror(A)),
        "turned.jpg": encoded(A.transpose(Image.Transpose.ROTATE_270)),
        "other.jpg": encoded(photo(2)),
    }
    result = finds_grades(files)
    assert result == {
        "bytes.png": ("bytes", None),
        "pixels.bmp": ("pixels", None),
        "small.jpg": ("perceptual", None),
        "mirrored.jpg": ("perceptual", "mirrored"),
        "turned.jpg": ("perceptual", "rotated 90"),
    }


def finds_grades(files: dict[str, bytes]) -> dict[str, tuple[str | None, str | None]]:
    result = judge(rows(*files), "duplicate_images", files=files)["train.csv"]
    for finding in result.findings:
        assert finding.message.startswith(f"{finding.value} is the same picture as a.png (train.csv:2), ")
        others = [path for path in files if path not in ("a.png", "other.jpg", finding.value)]
        assert [related.value for related in finding.related] == ["a.png", *others]
    return {str(finding.value): (finding.grade, finding.transform) for finding in result.findings}


def test_one_file_of_several_rows_is_by_design() -> None:
    data = [("a.png", RED, "match"), ("a.png", BLUE, "mismatch"), ("./a.png", BLUE, "match")]
    passes(data, "duplicate_images", files={"a.png": encoded(A, "png")})


def test_every_row_of_a_copy_is_a_finding() -> None:
    files = {"a.png": encoded(A, "png"), "b.png": encoded(A, "png")}
    words = "b.png is the same picture as a.png (train.csv:2), same bytes"
    finds([*rows("a.png", "b.png"), ("b.png", BLUE, "mismatch")], "duplicate_images", {3: words, 4: words}, files=files)


def test_colour_decides() -> None:
    files = {"red.png": encoded(shirt("red"), "png"), "blue.png": encoded(shirt("blue"), "png")}
    passes(rows(*files), "duplicate_images", files=files)


def test_blank_pictures_of_other_bytes_are_no_copies() -> None:
    files = {f"{level}.png": encoded(Image.new("L", (64, 64), level), "png") for level in (10, 128, 250)}
    passes(rows(*files), "duplicate_images", files=files)


COPIES = {
    "a.png": encoded(A, "png"),
    "mirrored.jpg": encoded(ImageOps.mirror(A)),
    "again.jpg": encoded(ImageOps.mirror(A)),
    "small.jpg": encoded(A.resize((128, 128)), quality=60),
}


@pytest.mark.parametrize(
    ("settings", "found", "outcome"),
    [
        ((), {3: "critical", 4: "critical", 5: "critical"}, Outcome.FAILED),
        (("perceptual=warning",), {3: "warning", 4: "critical", 5: "warning"}, Outcome.FAILED),
        (("perceptual=off",), {4: "critical"}, Outcome.FAILED),
        (("severity=warning",), {3: "warning", 4: "warning", 5: "warning"}, Outcome.WARNED),
        (("severity=warning", "perceptual=off"), {4: "warning"}, Outcome.WARNED),
    ],
)
def test_what_looks_alike_has_a_severity_of_its_own(
    settings: tuple[str, ...], found: dict[int, str], outcome: Outcome
) -> None:
    """again.jpg has the bytes of mirrored.jpg, the others are copies of a.png to the eye."""
    result = judge(rows(*COPIES), "duplicate_images", *settings, files=COPIES)["train.csv"]
    assert {finding.place.line: finding.severity for finding in result.findings} == found
    assert result.outcome is outcome


def test_looks_alone_only_warn() -> None:
    files = {name: COPIES[name] for name in ("a.png", "small.jpg")}
    result = judge(rows(*files), "duplicate_images", "perceptual=warning", files=files)["train.csv"]
    assert (result.outcome, result.unexpected) == (Outcome.WARNED, 1)
    passes(rows(*files), "duplicate_images", "perceptual=off", files=files)


def test_a_finding_lists_the_group_whole_but_never_endlessly() -> None:
    files = {f"{n:02d}.png": encoded(A, "png") for n in range(30)}
    result = judge([*rows(*files), ("05.png", BLUE, "mismatch")], "duplicate_images", files=files)["train.csv"]
    for finding in result.findings:
        others = [path for path in files if path not in ("00.png", finding.value)]
        assert [related.value for related in finding.related] == ["00.png", *others[:20]]
