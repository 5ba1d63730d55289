"""The form of a text, without its meaning: can the label be told from it?

Grouped by text, and the texts of one picture together, for they are written alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase, digits, punctuation

import numpy as np

from pytest_clipdata.shortcuts.scores import Array, auc, folds, groups_of, ridge_scores, threshold
from pytest_clipdata.shortcuts.told import Told
from pytest_clipdata.texts.tokens import TokenCounter

_WORD = re.compile(r"[^\W\d_]+")
_LETTERS = 1000  # of each text; the rest of a longer one changes no style


@dataclass(frozen=True, slots=True)
class Feature:
    """A number measured of a text: its name, what texts with less and with more of it do, and its unit."""

    name: str
    less: str
    more: str
    unit: str


# Of equally strong ones the first is named, so the more special ones stand before the more general.
FEATURES = (
    Feature("length", "are shorter", "are longer", "words"),
    Feature("length in letters", "are shorter", "are longer", "characters"),
    Feature("word length", "have shorter words", "have longer words", "letters a word"),
    Feature("last character", "seldom end with a full stop", "often end with a full stop", ""),
    Feature("last character", "seldom end with another mark", "often end with another mark", ""),
    Feature("capitals", "have fewer capitals", "have more capitals", "% of the letters"),
    Feature("first letter", "seldom start with a capital", "often start with a capital", ""),
    Feature("capital words", "have fewer words with a capital", "have more words with a capital", "% of the words"),
    Feature("digits", "have fewer digits", "have more digits", "% of the characters"),
    Feature("punctuation", "have fewer punctuation marks", "have more punctuation marks", "% of the characters"),
    Feature("commas", "have fewer commas", "have more commas", "commas"),
    Feature("non-ASCII characters", "have fewer of them", "have more of them", "% of the characters"),
    Feature(
        "rare words", "have fewer words that are seen once", "have more words that are seen once", "% of the words"
    ),
    Feature("odd words", "have fewer misspelt or rare words", "have more misspelt or rare words", "tokens a word"),
)
_LOGARITHMIC = (0, 1, 2, 10)


def features(texts: Sequence[str], owners: Sequence[int]) -> Array:
    """The numbers of `FEATURES` for each text: float64 (len(texts), 14).

    ``owners`` has equal numbers for texts of the same picture. A word is seen once if one owner alone has it: the
    captions of one picture share its words, and that makes them no less rare.
    """
    words = [_WORD.findall(text[:_LETTERS]) for text in texts]
    owner_of: dict[str, int] = {}
    for owner, found in zip(owners, words, strict=True):
        for word in found:
            key = word.lower()
            if owner_of.setdefault(key, owner) != owner:
                owner_of[key] = _MANY
    counter = TokenCounter()
    measured = [
        (*_measure(text[:_LETTERS], found), *_rarity(found, owner_of, counter))
        for text, found in zip(texts, words, strict=True)
    ]
    return np.array(measured)


_MANY = -1


def _rarity(words: list[str], owner_of: Mapping[str, int], counter: TokenCounter) -> tuple[float, float]:
    """The share of words that one owner alone has, and CLIP's tokens a word: its vocabulary has common words whole."""
    if not words:
        return 0.0, 1.0
    (tokens,) = counter.count([" ".join(words)])
    return 100 * sum(owner_of[word.lower()] != _MANY for word in words) / len(words), (tokens - 2) / len(words)


def _measure(text: str, words: list[str]) -> tuple[float, ...]:
    letters = sum(map(len, words))
    count = max(1, len(words))
    size = max(1, len(text))
    last = text.rstrip()[-1:]
    ascii_bytes = text.encode("ascii", "ignore")

    def share(characters: bytes, of: int) -> float:
        return 100 * (len(ascii_bytes) - len(ascii_bytes.translate(None, characters))) / of

    return (
        len(text.split()),
        len(text),
        letters / count,
        float(last in _FULL_STOPS),
        float(bool(last) and not last.isalnum() and last not in _FULL_STOPS),
        share(ascii_uppercase.encode(), max(1, letters)),
        float(text.lstrip()[:1].isupper()),
        100 * sum(word[0].isupper() for word in words) / count,
        share(digits.encode(), size),
        share(punctuation.encode(), size),
        text.count(","),
        100 * (len(text) - len(ascii_bytes)) / size,
    )


_FULL_STOPS = frozenset(".。")


def _owners(codes: Array, pictures: Array, match: Array) -> Array:
    """For each text the first picture that it describes; one that describes none is its own. All numbers >= 0."""
    owners = int(pictures.max()) + 1 + np.arange(int(codes.max()) + 1)
    where = np.flatnonzero(match)[::-1]
    owners[codes[where]] = pictures[where]
    return owners


def by_style(texts: Sequence[str], codes: Array, pictures: Array, match: Array, places: Array, seed: int) -> Told:
    """How well the label is told from the style of the text of each row; ``codes`` index ``texts``."""
    owners = _owners(codes, pictures, match)
    raw = features(texts, owners.tolist())
    inputs = raw.copy()
    inputs[:, _LOGARITHMIC] = np.log1p(inputs[:, _LOGARITHMIC])
    fold = folds(owners[codes], places, seed)
    reached = auc(ridge_scores(inputs[codes], match, fold), match)
    needed = threshold(*groups_of(owners[codes], match))
    if reached < needed:
        return Told("style", reached, needed, "")
    alone = [auc(inputs[codes, column], match) for column in range(len(FEATURES))]
    best = int(np.argmax(np.abs(np.array(alone) - 0.5)))
    feature, direction = FEATURES[best], alone[best]
    strength = max(direction, 1 - direction)
    reason = _reason(feature, direction, raw[codes, best], match)
    if strength >= reached - 0.05:
        return Told("style", reached, needed, f"from the text's {feature.name} alone (AUC {strength:.2f}): {reason}")
    return Told("style", reached, needed, f"from the text's style alone (AUC {reached:.2f}), most by: {reason}")


def _reason(feature: Feature, direction: float, values: Array, match: Array) -> str:
    how = feature.less if direction > 0.5 else feature.more
    of_mismatch, of_match = values[~match], values[match]
    if not feature.unit:
        return f"mismatch texts {how} ({of_mismatch.mean():.0%}, match {of_match.mean():.0%})"
    average, middles = "median", (np.median(of_mismatch), np.median(of_match))
    if middles[0] == middles[1]:
        average, middles = "mean", (of_mismatch.mean(), of_match.mean())
    return f"mismatch texts {how} ({average} {middles[0]:.3g} {feature.unit}, match {middles[1]:.3g})"
