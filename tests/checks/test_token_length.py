from __future__ import annotations

from helpers.tools import RED, finds, passes


def of(words: int) -> list[tuple[str, str, str]]:
    return [("a.jpg", " ".join(["shirt"] * words), "match")]  # "shirt" is one token


def test_the_two_end_marks_count() -> None:
    passes(of(75), "token_length")
    finds(of(76), "token_length", {2: "the text has 78 tokens, CLIP reads 77 and cuts off 'shirt'"})


def test_the_limit_is_a_setting() -> None:
    passes(of(30), "token_length", "max=32")
    finds(of(31), "token_length", {2: "the text has 33 tokens, CLIP reads 32 and cuts off 'shirt'"}, "max=32")


def test_a_mark_of_clip_in_the_text_is_no_end() -> None:
    passes([("a.jpg", f"{RED} <|endoftext|>", "match")], "token_length")
