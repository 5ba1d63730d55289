from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_clipdata.texts.hygiene import hygiene_problem
from pytest_clipdata.texts.words import count_words, normalise

ANY_TEXT = st.text(st.characters(), max_size=60)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Red  Shirt", "red shirt\n"), ("ＲＥＤ shirt", "red shirt"), ("straße", "STRASSE"), ("cafe\u0301", "CAFÉ"),
        ("red\u00a0shirt", "red shirt"), ("ﬁne", "fine"), ("Σ", "ς"),
    ],
)  # fmt: skip
def test_texts_that_are_the_same_when_compared(one, other):
    assert normalise(one) == normalise(other)


def test_texts_that_differ_stay_different():
    texts = ["red shirt", "redshirt", "red shirts", "réd shirt", "red-shirt", ""]
    assert len({normalise(text) for text in texts}) == len(texts)


@settings(deadline=None)
@given(ANY_TEXT)
def test_normalising_twice_changes_nothing(text):
    once = normalise(text)
    assert normalise(once) == once
    assert normalise(f" \n{text}\t") == once


def test_long_runs_of_combining_marks_are_normalised_in_pieces():
    text = "a" + "\u0301\u0316" * 2000
    assert unicodedata.normalize("NFKC", text) != text  # what is quadratic: the marks have to be sorted
    assert len(normalise(text)) <= len(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Red cotton t-shirt with round neck", 6), ("red/blue shirt & hat - new", 4), ("", 0), (" -- ! ", 0),
        ("NA", 1), ("size 42 (EU)", 3), ("5\u00a0cm wide", 3), ("a\nb\tc", 3), ("don't", 1), ("red, soft; warm.", 3),
        ("_ __ a_b", 1), ("Áo dài đỏ", 3), ("cafe\u0301 noir", 2), ("красная рубашка", 2), ("红色的衬衫", 5),
        ("赤いシャツ", 5), ("iPhone手机壳 15", 5), ("빨간 셔츠", 2), ("red 😀 shirt", 2),
    ],
)  # fmt: skip
def test_words(text, words):
    assert count_words(text) == words


# Real captions as product feeds write them, in many languages: none is a finding.
CLEAN = """
Red cotton t-shirt with round neck
5 < 6 and 7 > 6, R&D, AT&T; <3, a<b, size <M> or <L>, x <- y
17" laptop sleeve w/ zip, 50% off, 100%20cm, %50 pamuk, %100 pamuk, 20%-30%, 5%c, sale:%200
C:\\new\\table or \\\\server\\new, black\\white, ¯\\_(ツ)_/¯
Black & white H&M; salt&pepper; Q&A &c.
Chemise à carreaux « été 2024 » — déjà vue, garçon, naïve, cœur, œuvre, Noël, VOILÀ…, CAFÉ’S, «CAFÉ», FORÊT®, ÇA
Il a été… «voilà…» l’été’» “côté”… À LA MODE™ – DÉCORÉ
BLUSA DE LÃ – AZUL, “MAÇÔ, “Â” IRMÃ… calção São Paulo, coração, ÓCULOS, LÃ® maçã, ROMÃ’S, LÃ\u00a0PURA, avô, ímã
Áo sơ mi nữ cổ tròn màu đỏ, ÁO DÀI TRUYỀN THỐNG, MÀU NÂU, quần jean nam, giày thể thao Việt Nam
Żółta koszulka z bawełny, ŁÓDŹ, źdźbło, gęślą jaźń, spódnica “ŻÓŁĆ”
„Fuß“ „Gruß“ Größe, SÜSS, weiß“, MÜLLER™, Ärmel, Äpfel, ÖL – “Ä”, „Ä“, Ä… Ä–Ö
Ångström “Å”, 5 Å–20 Å, GÅ’ blå tröja, PÅ® ÅÄÖ, “ÆRØ”, smørrebrød, DØR™
Íslensk peysa með rúllukraga, Það er rauður bolur, ÞÓRÐUR’S, ÆÐ™
Türk kırmızı gömlek, ŞİŞLİ, ığüşöç, KÂĞIT®, URÂ» HÂ
Modrá košeľa, žluťoučký kůň, ČEŠTINA™, sárga ing, ŐRÜLT… tűző
Camisa roja ¿talla «M»? ¡Sí! ESPAÑA® NIÑO’S NIÑ’ «está»… «Está»” mañana
Ρούχο κόκκινο, Красная рубашка «мода» №5, אדום חולצה\u200f!, قميص أحمر
می\u200cخواهم لباس قرمز, क्\u200dष लाल कमीज, ക\u0d4d\u200d, ලංකා ශ්\u200dරී
红色的衬衫，棉质。赤いＴシャツ「夏」빨간 셔츠 เสื้อสีแดง
👩\u200d👩\u200d👧 ❤️ 👍🏽 🧑🏽\u200d🚀 🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 1️⃣
✓ ★ ½ 5 × 4 m² 30 °C ±2 µm
two\u00a0words, thin\u2009space, a\ttab and
""".strip().splitlines()


@pytest.mark.parametrize("text", [*CLEAN, "a line\nbreak", "a line\r\nbreak", "", " red ", "red\u00a0"])
def test_clean_text_is_no_finding(text):
    assert hygiene_problem(text) is None
    for word in text.split(", "):
        assert hygiene_problem(word.strip()) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("red\x07 shirt", "control character U+0007 at character 4"), ("a\x7fb", "control character U+007F"),
        ("a\x85b", "control character U+0085"), ("red\u200bshirt", "U+200B ZERO WIDTH SPACE at character 4"),
        ("\ufeffred", "U+FEFF"), ("re\u00add", "U+00AD SOFT HYPHEN"), ("red\u2060", "U+2060"),
        ("red\u202eshirt", "U+202E RIGHT-TO-LEFT OVERRIDE"), ("a\u2067b", "U+2067"), ("red\u200fshirt", "U+200F"),
        ("red\u200dshirt", "U+200D"), ("red\u200c", "U+200C"), ("\u200dred", "U+200D"), ("a\u3164b", "U+3164"),
        ("x\U000e0041\U000e0042", "U+E0041"), ("caf\ufffd", "replacement character U+FFFD at character 4"),
        ("a\ud800b", "lone surrogate U+D800 at character 2"), ("a\ue000", "private-use character U+E000"),
        ("a\ufdd0", "noncharacter U+FDD0"), ("a\U0001fffe", "noncharacter U+1FFFE"), ("a\ufffcb", "object placeholder"),
        ("red<br>shirt", "HTML tag '<br>' at character 4"), ("<B>red</B>", "HTML tag '<B>'"), ("a</x>", "'</x>'"),
        ('a <img src="x.jpg" /> b', "HTML tag '<img"), ("<!-- x -->", "HTML tag '<!--'"), ("<br/>", "'<br/>'"),
        ("<script>alert(1)</script>", "'<script>'"), ("R&amp;D", "HTML entity '&amp;' at character 2"),
        ("it&#39;s", "'&#39;'"), ("it&#x27;s", "'&#x27;'"), ("a&nbsp;b", "'&nbsp;'"), ("2&times;4", "'&times;'"),
        ("red\\nshirt", "stray escape \\n at character 4"), ("caf\\u00e9", "stray escape \\u00e9"), ("a\\xe9", "\\xe9"),
        ('17\\" sleeve', 'stray escape \\"'), ("w\\/ zip", "stray escape \\/"), ("red%20shirt", "stray escape %20"),
        ("caf%C3%A9", "stray escape %C3%A9"), ("C:\\new red\\nblue", "stray escape \\n at character 11"),
        ("red <|endoftext|>", "mark of CLIP's tokenizer"),
        ("<|StartOfText|>", "mark of CLIP's tokenizer"),
    ],
)  # fmt: skip
def test_what_does_not_belong_into_a_text_is_named(text, words):
    problem = hygiene_problem(text)
    assert problem is not None
    assert words in problem
    assert problem.isprintable()


def test_every_kind_is_named_once():
    problem = hygiene_problem(" red&amp;blue<br>&amp;\x07\x07")
    assert problem is not None
    assert [part.split(" ")[0] for part in problem.split("; ")] == ["control", "HTML"]


MISREADABLE = """
café garçon naïve crème brûlée Noël déjà été coração São maçã calções não pão koszulka żółta źdźbło gęślą bawełna
Größe weiß Ärmel größer über blå tröja smørrebrød peysa með rauður það kırmızı gömlek ışık çorap košeľa žluťoučký
kůň řeka tűző mañana niño it’s “red” red–blue red—blue wait… 5€ Brand™ красная рубашка κόκκινο Việt truyền thống 日本語
"""


SHORT = ["HÃ”TEL", "NIKEÂ® shoe", "30Â° wash", "Ã©tÃ©", "CAFÃ‰", "Â£20", "Ã\xa0 la mode", "ÃƒÂ©"]


@pytest.mark.parametrize("text", SHORT)
def test_utf_8_in_the_wrong_encoding_is_found_in_short_words(text):
    assert "wrong encoding" in (hygiene_problem(text) or "")


@pytest.mark.parametrize("codec", ["cp1252", "latin-1"])
@pytest.mark.parametrize("word", [word for word in MISREADABLE.split() if not word.isascii()])
def test_utf_8_in_the_wrong_encoding_is_found_in_every_language(word, codec):
    def misread(data: bytes) -> str:
        return "".join(bytes([b]).decode(codec, "ignore") or chr(b) for b in data)

    broken = misread(word.encode())
    problem = hygiene_problem(f"one {broken} two")
    assert problem is not None
    assert "wrong encoding" in problem or "control character" in problem
    assert hygiene_problem(f"one {word} two") is None
    twice = hygiene_problem(f"one {misread(broken.encode())} two")
    assert twice is not None


@settings(deadline=None)
@given(ANY_TEXT)
def test_any_text_has_an_answer(text):
    problem = hygiene_problem(text)
    assert problem is None or (problem.isprintable() and problem)
    assert 0 <= count_words(text) <= len(text)


HOSTILE = ["\u0301\u0316", "Ã ", "<a ", "&#", "\\n", "C:\\n", "a", "\u200d", "é\u200e", "-", "\\\\a\\n", " ", "%", "&a"]


@pytest.mark.parametrize("piece", HOSTILE)
def test_hostile_text_of_the_longest_cell_is_answered(piece):
    # Quadratic work over so many characters would take minutes.
    text = (piece * 131_072)[:131_072]
    problem = hygiene_problem(text)
    assert problem is None or len(problem) < 1000
    assert count_words(text) <= 131_072
    assert len(normalise(text)) <= 2 * len(text)
