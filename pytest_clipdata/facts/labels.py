"""What a label says, whatever its spelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pytest_clipdata.facts.step import Context, Fact, Needs, Step


def label_words(options: Mapping[str, Any]) -> dict[str, str]:
    """``match`` or ``mismatch`` by normalised spelling, from the options of the check ``labels``."""
    words = {normalise_label(word): "mismatch" for word in options["mismatch"]}
    return words | {normalise_label(word): "match" for word in options["match"]}


def normalise_label(label: str) -> str:
    """Labels compare case-insensitively and trimmed."""
    return label.strip().casefold()


def _measure(labels: Sequence[str], context: Context) -> Sequence[Sequence[Any]]:
    norms = [normalise_label(label) for label in labels]
    known = [context.labels.get(norm) for norm in norms]
    return (
        [word or norm for word, norm in zip(known, norms, strict=True)],
        [None if word is None else int(word == "match") for word in known],
    )


LABELS = Step(
    "label",
    Needs.TEXT,
    (
        Fact("label_norm", "str", "match, mismatch, or the unknown label trimmed and case-folded"),
        # Great Expectations on Spark takes no integer of a byte.
        Fact("is_match", "Int64", "1 for match, 0 for mismatch, null for any other label"),
    ),
    _measure,
)
