from __future__ import annotations

import math
import random
import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_clipdata.shortcuts.blind import Rows, blind_baselines, message, sampled
from pytest_clipdata.shortcuts.pictures import by_picture, name_metadata
from pytest_clipdata.shortcuts.scores import auc, folds, hashed, ridge_scores, threshold
from pytest_clipdata.shortcuts.style import FEATURES, features
from pytest_clipdata.shortcuts.words import _SEEN, _log_odds, word_features

COLOURS = ["red", "blue", "black", "white", "green", "navy", "pink"]
THINGS = ["shirt", "dress", "jacket", "boot", "bag", "hat", "sofa", "mug"]


def caption(rng: random.Random) -> str:
    return f"{rng.choice(COLOURS)} {rng.choice(THINGS)} with {rng.choice(COLOURS)} {rng.choice(['dots', 'stripes', 'zip'])}"


def rows_of(rows: list[tuple[int, str, bool]]) -> Rows:
    texts: dict[str, int] = {}
    codes = np.array([texts.setdefault(text, len(texts)) for _, text, _ in rows])
    pictures, match = np.array([picture for picture, *_ in rows]), np.array([label for *_, label in rows])
    return Rows(list(texts), codes, pictures, match, np.arange(len(rows)))


def shuffled_pairs(pictures: int, seed: int = 1) -> list[tuple[int, str, bool]]:
    rng = random.Random(seed)
    own = [caption(rng) for _ in range(pictures)]
    others = rng.sample(own, pictures)
    return [row for at in range(pictures) for row in ((at, own[at], True), (at, others[at], False))]


def planted(change, pictures: int = 150) -> list[tuple[int, str, bool]]:
    return [(at, text if label else change(at, text), label) for at, text, label in shuffled_pairs(pictures)]


# --- scores against plain Python --------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auc_is_the_share_of_pairs_in_order(rows):
    matches = [score for score, label in rows if label]
    others = [score for score, label in rows if not label]
    if not matches or not others:
        return
    won = sum((a > b) + (a == b) / 2 for a in matches for b in others) / (len(matches) * len(others))
    measured = auc(np.array([score for score, _ in rows], float), np.array([label for _, label in rows]))
    assert measured == pytest.approx(won)


def test_the_threshold_is_four_standard_errors_and_at_least_60():
    assert threshold(100, 100) == pytest.approx(0.5 + 4 * math.sqrt(201 / 120_000))
    assert threshold(10_000, 10_000) == 0.60
    assert threshold(5, 5) > 1
    assert threshold(0, 9) == math.inf


def test_the_hash_is_splitmix64():
    def plain(value: int, seed: int) -> int:
        value = (value + (seed + 1) * 0x9E3779B97F4A7C15) % 2**64
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB % 2**64
        return value ^ (value >> 31)

    assert hashed(np.arange(100), 3).tolist() == [plain(value, 3) for value in range(100)]
    assert plain(0, 0) == 0xE220A8397B1DCDAF  # the first number of the reference generator from 0


@given(st.lists(st.integers(0, 8), min_size=1, max_size=60), st.randoms())
def test_a_group_has_one_fold_whatever_the_order_and_the_codes(groups, rng):
    codes, places = np.array(groups), np.arange(len(groups))
    fold = folds(codes, places, 0)
    assert all(len({*fold[codes == code].tolist()}) == 1 for code in {*groups})
    order = np.array(rng.sample(range(len(groups)), len(groups)))
    renamed = np.array(rng.sample(range(9), 9))[codes]
    assert folds(renamed[order], places[order], 0).tolist() == fold[order].tolist()


def test_ridge_scores_come_from_other_folds():
    rng = np.random.default_rng(0)
    features, match = rng.normal(size=(400, 3)), rng.random(400) < 0.5
    fold = np.arange(400) % 5
    assert 0.4 < auc(ridge_scores(features, match, fold), match) < 0.6  # in its own rows it would tell some
    features[:, 1] += match
    scores = ridge_scores(features, match, fold)
    assert auc(scores, match) > 0.7
    changed = match.copy()
    changed[fold == 0] = ~changed[fold == 0]
    again = ridge_scores(features, changed, fold)
    # Of the own fold's labels the scores know no more than the mean over all rows.
    assert np.ptp((scores - again)[fold == 0]) < 1e-3 + 0.2 * np.ptp(scores)


@given(st.lists(st.text("ab ,", max_size=12), max_size=6))
def test_words_and_pairs_of_a_text_are_counted_once(texts):
    where, what, names = word_features(texts)
    measured = sorted((int(text), names[int(feature)]) for text, feature in zip(where, what, strict=True))
    expected = set()
    for number, text in enumerate(texts):
        words = text.replace(",", " , ").split()
        expected |= {(number, word) for word in words}
        expected |= {(number, f"{one} {other}") for one, other in pairwise(words)}
    assert measured == sorted(expected)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8), st.integers(31, 60))
def test_log_odds_are_naive_bayes_with_a_share_as_pseudo_count(pairs, rows):
    counts = np.array(pairs, float).T
    odds = _log_odds(counts, np.array([rows, 2 * rows], float), counts.sum(axis=0))
    for column, (mismatch, match) in enumerate(pairs):
        plain = math.log((match + 2 / 3) / (2 * rows + 2 / 3)) - math.log((mismatch + 1 / 3) / (rows + 1 / 3))
        assert odds[column] == pytest.approx(plain if mismatch + match >= _SEEN else 0)


# --- honest and planted -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_shuffled_texts_cannot_be_told(seed):
    told = blind_baselines(rows_of(shuffled_pairs(150, seed)))
    assert [each.source for each in told] == ["style", "words"]
    assert all(each.judged and not each.how for each in told)
    assert message(told) is None


@pytest.mark.parametrize("seed", range(5))
def test_labels_drawn_by_lot_cannot_be_told(seed):
    rng = random.Random(seed)
    rows = [(at, f"{caption(rng)} and {caption(rng)}", rng.random() < 0.5) for at in range(300)]
    told = blind_baselines(rows_of(rows))
    # In its own rows naive Bayes would reach .8 and more.
    assert all(each.auc < 0.6 for each in told)


def test_words_that_only_the_captions_of_one_picture_share_are_rare():
    rare = [feature.name for feature in FEATURES].index("rare words")
    texts = ["a zebra here", "a zebra there", "a dog here"]
    assert features(texts, [1, 1, 2])[:, rare].tolist() == pytest.approx([100 / 3, 200 / 3, 100 / 3])
    assert features(texts, [1, 3, 2])[:, rare].tolist() == pytest.approx([0, 100 / 3, 100 / 3])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda at, text: " ".join(text.split()[:2]), "from the text's length alone (AUC 1.00): mismatch texts are shorter (median 2 words, match 5)"),
        (lambda at, text: text.upper(), "have more capitals (median 100 % of the letters, match 0)"),
        (lambda at, text: text + ".", "from the text's last character alone (AUC 1.00): mismatch texts often end with a full stop (100%, match 0%)"),
        (lambda at, text: text.replace("with", f"wi{'abcdefgh'[at % 8]}t{'klmnop'[at % 6]}h"), "have more misspelt or rare words"),
        (lambda at, text: text.replace("with", "without"), "'without' is in 150 mismatch and 0 match rows"),
        (lambda at, text: f"fixed text number {'one two three four five six'.split()[at % 6]} here", "'fixed' is in 150 mismatch and 0 match rows"),
    ],
)  # fmt: skip
def test_a_planted_shortcut_is_told_with_its_reason(change, said):
    words = message(blind_baselines(rows_of(planted(change)))) or ""
    assert said in words
    assert words.startswith("the label can be told from the ")


def metadata_of(formats: list[str], sizes: list[float]):
    return {"format": formats, "width": np.array(sizes)}


def test_metadata_counts_where_a_picture_has_one_label():
    rng = random.Random(4)
    rows = [(at, caption(rng), at % 2 == 0) for at in range(300)]
    honest = metadata_of([rng.choice(["png", "jpeg"]) for _ in rows], [rng.choice([600.0, 800.0]) for _ in rows])
    *_, told = blind_baselines(rows_of(rows), honest)
    assert told.judged
    assert not told.is_shortcut
    format_tells = honest | {"format": ["png" if at % 2 and at > 9 else "jpeg" for at in range(300)]}
    words = message(blind_baselines(rows_of(rows), format_tells)) or ""
    assert "format: png is mismatch in 100% of 145 pictures" in words or "format: jpeg is match in 97%" in words
    size_tells = honest | {"width": np.array([300.0 if at % 2 else 600.0 for at in range(300)])}
    words = message(blind_baselines(rows_of(rows), size_tells)) or ""
    assert "width of mismatch pictures has the median 300, of match pictures 600" in words
    both = [(at // 2, text, label) for at, text, label in rows]
    *_, told = blind_baselines(rows_of(both), format_tells)
    assert not told.judged


def test_a_picture_with_both_labels_is_left_out_of_its_metadata():
    rng = random.Random(5)
    single = [(at, "red shirt", rng.random() < 0.5) for at in range(200)]
    both = [(200 + at // 2, "red shirt", at % 2 == 0) for at in range(200)]
    formats = {"format": ["jpeg"] * 200 + ["png"] * 100}
    *_, told = blind_baselines(rows_of(single + both), formats | {"width": np.arange(300) % 7.0})
    assert told.judged
    assert not told.is_shortcut


def test_names_tell_their_source_but_not_by_their_number():
    names = [f"{'gen' if at % 2 else 'photos'}/img_{at:04}.jpg" for at in range(200)]
    match, at = np.arange(200) % 2 == 0, np.arange(200)
    assert "folder" in by_picture(name_metadata(names), at, match, at, 0).how
    prefixes = [f"photos/{'gen' if number % 2 else 'img'}_{number:04}.jpg" for number in range(200)]
    assert (
        "file name: gen_0 is mismatch in 100% of 100 pictures"
        in by_picture(name_metadata(prefixes), at, match, at, 0).how
    )
    in_order = name_metadata([f"photos/img_{number:04}.jpg" for number in range(200)])
    assert not by_picture(in_order, at, np.arange(200) < 100, at, 0).is_shortcut


# --- order, size, odd input -------------------------------------------------------------------------------------------


def test_no_order_matters_to_anything():
    rng = random.Random(8)
    rows = rows_of(planted(lambda at, text: text.replace("with", "without") if at % 2 else text))
    numbers, text_order = rng.sample(range(300), 300), rng.sample(range(len(rows.texts)), len(rows.texts))
    renamed = np.argsort(text_order)
    other = Rows(
        [rows.texts[at] for at in text_order], renamed[rows.text_codes[numbers]], rows.pictures[numbers],
        rows.match[numbers], rows.places[numbers],
    )  # fmt: skip
    told = blind_baselines(rows)
    assert told == blind_baselines(other)
    assert message(told) is not None


def test_a_sample_is_the_rows_of_the_smallest_hashes():
    rows = rows_of(shuffled_pairs(100))
    small = sampled(rows, limit=50, seed=2)
    by_hash = sorted(range(200), key=lambda place: int(hashed(np.array([place]), 2)[0]))[:50]
    assert small.places.tolist() == sorted(by_hash)
    originals = [(rows.texts[rows.text_codes[at]], rows.pictures[at], rows.match[at]) for at in small.places]
    kept = [(small.texts[small.text_codes[at]], small.pictures[at], small.match[at]) for at in range(50)]
    assert kept == originals


@pytest.mark.parametrize(
    "rows",
    [
        [(0, "", True), (1, "", False)], [(0, "a", True)], [(0, "!", True), (0, "?", False)] * 40,
        [(at, "\ud800" if at % 2 else "a" * 5000, at % 3 == 0) for at in range(80)],
        [(at, "", at % 2 == 0) for at in range(80)],
    ],
)  # fmt: skip
def test_odd_rows_are_answered(rows):
    metadata = {"format": [None] * 80, "width": np.full(80, np.nan), "bytes": np.full(80, np.inf)}
    for each in blind_baselines(rows_of(rows), metadata):
        assert 0 <= each.auc <= 1


def test_few_rows_are_not_judged():
    told = blind_baselines(rows_of(planted(lambda at, text: text + ".", pictures=6)))
    assert not any(each.judged or each.is_shortcut for each in told)


def test_texts_of_the_longest_cell_are_answered_in_time():
    start = time.process_time()
    blind_baselines(rows_of([(at, ("a" if at % 2 else "é-") * 65_536 + str(at), at % 4 < 2) for at in range(60)]))
    assert time.process_time() - start < 10
