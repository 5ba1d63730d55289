from __future__ import annotations

from helpers.drawn import encoded, photo, pointer
from helpers.tools import RED, finds, judge, passes

GOOD = {"images/a.jpg": encoded(photo(1)), "images/shirt.JPG": encoded(photo(2))}


def rows(*paths: str) -> list[tuple[str, str, str]]:
    return [(path, RED, "match") for path in paths]


def test_what_cannot_be_opened_is_found() -> None:
    finds(
        rows("images/a.jpg", "images/gone.jpg", "images", "images/shirt.jpg", "images/lfs.png", "x" * 5000),
        "paths",
        {
            3: "images/gone.jpg does not exist",
            4: "images is a directory",
            5: "images/shirt.jpg does not exist; did you mean images/shirt.JPG?",
            6: "images/lfs.png is a Git LFS pointer: git lfs pull fetches the picture",
            7: "x" * 5000 + " is too long a name",
        },
        files={**GOOD, "images/lfs.png": pointer()},
    )


def test_a_remote_path_and_a_line_break_are_found() -> None:
    finds(
        rows("images/a.jpg", "https://example.org/a.jpg", "images/a\n.jpg"),
        "paths",
        {
            3: "https://example.org/a.jpg is remote: remote.hosts does not name example.org",
            4: "images/a\n.jpg holds a line break",
        },
        files=GOOD,
    )


def test_an_odd_file_that_is_there_passes() -> None:
    passes(rows("images/a.jpg", "./images/../images/a.jpg"), "paths", files=GOOD)
    passes(rows("empty.jpg"), "paths", files={"empty.jpg": b""})


def test_mostly_tolerates_a_share() -> None:
    result = judge(rows(*["images/a.jpg"] * 9, "gone.jpg"), "paths", "mostly=0.9", files=GOOD)["train.csv"]
    assert (str(result.outcome), result.unexpected, result.evaluated) == ("passed", 1, 10)
