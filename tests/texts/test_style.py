from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.texts.style import style_problem

CLEAN = """
Red cotton t-shirt with round neck
A man in a red shirt , standing on a boat .
Two men, men's shoes, well-known known brand
LED TV 42", HDMI and USB ports, 100% COTTON
Shirt by LOUD BRAND COMPANY with collar and cotton sleeves
BMW M3, NIKE SB shoe with NASA patch
S S Enterprise steel bottle, cha cha dress, the lights are turned on on a desk
Colat COLAT_MW20 watch, size 5 5.5, 3 3 way plug
Node.js mug, no.5, e.g. this, 5.5cm, asp.net-like, Mr.Men top, U.S.A. flag, St.Tropez
Wow! Really? 5-10 cm -- soft... and so on… *new* ~5 kg #1 a/b <3
Nike™ Air® ©2024 30 °C • soft · light, 5 × 4 m² №5 → here
Áo dài đỏ, 红色的衬衫，棉质。 Красная рубашка, 「夏」, ＡＢ
a line\r\nbreak
""".strip().split("\n")


@pytest.mark.parametrize("text", [*CLEAN, "", "a\r\nb"])
def test_good_style_is_no_finding(text):
    assert style_problem(text.strip("\r")) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" red", "white space at the start"), ("red\n", "white space at the end"), ("red\u00a0", "at the end"),
        ("\tred ", "at the start and the end"), ("red  shirt", "2 blanks in a row at character 4"),
        (" a\u00a0 \tb", "3 blanks in a row at character 3"), ("红\u3000\u3000色", "2 blanks in a row at character 2"),
        ("buy at https://a.example/x now", "web or mail address 'https://a.example/x' at character 8"),
        ("see www.shop.example", "address 'www.shop.example'"), ("only at Flipkart.com", "'Flipkart.com' at character 9"),
        ("mail me@shop.example", "address 'me@shop.example'"), ("the the shirt", "word 'the' repeated at character 5"),
        ("The\nthe shirt.", "word 'The' repeated at character 5"), ("boots Boots!", "repeated at character 7"),
        ("a t-shirt t-shirt", "word 't-shirt' repeated"), ("a a small", "word 'a' repeated at character 3"),
        ("красная красная", "word 'красная' repeated"), ("SHOP THIS SHIRT NOW", "3 of 3 longer words in capitals, first 'SHOP'"),
        ("КРАСНАЯ РУБАШКА ЛЬНЯНАЯ", "3 of 3 longer words in capitals"), ("Great!!", "repeated marks '!!' at character 6"),
        ("what?! no", "repeated marks '?!'"), ("*** new ***", "repeated marks '***' at character 1"), ("a ~~~~ b", "'~~~~'"),
        ("so soft.....", "'.....'"), ("★ red", "emoji or decoration '★' at character 1"), ("red ❤️ shirt", "at character 5"),
        ("🔥🔥 hot", "'🔥🔥' at character 1"), ("1️⃣ one", "at character 1"), ("✔ soft", "decoration"), ("■ soft", "decoration"),
    ],
)  # fmt: skip
def test_bad_style_is_named(text, words):
    assert words in (style_problem(text) or "")


def test_every_kind_is_named_once():
    problem = style_problem(" the the  a a www.a.example www.b.example!! ??") or ""
    assert [part.split(" ")[0] for part in problem.split("; ")] == ["white", "2", "web", "word", "repeated"]


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("only at Flipkart.com", "Flipkart.com"), ("Salt TEN TEN boots", "TEN TEN"), ("★ red", "★"), ("Yahoo!!", "!!"),
        ("SHOP THIS SHIRT", "THIS"), ("red ", " "), ("a  b", "  "),
    ],
)  # fmt: skip
def test_what_is_allowed_is_no_finding_and_only_there(text, allowed):
    assert style_problem(text) is not None
    assert style_problem(text, ["unused", "", allowed]) is None
    assert style_problem(text + " visit www.other.example", [allowed]) == (
        f"web or mail address 'www.other.example' at character {len(text) + 8}"
    )


@given(
    st.text(st.characters() | st.sampled_from("aB .!\u3000★"), max_size=60), st.lists(st.text(max_size=2), max_size=2)
)
def test_any_text_has_an_answer(text, allowed):
    problem = style_problem(text, allowed)
    assert problem is None or (problem and len(problem) < 1000)


PIECES = [
    "a ",
    " ",
    "a",
    "a-",
    "A",
    "é'",
    "www.",
    "a@",
    "a.",
    "!",
    "\u3000",
    "★\ufe0f",
    "ab ab",
    "\ta",
    "SHOUT ",
    "-a",
    "1\ufe0f",
]


@pytest.mark.parametrize("piece", PIECES)
def test_the_longest_cell_is_answered_in_time(piece):
    start = time.process_time()
    style_problem((piece * 131_072)[:131_072], ["a a", "zz"])
    assert time.process_time() - start < 3  # quadratic work would take minutes


def test_of_two_allowed_strings_the_longer_goes_first():
    assert style_problem("Yahoo!! shirt", ["Yahoo", "Yahoo!!"]) is None
    assert style_problem("Yahoo!! shirt", ["Yahoo!!", "Yahoo"]) is None
