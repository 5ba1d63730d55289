from __future__ import annotations

from helpers.tools import RED, finds, judge, passes

from pytest_clipdata.findings import Outcome


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


def test_siglip_without_its_vocabulary_is_judged_by_a_lower_bound() -> None:
    model = "model = 'siglip'"
    message = {2: "the text has at least 65 tokens, SigLIP reads 64"}
    (result,) = finds(of(64), "token_length", message, toml=model).values()  # and one end mark
    assert result.evaluated == 1
    (result,) = judge(of(63), "token_length", toml=model).values()
    assert (result.outcome, result.evaluated) == (Outcome.SKIPPED, 0)
    assert result.reason == "the vocabulary of siglip is not at hand, and no text is certainly too long"


def test_of_several_texts_siglip_judges_those_that_are_certain() -> None:
    (result,) = finds([*of(63), *of(80)], "token_length", {3: "the text has at least 81 tokens, SigLIP reads 64"},
                      toml="model = 'siglip2'").values()  # fmt: skip
    assert result.evaluated == 1


def test_a_single_setting_is_before_the_model() -> None:
    passes(of(31), "token_length", toml="model = 'clip-336'")
    finds(of(31), "token_length", {2: "the text has 33 tokens, CLIP reads 32 and cuts off 'shirt'"}, "max=32")
    toml = "model = 'siglip'\n[token_length]\nmax = 32"
    finds(of(40), "token_length", {2: "the text has at least 41 tokens, SigLIP reads 32"}, toml=toml)
