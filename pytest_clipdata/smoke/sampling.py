"""Which rows the smoke test trains on: few, balanced, drawn by a seed, and as unlike each other as the data allow."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence

from pytest_clipdata.smoke.values import Pair

#: Rows of each label in the batch. 8 + 8 at this size was enough to tell good data from bad in the trial
#: (docs/smoke.md), and keeps a hundred steps under a second.
PER_LABEL = 8
#: Fewer rows of a label than this say nothing about learning.
MIN_PER_LABEL = 2
#: Rows of each label among which the distinct ones are looked for.
_POOL = 2048


def lacking(pairs: Sequence[Pair]) -> str | None:
    """Why these rows cannot be trained on at all (a label missing or nearly so), or None."""
    matches = sum(pair.matches for pair in pairs)
    counts = {"match": matches, "mismatch": len(pairs) - matches}
    for label, count in counts.items():
        if count < MIN_PER_LABEL:
            return f"{count or 'no'} {label} row{'s' * (count != 1)}: a smoke test needs {MIN_PER_LABEL} of each label"
    return None


def candidates(pairs: Sequence[Pair], seed: int) -> tuple[list[Pair], list[Pair]]:
    """Match and mismatch rows in the order in which they are to be tried, at most ``_POOL`` of each.

    Within a label, rows whose picture and text are both new come first. Mismatch rows that show a picture of the
    first match rows lead: telling two texts of one picture apart is what the data are for, and a pair that carries
    both labels comes together that way. Depends on the rows, their order and the seed alone.
    """
    draw = random.Random(seed)
    match_rows, mismatch_rows = ([pair for pair in pairs if pair.matches is kind] for kind in (True, False))
    matches = _distinct_first(draw.sample(match_rows, min(len(match_rows), _POOL)))
    first = matches[:PER_LABEL]
    keys, images = {pair.pair_key for pair in first}, {pair.image for pair in first}
    shared = [pair for pair in mismatch_rows if pair.pair_key in keys or pair.image in images]
    shared = draw.sample(shared, min(len(shared), _POOL))
    others = draw.sample(mismatch_rows, min(len(mismatch_rows), _POOL))
    shared.sort(key=lambda pair: pair.pair_key not in keys)  # stable: those with both labels lead
    return matches, _distinct_first(dict.fromkeys(shared + others))


def interleaved(matches: Sequence[Pair], mismatches: Sequence[Pair]) -> list[Pair]:
    """The rows of both labels turn by turn, so that half of the list is balanced as well."""
    n = max(len(matches), len(mismatches))
    turns: Iterator[list[Pair]] = ([*matches[i : i + 1], *mismatches[i : i + 1]] for i in range(n))
    return [pair for turn in turns for pair in turn]


def _distinct_first(rows: Iterable[Pair]) -> list[Pair]:
    """The rows in their order, those that repeat a picture or a text of an earlier one moved to the end."""
    images, texts = set(), set()
    fresh, repeated = [], []
    for row in rows:
        if row.image in images or row.text in texts:
            repeated.append(row)
            continue
        images.add(row.image)
        texts.add(row.text)
        fresh.append(row)
    return fresh + repeated
