from __future__ import annotations

import pytest
from helpers.tools import RED, finds, passes, skips

from pytest_clipdata.texts import tokens as texts

pytest.importorskip("instant_clip_tokenizer", reason="exact counts need CLIP's tokenizer")


def of(words: int) -> list[tuple[str, str, str]]:
    return [("a.jpg", " ".join(["shirt"] * words), "match")]  # "shirt" is one token


def test_the_two_end_marks_count() -> None:
    passes(of(75), "token_length")
    finds(of(76), "token_length", {2: "the text has 78 tokens, CLIP reads 77 and cuts off 'shirt'"})


def test_the_limit_is_a_setting() -> None:
    passes(of(30), "token_length", "max=32")
    finds(of(31), "token_length", {2: "the text has 33 tokens, CLIP reads 32 and cuts off 'shirt'"}, "max=32")


def test_a_mark_of_clip_in_the_text_is_an_ordinary_word() -> None:
    passes([("a.jpg", f"{RED} <|endoftext|>", "match")], "token_length")


def test_without_a_tokenizer_only_what_is_certain_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "instant_clip_tokenizer", None)
    assert not texts.TokenCounter().exact
    finds(of(76), "token_length", {2: "the text has at least 78 tokens, CLIP reads 77"})
    skips(
        of(75),
        "token_length",
        "no CLIP tokenizer is installed, and no text is certainly too long: pip install instant-clip-tokenizer",
    )
