"""Folds, AUC and its threshold: what every blind baseline needs."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
FOLDS = 5


def hashed(places: Array, seed: int) -> Array:
    """A uniform 64-bit hash of each number and the seed (splitmix64, Steele et al. 2014): uint64, same shape."""
    value = places.astype(np.uint64) + np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % 2**64)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


def folds(groups: Array, places: Array, seed: int) -> Array:
    """A fold of 0..4 for each row, the same for all rows of a group.

    ``groups`` are codes >= 0 and ``places`` the rows' numbers. A group goes by the smallest place among its rows, so
    neither the order of the rows nor that of the codes matters.
    """
    first = np.full(int(groups.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, groups, places)
    return (hashed(first[groups], seed) % np.uint64(FOLDS)).astype(np.int64)


def auc(scores: Array, match: Array) -> float:
    """The chance that a random match row scores higher than a random mismatch row, ties counted half: 0..1.

    ``match`` is boolean with both values in it.
    """
    _, rank, counts = np.unique(np.round(scores, 9), return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks = (last - (counts - 1) / 2)[rank]
    matches = int(match.sum())
    wins = float(ranks[match].sum()) - matches * (matches + 1) / 2
    return wins / (matches * (len(match) - matches))


def threshold(matches: int, mismatches: int) -> float:
    """The AUC from which the label can be told: .60, or four standard errors over chance if that is more.

    The error is that of the rank sum under chance (Mann and Whitney 1947). The numbers are of things that are
    independent (texts, pictures), not of rows that repeat them. From 1 on nothing can be told.
    """
    if not matches or not mismatches:
        return float("inf")
    error = sqrt((matches + mismatches + 1) / (12 * matches * mismatches))
    return max(0.60, 0.5 + 4 * error)


def ridge_scores(features: Array, match: Array, fold: Array, penalty: float = 10.0) -> Array:
    """For each row the prediction of a ridge regression that was fitted on the other folds: float64 (n,).

    Each column is standardised and clipped to five deviations, so that one odd row does not lead the rest.
    """
    deviation = features.std(axis=0)
    varying = deviation > 1e-9
    inputs = np.clip((features - features.mean(axis=0))[:, varying] / deviation[varying], -5, 5)
    inputs = np.column_stack([inputs, np.ones(len(inputs))])
    target = match.astype(np.float64) - match.mean()
    shrink = np.diag([penalty] * (inputs.shape[1] - 1) + [1e-6])
    scores = np.zeros(len(inputs))
    for held_out in range(FOLDS):
        train, test = inputs[fold != held_out], fold == held_out
        weights = np.linalg.solve(train.T @ train + shrink, train.T @ target[fold != held_out])
        scores[test] = inputs[test] @ weights
    return scores


def groups_of(groups: Array, match: Array) -> tuple[int, int]:
    """How many different groups have match rows and how many have mismatch rows."""
    return len(np.unique(groups[match])), len(np.unique(groups[~match]))
