"""What a label says, whatever its spelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass
from pytest_clipdata.facts.spread import by_distinct


def label_words(options: Mapping[str, Any]) -> dict[str, str]:
    """The normalised spellings of each label, from the options of the check ``labels``."""
    words = {normalise_label(word): "mismatch" for word in options["mismatch"]}
    return words | {normalise_label(word): "match" for word in options["match"]}


def normalise_label(label: str) -> str:
    """Labels compare case-insensitively and trimmed."""
    return label.strip().casefold()


def label_columns(labels: Sequence[str | None], words: Mapping[str, str]) -> dict[str, Any]:
    def measure(label: str) -> tuple[str, int | None]:
        norm = normalise_label(label)
        known = words.get(norm)
        return (known, int(known == "match")) if known else (norm, None)

    return by_distinct(labels, ("label_norm", "is_match"), lambda distinct: zip(*map(measure, distinct), strict=True))
