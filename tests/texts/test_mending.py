"""What is mended in a text: what the checks find, once, and nothing else."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.texts.hygiene import hygiene_problem
from pytest_clipdata.texts.mending import mend_blanks, mend_hygiene
from pytest_clipdata.texts.style import blanks_problem

PIECES = [
    "red", "shirt", "Ã©", "ÃƒÂ©", "â€™", "â€œ", "&amp;", "&amp;amp;", "&#39;", "&nbsp;", "&lt;br&gt;", "&nonsense;", "&",
    "&#0;", "&#13;", "<br>", "<b>", "</b>", "<!-- x -->", "<3", "\u200b", "\ufeff", "\u00ad", "\u200d", "\u200e", "\x00",
    "\x07", "\x0b", "\x85", "\x92", "\ufffd", "\\n", "<|endoftext|>", " ", "  ", "\u00a0", "\t", "\n", "é", "א", "👩", "%20",
]  # fmt: skip
TEXTS = st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("cafÃ© style", "café style"),
        ("cafÃƒÂ© style", "café style"),
        ("men\u2019s and womenâ€™s", "men\u2019s and women\u2019s"),
        ("ÐºÑ€Ð°Ñ\x81Ð½Ð°Ñ\x8f", "красная"),
        ("ÐºÑ€Ð°ÑÐ½Ð°Ñ", "ÐºÑ€Ð°ÑÐ½Ð°Ñ"),  # its bytes are incomplete: a letter was lost
        ("Red &amp; white", "Red & white"),
        ("Red &amp;amp; white", "Red & white"),
        ("5&nbsp;cm &#x27;wide&#39;", "5\u00a0cm 'wide'"),
        ("AT&T &nonsense; &#0;", "AT&T &nonsense; &#0;"),
        ("wall\u200bclock\ufeff", "wallclock"),
        ("wall\x07clock", "wallclock"),
        ("wall\x0bclock", "wall clock"),
        ("it\x92s", "it\u2019s"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # the joiner belongs there
        ("👩\u200d🎤", "👩\u200d🎤"),
        ("a letter \ufffd was lost", "a letter \ufffd was lost"),
        ("stray \\n escape", "stray \\n escape"),
        ("LÃ – AZUL", "LÃ – AZUL"),
        ("white<br>face", "white<br>face"),
    ],
)
def test_what_is_wrong_and_how_it_is_right(wrong: str, right: str) -> None:
    assert mend_hygiene(wrong) == right


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("white face<br>and hands", "white face and hands"),
        ("a <b>bold</b> shirt", "a bold shirt"),
        ("<p>one</p><p>two</p>", " one  two "),
        ("red<!-- not\nblue --> shirt", "red  shirt"),
        ("red<script>alert('x')</script>shirt", "red shirt"),
        ("red<script>a<b</script>cotton<style>p{}</style>shirt", "red cotton shirt"),
        ("&lt;br&gt;red", " red"),
        ("size < 5 and > 3", "size < 5 and > 3"),
    ],
)
def test_tags_go_when_that_is_asked(wrong: str, right: str) -> None:
    assert mend_hygiene(wrong, tags=True) == right


@given(TEXTS, st.booleans())
def test_mending_twice_is_mending_once(text: str, tags: bool) -> None:
    once = mend_hygiene(text, tags=tags)
    assert mend_hygiene(once, tags=tags) == once
    blank = mend_blanks(once)
    assert mend_blanks(blank) == blank


@given(TEXTS)
def test_what_no_check_finds_stays(text: str) -> None:
    if hygiene_problem(text) is None:
        assert mend_hygiene(text) == text == mend_hygiene(text, tags=True)
    if blanks_problem(text) is None:
        assert mend_blanks(text) == text


@given(TEXTS)
def test_no_blank_is_left_that_the_check_finds(text: str) -> None:
    assert blanks_problem(mend_blanks(text)) is None


def test_blanks_of_an_allowed_string_stay() -> None:
    assert mend_blanks("A  B shirt ", ["A  B"]) == "A  B shirt "
    assert mend_blanks("A  B shirt ", ["shirt"]) == "A B shirt"


@pytest.mark.parametrize("start", ["<!--", "<script>", "<style>"])
def test_starts_without_ends_are_read_once(start: str) -> None:
    """Each of them looked 10,000 characters ahead: 4 s for a text of this length."""
    began = time.process_time()
    mended = mend_hygiene(start * (131_072 // len(start)), tags=True)
    assert len(mended) <= 131_072 // len(start)
    assert time.process_time() - began < 1


def test_what_was_made_to_take_long_stays_as_it_is() -> None:
    text = "&" + "amp;" * 30_000
    assert mend_hygiene(text) == text
