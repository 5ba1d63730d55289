from __future__ import annotations

import random
import time
import unicodedata
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_clipdata.texts import clip_bpe
from pytest_clipdata.texts.tokens import _LONGEST_TOKEN, TokenCounter, siglip_lower_bound
from pytest_clipdata.texts.unicode_forms import normal_form


@cache
def reference():
    """Hugging Face's CLIP tokenizer, made of the same merges, so that no network is needed."""
    transformers = pytest.importorskip("transformers")
    merges = [tuple(pair.split(" ")) for pair in clip_bpe.merge_ranks()]
    return transformers.CLIPTokenizer(vocab=dict(clip_bpe.token_ids()), merges=merges).backend_tokenizer


def reference_ids(texts: list[str]) -> list[list[int]]:
    return [encoding.ids for encoding in reference().encode_batch(texts)]


def test_ids_are_those_that_openai_gives():
    # From the README of openai/clip-vit-base-patch32: "a photo of a cat" and "a photo of a dog".
    assert clip_bpe.encode("a photo of a cat") == [49406, 320, 1125, 539, 320, 2368, 49407]
    assert clip_bpe.encode("A PHOTO of a  dog") == [49406, 320, 1125, 539, 320, 1929, 49407]
    assert clip_bpe.encode("") == [49406, 49407]
    assert len(clip_bpe.token_ids()) == 49408


ODD = [
    "'ſ", "\x00", "\x1c", "\x1d", "\x1e", "\x1f", "'S", "'re", "''ll", "'d", "'", "İ", "Σ", "ς", "ΑΣ ", "½", "Ⅷ", "²",
    "_", "__", "\u0301", "\u0316", "a\u0301", "é", "👩\u200d👧", "❤️", "🏴\U000e0067", "<|endoftext|>", "<|StartOfText|>",
    "<|startoftext|>", "<|", "|>", " ", "\n", "\x85", "\xa0", "\u2003", "\u200b", "\ufffd", "红色", "빨간", "カ\u3099", "ﬁ",
    "ß", "9", "12", "K", "ǅ", "ẞ", "ŉ", "ᾳ", "ΐ", "Red", "t-shirt", "don't", "unbelievable", "x²½", "№5", "٣٤", "क्ष",
]  # fmt: skip


def odd_texts(count: int) -> list[str]:
    rng = random.Random(7)
    assigned = [chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs")]
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [
        *("".join(rng.choices(ODD, k=rng.randint(1, 12))) for _ in range(count // 2)),
        *("".join(rng.choices(assigned, k=rng.randint(1, 8))) for _ in range(count // 4)),
        *(" ".join("".join(rng.choices(letters, k=rng.randint(1, 14))) for _ in range(6)) for _ in range(count // 4)),
    ]


def test_ids_are_those_of_hugging_face_on_50_000_texts():
    texts = odd_texts(50_000)
    wrong = [text for text, ids in zip(texts, reference_ids(texts), strict=True) if clip_bpe.encode(text) != ids]
    assert not wrong, ascii(wrong[:5])


@settings(deadline=None)
@given(st.lists(st.characters(exclude_categories=["Cn", "Cs"]) | st.sampled_from(ODD), max_size=20).map("".join))
def test_the_count_is_that_of_hugging_face_on_any_text(text):
    assert TokenCounter().count([text]) == [len(reference_ids([text])[0])]


def test_a_lone_surrogate_counts_as_a_replacement_character():
    assert TokenCounter().count(["a\ud800b"]) == TokenCounter().count(["a\ufffdb"])


def merged_plainly(word: str) -> list[str]:
    """The textbook's loop: look for the best pair of neighbours, merge its first place, look again."""
    ranks = clip_bpe.merge_ranks()
    symbols = [*word[:-1], word[-1] + "</w>"]
    while True:
        pairs = [(ranks[f"{a} {b}"], at) for at, (a, b) in enumerate(pairwise(symbols)) if f"{a} {b}" in ranks]
        if not pairs:
            return symbols
        _, at = min(pairs)
        symbols[at : at + 2] = [symbols[at] + symbols[at + 1]]


@settings(deadline=None)
@given(st.text("aeinorst", min_size=1, max_size=40))
def test_merging_by_a_heap_is_merging_by_the_textbook(word):
    assert clip_bpe.merged(word) == merged_plainly(word)


@pytest.mark.parametrize(
    "word", ["q" * 100_000, "é" * 100_000, "the" * 33_333, "😂" * 100_000, "1" * 100_000, "!" * 100_000]
)
def test_a_word_of_100_000_letters_takes_seconds_at_most(word):
    start = time.process_time()
    counter = TokenCounter()
    (count,) = counter.count([word])
    tail = counter.cut(word)
    assert time.process_time() - start < 15  # a loop over pairs would take an hour
    assert count == len(reference_ids([word])[0])
    assert word.endswith(tail)
    assert counter.count([word[: len(word) - len(tail)]])[0] <= 77


def test_no_token_is_longer_than_the_cut_counts_on():
    lengths = [len(token.removesuffix("</w>")) for token in clip_bpe.token_ids() if not token.startswith("<|")]
    assert max(lengths) <= _LONGEST_TOKEN


def test_long_texts_are_normalised_in_pieces_and_to_the_same():
    text = ("e\u0301" * 3 + " x\u0327\u0301y ") * 4000
    assert normal_form("NFC", text) == unicodedata.normalize("NFC", text)
    assert TokenCounter().count([text]) == [len(reference_ids([text])[0])]
    start = time.process_time()
    normal_form("NFC", "a" + "\u0301\u0316" * 65_536)
    assert time.process_time() - start < 2


@pytest.fixture(scope="module")
def counter():
    return TokenCounter()


def test_tokens_with_both_marks(counter):
    assert counter.count(["", "red", "Red cotton t-shirt with round neck"]) == [2, 3, 10]
    assert counter.count(["cafe\u0301"]) == counter.count(["café"])
    assert counter.count(["red"]) == [3]  # again, now from memory


def test_the_tail_that_is_cut(counter):
    words = [random.Random(7).choice(["red", "cotton", "unbelievable", "t-shirt,", "42"]) for _ in range(200)]
    text = "  ".join(words) + "  \n"
    tail = counter.cut(text)
    kept = text[: text.rindex(tail)]
    assert text.rstrip().endswith(tail)
    assert counter.count([kept])[0] <= 77
    assert counter.count([kept + tail.split()[0]])[0] > 77
    assert counter.cut(kept) == ""
    assert counter.cut("red cotton shirt", context_length=4) == "shirt"


@settings(deadline=None)
@given(st.text(st.characters() | st.sampled_from("abc 's’12-!_ \n\x1c"), max_size=80), st.integers(2, 12))
def test_what_is_left_fits_and_only_what_must_is_cut(counter, text, context_length):
    tail = counter.cut(text, context_length)
    assert (counter.count([text])[0] > context_length) == bool(tail)
    assert tail in text
    assert counter.count([text[: text.rindex(tail)]])[0] <= context_length or not tail


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 1), ("red", 2), ("Red & blue - 5 cm", 5), ("  a\tb\nc ", 4), ("!!!", 1), ("红色的", 2)]
)
def test_the_bound_for_siglip(text, tokens):
    assert siglip_lower_bound(text) == tokens


def test_a_long_word_is_cut_as_late_as_it_fits_and_without_counting_it_over_and_over(monkeypatch):
    counter, counted = TokenCounter(), []
    count = counter._count
    monkeypatch.setattr(counter, "_count", lambda text: counted.append(len(text)) or count(text))
    word = "q" * 100_000
    kept = word[: len(word) - len(counter.cut(word))]
    assert counter.count([kept]) == [77]
    assert counter.count([kept + "q"])[0] > 77
    assert [length for length in counted if length > 75 * _LONGEST_TOKEN] == [100_000]
