"""What counts as the same label: the one home of that rule."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pytest_clipdata.settings.declared import nearest

#: The one letter outside of ASCII that becomes an ASCII one in lower case: a look-alike of K.
_KELVIN = "\N{KELVIN SIGN}"
#: What other words for the two labels usually mean, in lower case: for proposals, never for reading.
MEANINGS: Mapping[str, tuple[str, ...]] = {
    "match": ("match", "yes", "true", "1", "y", "t", "positive", "pos", "correct", "same"),
    "mismatch": ("mismatch", "no", "false", "0", "n", "f", "negative", "neg", "incorrect", "wrong", "different"),
}


def normalise_label(label: str) -> str:
    """A label without its case and without the ASCII blanks (space and tab) around it.

    Nothing else is taken away: a trainer that compares words reads ``match`` with a control character or with a blank
    of another kind as another word, and so is ``mi\u017fmatch`` with its long s, which `str.casefold` calls equal.
    """
    return _KELVIN.join(part.lower() for part in label.strip(" \t").split(_KELVIN))


def label_words(options: Mapping[str, Any]) -> dict[str, str]:
    """``match`` or ``mismatch`` by normalised spelling, from the options of the check ``labels``."""
    words = {normalise_label(word): "mismatch" for word in options["mismatch"]}
    return words | {normalise_label(word): "match" for word in options["match"]}


def is_strange(label: str, words: Collection[str]) -> bool:
    """Whether a label is none of the normalised ``words``, and no slip of the pen of one either."""
    norm = normalise_label(label)
    return norm not in words and nearest(norm, words) is None
