from __future__ import annotations

from helpers.drawn import encoded, photo, shirt
from helpers.tools import BLUE, RED, finds, judge, passes
from PIL import Image, ImageOps

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
        assert [related.value for related in finding.related] == ["a.png"]
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
