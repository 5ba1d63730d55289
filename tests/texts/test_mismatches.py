from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.reports.html.mismatches import mismatch_figure
from pytest_clipdata.texts.mismatches import (
    ANOTHER,
    DIFFERENCES,
    OTHER,
    SEVERAL,
    content_words,
    difference,
    mismatch_kinds,
)
from pytest_clipdata.texts.word_kinds import EMPTY, KIND_OF, kind_of

RED = "Red cotton t-shirt with a round neck"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Blue cotton t-shirt with a round neck", "colour"),
        ("A blue t-shirt in cotton, round neck", "colour"),
        ("Red leather t-shirt with a round neck", "material"),
        ("Red cotton trousers with a round neck", "category"),
        ("Red steel watch with a white dial", "category"),
        ("Red cotton t-shirt with a square neck", "feature"),
        ("Red cotton t-shirt with a round neck and pockets", "feature"),
        ("Blue leather t-shirt with a round neck", SEVERAL),
        ("Green wooden chair with a padded seat", ANOTHER),
        ("Two dogs play on the beach", ANOTHER),
        ("Teh red cotton t-shirt with a round neck", OTHER),
        (RED, OTHER),
    ],
)
def test_what_a_text_differs_in(text: str, kind: str) -> None:
    assert difference(content_words(text), content_words(RED)) == kind


def test_every_kind_has_its_words_once_and_in_the_singular_or_plural() -> None:
    assert kind_of("shoes") == kind_of("shoe") == kind_of("dresses") == "category"
    assert kind_of("stripes") == "feature"
    assert kind_of("xylophone") is None
    assert not KIND_OF.keys() & EMPTY
    assert all(word == word.lower() for word in KIND_OF)


def test_rows_are_counted_against_the_nearest_match_text_of_their_picture() -> None:
    pictures = ["a", "a", "a", "a", "b", "c", "c", None]
    texts = [RED, "Crimson shirt with short sleeves", "Blue cotton t-shirt with a round neck", "Two dogs", "x", "y", None, "z"]  # fmt: skip
    found = mismatch_kinds(pictures, texts, [1, 1, 0, 0, 0, 1, 0, 0])
    assert found.counts == {"colour": 1, ANOTHER: 1}
    assert (found.alone, found.of, found.compared) == (1, 3, 2)
    assert found.missing == ("category", "material", "feature")


def test_planted_kinds_are_told() -> None:
    """A grammar of captions in which one slot of four is exchanged, and whole texts are shuffled."""
    rng = random.Random(5)
    slots = {
        "colour": ["red", "blue", "green", "black"], "material": ["cotton", "leather", "wool", "denim"],
        "category": ["shirt", "jacket", "skirt", "hat"], "feature": ["stripes", "dots", "pockets", "buttons"],
    }  # fmt: skip
    pictures: list[object] = []
    texts: list[object] = []
    labels: list[object] = []
    planted = dict.fromkeys(slots, 0)
    for number in range(400):
        true = {name: rng.choice(words) for name, words in slots.items()}
        wrong = rng.choice(list(slots))
        planted[wrong] += 1
        false = true | {wrong: rng.choice([word for word in slots[wrong] if word != true[wrong]])}
        for words, label in ((true, 1), (false, 0)):
            pictures.append(str(number))
            texts.append("A {colour} {category} of {material} with {feature}".format(**words))
            labels.append(label)
    assert mismatch_kinds(pictures, texts, labels).counts == planted


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.one_of(st.none(), st.text(max_size=30)), st.sampled_from([0, 1, None]))))  # fmt: skip
def test_any_rows_have_an_answer(rows) -> None:
    found = mismatch_kinds(*([row[i] for row in rows] for i in range(3)))
    wrong = sum(p is not None and t is not None and m == 0 for p, t, m in rows)
    assert found.compared + found.alone == found.of == wrong
    assert set(found.counts) <= set(DIFFERENCES)


def test_a_million_rows_are_sampled_and_long_texts_are_cut() -> None:
    start = time.process_time()
    found = mismatch_kinds(["a"] * 60_001, [RED] + ["blue " * 30_000] * 60_000, [1] + [0] * 60_000)
    assert found.compared == 10_000
    assert found.of == 60_000
    assert time.process_time() - start < 60


def test_the_page_says_what_is_missing() -> None:
    html = mismatch_figure(mismatch_kinds(["a", "a"], [RED, RED.replace("Red", "Blue")], [1, 0]))
    assert "<tr><th scope='row'>colour</th><td>1</td><td>100%</td></tr>" in html
    assert "No mismatch differs in category, material or feature alone." in html
    assert mismatch_figure(mismatch_kinds(["a"], [RED], [0])) == ""
    assert mismatch_figure(None) == ""
