"""The words, marks and their pairs of a text: can the label be told from them? Naive Bayes, grouped by picture.

By picture, for a text grouped by itself never stands in both the rows that are learned from and those that are judged,
and texts that occur with one label alone would go unseen.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from pytest_clipdata.shortcuts.scores import FOLDS, Array, auc, folds, groups_of, threshold
from pytest_clipdata.shortcuts.told import Told

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|\d+|[^\w\s]")
_WORDS = 77  # of each text: CLIP reads no more
_LETTERS = 2000
_SEEN = 3


def word_features(texts: Sequence[str]) -> tuple[Array, Array, list[str]]:
    """Which text has which word or pair of neighbours, each once: two parallel int64 arrays and the features' names."""
    ids: dict[str, int] = {}
    text_of: list[int] = []
    word_of: list[int] = []
    for number, text in enumerate(texts):
        found = _WORD.findall(text[:_LETTERS].lower())[:_WORDS]
        text_of += [number] * len(found)
        word_of += [ids.setdefault(word, len(ids)) for word in found]
    where, what = np.array(text_of, np.int64), np.array(word_of, np.int64)
    neighbours = where[1:] == where[:-1]
    size = len(ids)
    pairs = (what[:-1] * size + what[1:])[neighbours] + size
    keys, features = np.unique(np.concatenate([what, pairs]), return_inverse=True)
    both = np.unique(np.concatenate([where, where[1:][neighbours]]) * len(keys) + features)
    names = list(ids)
    labels = [
        names[key] if key < size else f"{names[(key - size) // size]} {names[(key - size) % size]}"
        for key in keys.tolist()
    ]
    return both // max(1, len(keys)), both % max(1, len(keys)), labels


def by_words(texts: Sequence[str], codes: Array, pictures: Array, match: Array, places: Array, seed: int) -> Told:
    """How well the label is told from the words of the text of each row; ``codes`` index ``texts``."""
    where, what, names = word_features(texts)
    fold = folds(pictures, places, seed)
    # How many rows of each label and fold have each text, and from that, how many have each feature.
    rows = np.zeros((2, FOLDS, len(texts)))
    np.add.at(rows, (match.astype(np.int64), fold, codes), 1)
    counts = np.array(
        [[np.bincount(what, rows[label, part][where], len(names)) for part in range(FOLDS)] for label in (0, 1)]
    )
    sizes, seen = rows.sum(axis=2), counts.sum(axis=(0, 1))
    scores = np.zeros(len(codes))
    for part in range(FOLDS):
        odds = _log_odds(counts.sum(axis=1) - counts[:, part], sizes.sum(axis=1) - sizes[:, part], seen)
        of_text = np.bincount(where, odds[what], len(texts))
        scores[fold == part] = of_text[codes[fold == part]]
    reached = auc(scores, match)
    needed = threshold(*groups_of(pictures, match))
    how = ""
    if reached >= needed:
        strongest = _strongest(counts.sum(axis=1), sizes.sum(axis=1), names)
        how = f"from the words of the text alone (AUC {reached:.2f}): {strongest}"
    return Told("words", reached, needed, how)


def _log_odds(counts: Array, sizes: Array, seen: Array) -> Array:
    """Log odds of a match for each feature; ``counts``: (mismatch, match) x features.

    What fewer than ``_SEEN`` rows have says nothing. Where mismatches are made by shuffling, every text is once a match
    and once a mismatch, and what it alone has would foretell the opposite of the truth.

    The pseudo-count of each label is its share of the rows, so that an unequal number of labels moves no feature.
    """
    shares = sizes / max(1.0, sizes.sum())
    rates = (counts + shares[:, None]) / np.maximum(1.0, sizes + shares)[:, None]
    mismatch, match = np.maximum(rates, 1e-12)
    odds: Array = np.log(match / mismatch)
    odds[seen < _SEEN] = 0
    return odds


def _strongest(counts: Array, sizes: Array, names: Sequence[str], most: int = 4) -> str:
    """The features whose shares among the two labels differ most for their numbers, with these numbers."""
    rates = counts / sizes[:, None]
    pooled = counts.sum(axis=0) / sizes.sum()
    error = np.sqrt(np.maximum(pooled * (1 - pooled), 1e-12) * (1 / sizes).sum())
    evidence = np.abs(rates[0] - rates[1]) / error
    chosen: list[int] = []
    for feature in np.lexsort((np.arange(len(names)), -np.round(evidence, 9))).tolist():
        # A pair whose word has been named, or the other way round, tells nothing new.
        if not any({*names[feature].split()} & {*names[other].split()} for other in chosen):
            chosen.append(feature)
        if len(chosen) == most:
            break
    said = [
        f"{names[feature][:40]!r} is in {int(counts[0, feature])} mismatch and {int(counts[1, feature])} match rows"
        for feature in chosen
    ]
    return ", ".join(said)
