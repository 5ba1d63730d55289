"""What is known of a picture without looking at it: can the label be told from that? One row a picture.

Only pictures all of whose rows have one label count; a picture with both can tell nothing by itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from pytest_clipdata.shortcuts.scores import Array, auc, folds, ridge_scores, threshold
from pytest_clipdata.shortcuts.told import Told

_RAREST = 0.05  # share of the pictures from which a word counts


def name_metadata(paths: Sequence[str]) -> dict[str, list[str] | Array]:
    """What the paths of the pictures say apart from a number in them: folder, prefix, ending and length of the name.

    The model never sees a name, but names of two kinds show that the pictures of the two labels have two sources.
    """
    folders, names = zip(*((path.rpartition("/")[0], path.rpartition("/")[2]) for path in paths), strict=True)
    return {
        "folder": list(folders),
        "file name": [re.sub(r"\d+", "0", name.rpartition(".")[0])[:40] for name in names],
        "ending": [name.rpartition(".")[2] if "." in name else "" for name in names],
        "length of the file name": np.array([len(name) for name in names], np.float64),
    }


def by_picture(
    metadata: Mapping[str, Sequence[str | None] | Array], pictures: Array, match: Array, places: Array, seed: int
) -> Told:
    """How well the label is told from the metadata of the picture of each row.

    ``metadata`` has by name the values of each picture, which ``pictures`` index: words (None for an unknown one) or
    an array of numbers (not a number for an unknown one).
    """
    size = int(pictures.max()) + 1
    rows, matches = np.bincount(pictures, minlength=size), np.bincount(pictures[match], minlength=size)
    first = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(first, pictures, places)
    single = np.flatnonzero((rows > 0) & ((matches == 0) | (matches == rows)))
    single = single[np.argsort(first[single])]
    label = matches[single] > 0
    needed = threshold(int(label.sum()), int((~label).sum()))
    columns: list[tuple[str, str | None, Array]] = []
    for name, values in metadata.items():
        columns += _columns(name, values, single)
    if needed >= 1 or not columns:
        return Told("picture", 0.5, max(1.0, needed), "")
    inputs = np.column_stack([column for *_, column in columns])
    fold = folds(np.arange(len(single)), first[single], seed)
    reached = auc(ridge_scores(np.sign(inputs) * np.log1p(np.abs(inputs)), label, fold), label)
    how = ""
    if reached >= needed:
        how = f"from the picture's metadata alone (AUC {reached:.2f}): {_strongest(columns, label)}"
    return Told("picture", reached, needed, how)


def _columns(name: str, values: Sequence[str | None] | Array, chosen: Array) -> list[tuple[str, str | None, Array]]:
    """Numbers as one column, the unknown ones at the median; words as a column of 0 and 1 for each frequent one."""
    if isinstance(values, np.ndarray):
        numbers = values[chosen].astype(np.float64)
        known = np.isfinite(numbers)
        return [(name, None, np.where(known, numbers, np.median(numbers[known])))] if known.any() else []
    words = np.array([values[at] or "" for at in chosen.tolist()], dtype=object).astype(str)
    frequent, counts = np.unique(words, return_counts=True)
    kept = frequent[(counts >= _RAREST * len(words)) & (counts < len(words))]
    return [(name, str(word), (words == word).astype(np.float64)) for word in kept]


def _strongest(columns: Sequence[tuple[str, str | None, Array]], match: Array) -> str:
    alone = np.array([auc(column, match) for *_, column in columns])
    name, word, column = columns[int(np.argmax(np.abs(alone - 0.5)))]
    if word is None:
        mismatch, of_match = np.median(column[~match]), np.median(column[match])
        return f"{name} of mismatch pictures has the median {mismatch:,.6g}, of match pictures {of_match:,.6g}"
    of_it = match[column > 0]
    share = of_it.mean()
    kind = "match" if share >= 0.5 else "mismatch"
    return f"{name}: {word[:40] or 'none'} is {kind} in {max(share, 1 - share):.0%} of {len(of_it)} pictures"
