"""Every blind baseline over the rows of a source, or over a sample of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pytest_clipdata.shortcuts.pictures import by_picture
from pytest_clipdata.shortcuts.scores import Array, hashed
from pytest_clipdata.shortcuts.style import by_style
from pytest_clipdata.shortcuts.told import Told
from pytest_clipdata.shortcuts.words import by_words

SAMPLE = 50_000  #: rows; more are not needed to tell an AUC of .60 from chance


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a source that have a text, a picture and a label; four parallel arrays (n,) and what they index."""

    texts: Sequence[str]  #: distinct texts
    text_codes: Array  #: int64, 0..len(texts) - 1
    pictures: Array  #: int64 >= 0, equal for the same picture
    match: Array  #: bool
    places: Array  #: int64 >= 0, the number of the row in its source, each once


def sampled(rows: Rows, limit: int = SAMPLE, seed: int = 0) -> Rows:
    """At most ``limit`` rows, those with the smallest hash of the seed and their place, in the order of their places.

    The sample is the same whatever the order of the rows; texts that no row of it has are left out.
    """
    chosen = np.arange(len(rows.places))
    if len(chosen) > limit:
        chosen = np.argpartition(hashed(rows.places, seed), limit)[:limit]
    chosen = chosen[np.argsort(rows.places[chosen])]
    used, codes = np.unique(rows.text_codes[chosen], return_inverse=True)
    # By first place, so that the order of the distinct texts does not matter either.
    first = np.full(len(used), len(chosen))
    np.minimum.at(first, codes, np.arange(len(chosen)))
    order = np.argsort(first)
    renamed = np.argsort(order)
    texts = [rows.texts[at] for at in used[order].tolist()]
    return Rows(texts, renamed[codes], rows.pictures[chosen], rows.match[chosen], rows.places[chosen])


def blind_baselines(
    rows: Rows, metadata: Mapping[str, Sequence[str | None] | Array] | None = None, seed: int = 0
) -> list[Told]:
    """How well the label is told without looking at the pair: by style, by words and by picture, those there are.

    ``metadata`` has by name the values of each picture that ``rows.pictures`` index (see `by_picture`). Empty if all
    rows have one label. Hsieh et al. 2023 (arXiv:2306.14610) found blind models beating vision-language models where
    negatives were made so that the text alone gives them away.
    """
    chosen = sampled(rows, seed=seed)
    if chosen.match.all() or not chosen.match.any():
        return []
    texts, codes, pictures, match, places = (
        chosen.texts, chosen.text_codes, chosen.pictures, chosen.match, chosen.places
    )  # fmt: skip
    told = [
        by_style(texts, codes, pictures, match, places, seed),
        by_words(texts, codes, pictures, match, places, seed),
    ]
    return told if not metadata else [*told, by_picture(metadata, pictures, match, places, seed)]


def message(told: Sequence[Told]) -> str | None:
    """The finding on a source, in words: by what the label can be told, and what helps; None if it cannot be told."""
    found = [each for each in told if each.is_shortcut]
    if not found:
        return None
    ways = "; and ".join(each.how for each in sorted(found, key=lambda each: -each.auc))
    advice = "Give match rows the same variation as mismatch rows"
    return f"the label can be told {ways}. {advice}: a model learns this instead of looking at the picture"
