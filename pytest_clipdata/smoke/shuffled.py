"""Mismatches for sources that have none: pictures with the texts of others, drawn by a seed."""

from __future__ import annotations

import random
from collections.abc import Sequence

from pytest_clipdata.smoke.values import Pair

#: Rows that are drawn: what a model is trained on or calibrated with is no more.
_ROWS = 2048
#: Texts that are tried for one picture: where most are alike there may be none.
_TRIES = 20


def with_mismatches(pairs: Sequence[Pair], seed: int = 0) -> list[Pair]:
    """The rows, all of which are matches, and for a part of them the same picture with the text of another one.

    Such a row has the number of the row of its picture. No picture gets a text that stands beside it in any row.
    Depends on the rows, their order and the seed alone.
    """
    draw = random.Random(seed)
    matches = {(pair.image, pair.text) for pair in pairs}
    mismatches = []
    for pair in draw.sample(pairs, min(len(pairs), _ROWS)):
        others = (draw.choice(pairs).text for _ in range(_TRIES))
        text = next((text for text in others if (pair.image, text) not in matches), None)
        if text is not None:
            mismatches.append(Pair(pair.row, pair.image, text, matches=False, pair_key=f"{pair.pair_key} with {text}"))
    return [*pairs, *mismatches]
