"""What a label says, whatever its case."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_clipdata.facts.step import Context, Fact, Needs, Step
from pytest_clipdata.settings.labels import normalise_label

#: Spellings of one word that are named.
_SHOWN = 5


def _measure(labels: Sequence[str], context: Context) -> Sequence[Sequence[Any]]:
    norms = [normalise_label(label) for label in labels]
    known = [context.labels.get(norm) for norm in norms]
    spellings: dict[str, list[str]] = {}
    for label, norm in zip(labels, norms, strict=True):
        spellings.setdefault(norm, []).append(label)
    return (
        [word or norm for word, norm in zip(known, norms, strict=True)],
        [None if word is None else int(word == "match") for word in known],
        [None if word is None else _mixed(spellings[norm]) for word, norm in zip(known, norms, strict=True)],
    )


def _mixed(spellings: Sequence[str]) -> str | None:
    """The spellings of one word in words; None if there is one."""
    if len(spellings) == 1:
        return None
    shown = ", ".join(map(repr, sorted(spellings)[:_SHOWN]))
    return shown if len(spellings) <= _SHOWN else f"{shown} and {len(spellings) - _SHOWN:,} more"


LABELS = Step(
    "label",
    Needs.TEXT,
    (
        Fact("label_norm", "str", "match, mismatch, or the unknown label without case and ASCII blanks around it"),
        # Great Expectations on Spark takes no integer of a byte.
        Fact("is_match", "Int64", "1 for match, 0 for mismatch, null for any other label"),
        Fact("label_spellings", "str", "the spellings of this label word in its source, null if there is but one"),
    ),
    _measure,
)
