from __future__ import annotations

from helpers.drawn import encoded, photo
from helpers.tools import RED, finds, passes

FILES = {
    "border.png": encoded(photo(1, (90, 30)), "png"),
    "wide.png": encoded(photo(2, (91, 30)), "png"),
    "tall.png": encoded(photo(3, (30, 120)), "png"),
}
ROWS = [(path, RED, "match") for path in FILES]


def test_the_border_is_inside_and_both_directions_count() -> None:
    finds(
        ROWS,
        "aspect_ratio",
        {
            3: "wide.png is 91x30: CLIP's centre crop keeps 33% of it",
            4: "tall.png is 30x120: CLIP's centre crop keeps 25% of it",
        },
        files=FILES,
    )


def test_the_bound_is_a_setting() -> None:
    passes(ROWS, "aspect_ratio", "max=4", files=FILES)
    passes(ROWS[:1], "aspect_ratio", files=FILES)
