from __future__ import annotations

from helpers.drawn import encoded, photo
from helpers.tools import RED, finds, passes

FILES = {f"{seed}.jpg": encoded(photo(seed, (64, 64))) for seed in range(6)}


def test_the_border_is_inside() -> None:
    rows = [(path, RED, "match") for path in FILES]
    passes(rows[:5], "repeated_text", files=FILES)
    words = "the text is the match of 6 different pictures, at most 5 should share it"
    finds(rows, "repeated_text", dict.fromkeys(range(2, 8), words), files=FILES)
    passes(rows, "repeated_text", "max=6", files=FILES)


def test_only_matches_of_different_pictures_of_one_split_count() -> None:
    rows = [(path, RED, "match") for path in list(FILES)[:2]]
    extra = [("0.jpg", RED.upper(), "match"), ("2.jpg", RED, "mismatch"), ("3.jpg", "Something else", "match")]
    val = [("4.jpg", RED, "match")]
    passes({"train.csv": rows + extra, "val.csv": val}, "repeated_text", "max=2", files=FILES)
