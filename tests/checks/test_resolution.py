from __future__ import annotations

from helpers import drawn
from helpers.drawn import encoded, photo
from helpers.tools import RED, finds, passes, skips

FILES = {
    "wide.png": encoded(photo(1, (300, 224)), "png"),
    "low.png": encoded(photo(2, (300, 223)), "png"),
    "thin.png": encoded(photo(3, (180, 240)), "png"),
}


def rows(*paths: str) -> list[tuple[str, str, str]]:
    return [(path, RED, "match") for path in paths]


def test_the_border_is_inside() -> None:
    finds(
        rows(*FILES),
        "resolution",
        {
            3: "low.png is 300x223, its short side must be at least 224",
            4: "thin.png is 180x240, its short side must be at least 224",
        },
        files=FILES,
    )


def test_the_bound_is_a_setting() -> None:
    passes(rows(*FILES), "resolution", "min_side=180", files=FILES)


def test_the_size_is_the_displayed_one() -> None:
    files = {"turned.jpg": drawn.turned((200, 300))}
    finds(
        rows("turned.jpg"),
        "resolution",
        {2: "turned.jpg is 200x300, its short side must be at least 224"},
        files=files,
    )


def test_what_cannot_be_opened_is_not_judged() -> None:
    skips(rows("gone.jpg"), "resolution", "no row could be judged: paths reports 1")
    skips(rows("a.jpg"), "resolution", "no row could be judged: decodable reports 1", files={"a.jpg": b""})
