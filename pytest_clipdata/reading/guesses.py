"""Which column was probably meant, for messages only: nothing is ever read because of a guess."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from pytest_clipdata.reading.head import Head
from pytest_clipdata.reading.kinds import is_image

#: Names beyond these bounds are no slips of the pen, and difflib is quadratic in their length.
_NAMES, _LENGTH = 1000, 100
_CLOSE = 0.6
_STEMS = ("label", "match", "mismatch", "target")


def is_near_label(name: str) -> bool:
    """Whether a name speaks of labels: ``labels``, ``lable``, ``target``, ``is_mismatch``, ``label_id``."""
    words = re.split(r"[\W_]+", name[:_LENGTH].casefold())
    return any(_is_near(word, stem) for word in words for stem in _STEMS)


def _is_near(word: str, stem: str) -> bool:
    # A slip of one letter that is missing, doubled or has changed places; one that is another makes other words of
    # these (batch, patch).
    if word.startswith(stem) or sorted(word) == sorted(stem):
        return True
    longer, shorter = (word, stem) if len(word) > len(stem) else (stem, word)
    return len(longer) - len(shorter) == 1 and any(
        longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer))
    )


def guess(role: str, aliases: Sequence[str], sought: str, head: Head, free: Sequence[str]) -> str | None:
    """The column among ``free`` that ``role`` may be: by a slip in its name, a word of it, or what stands in it."""
    candidates = {name.strip().casefold(): name for name in free[:_NAMES] if name.strip() and len(name) <= _LENGTH}
    for wanted, cutoff in ((sought, _CLOSE), *((alias, 0.8) for alias in aliases)):
        if close := get_close_matches(wanted.casefold(), candidates, n=1, cutoff=cutoff):
            return candidates[close[0]]
    known = {role, *aliases} - {"path"}  # many a path is not a picture's
    for folded, name in candidates.items():
        if known & {*re.split(r"[\W_]+", folded)} or (role == "label" and is_near_label(name)):
            return name
    if role == "label":
        return None
    liking = {name: _like(role, head.values(name)) for name in candidates.values()}
    best = max(liking, key=lambda name: liking[name], default=None)
    return best if best is not None and liking[best] else None


def _like(role: str, values: Sequence[str]) -> float:
    """How much some values look like paths of pictures (most of them are), or like captions (words in each); 0: no."""
    if not values:
        return 0.0
    if role == "image_path":
        share = sum(map(is_image, values)) / len(values)
        return share if share > 0.5 else 0.0
    words = sum(len(value.split()) for value in values) / len(values)
    return words if words >= 2 and not any(map(is_image, values)) else 0.0
