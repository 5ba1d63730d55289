from __future__ import annotations

from helpers.tools import finds, passes, skips


def rows(*counts: int) -> list[tuple[str, str, str]]:
    return [("a.jpg", " ".join(["word"] * count), "match") for count in counts]


def test_borders_are_inside() -> None:
    passes(rows(5, 100), "word_count")
    finds(
        rows(4, 5, 101, 1),
        "word_count",
        {
            2: "the text has 4 words, it must have 5 to 100: 'word word word word'",
            4: f"the text has 101 words, it must have 5 to 100: {'word ' * 12!r}...",
            5: "the text has 1 word, it must have 5 to 100: 'word'",
        },
    )


def test_bounds_are_settings() -> None:
    passes(rows(3, 4), "word_count", "min=3", "max=4")
    finds(
        rows(2, 5),
        "word_count",
        {
            2: "the text has 2 words, it must have 3 to 4: 'word word'",
            3: "the text has 5 words, it must have 3 to 4: 'word word word word word'",
        },
        "min=3",
        "max=4",
    )


def test_a_missing_text_is_not_a_short_one() -> None:
    passes([*rows(5), ("a.jpg", " ", "match")], "word_count")
    skips(rows(0), "word_count", "no row could be judged: missing_values reports 1")


def test_marks_are_no_words() -> None:
    finds(
        [("a.jpg", "red - & / blue", "match")],
        "word_count",
        {2: "the text has 2 words, it must have 5 to 100: 'red - & / blue'"},
    )
