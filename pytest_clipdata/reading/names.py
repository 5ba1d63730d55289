"""The names in one folder, and which of them was probably meant by a name that is not there."""

from __future__ import annotations

import bisect
import difflib
import os
import re
import unicodedata
from collections import Counter

_EXTENSIONS = re.compile(r"\.(?:jpe?g|jfif|png|webp|gif|bmp|tiff?|avif)\Z")
_DIGITS = re.compile(r"\d+")

# Among few neighbours and for short names only: difflib is quadratic in their length.
_CLOSE_NAMES, _CLOSE_LENGTH, _CLOSE_RATIO = 60, 80, 0.8


class Names:
    """The names in ``folder``, listed once; none if it cannot be listed."""

    def __init__(self, folder: str) -> None:
        try:
            self.exact = set(os.listdir(folder))  # noqa: PTH208 - a Path per name is what this avoids
        except OSError:
            self.exact = set()
        self._folded: dict[str, str] | None = None
        self._stems: dict[str, str] = {}
        self._sorted: list[str] = []
        self._count: Counter[str] = Counter()
        self._count_of_stem: Counter[str] = Counter()

    def spelled(self, name: str) -> str | None:
        """The name on disk that a case-blind (or normalising) disk takes ``name`` for."""
        return name if name in self.exact else self._index().get(_fold(name))

    def slip(self, name: str) -> str | None:
        """The name that differs by case, surrounding space or image extension only."""
        return self.spelled(name) or self._stems.get(_stem(_fold(name)))

    def sure(self, name: str) -> str | None:
        """The name of `slip` where no other could be meant as well."""
        meant = self.slip(name)
        folded = _fold(name)
        alike = self._count[folded] if self.spelled(name) else self._count_of_stem[_stem(folded)]
        return meant if meant is not None and (meant == name or alike == 1) else None

    def close(self, name: str) -> str | None:
        """The closest name of the few beside it. A name with another number is another picture, not a slip."""
        folded = _fold(name)
        if len(folded) > _CLOSE_LENGTH:
            return None
        index = self._index()
        at = max(0, bisect.bisect_left(self._sorted, folded) - _CLOSE_NAMES // 2)
        near = [other for other in self._sorted[at : at + _CLOSE_NAMES] if len(other) <= _CLOSE_LENGTH]
        near = [other for other in near if _DIGITS.findall(other) == _DIGITS.findall(folded)]
        best = difflib.get_close_matches(folded, near, n=1, cutoff=_CLOSE_RATIO)
        return index[best[0]] if best else None

    def _index(self) -> dict[str, str]:
        if self._folded is None:
            # Sorted backwards, so that of several names the first one stays.
            self._folded = {_fold(name): name for name in sorted(self.exact, reverse=True)}
            self._stems = {_stem(folded): name for folded, name in self._folded.items() if _EXTENSIONS.search(folded)}
            self._sorted = sorted(self._folded)
            self._count = Counter(map(_fold, self.exact))
            self._count_of_stem = Counter(_stem(folded) for folded in self._count if _EXTENSIONS.search(folded))
        return self._folded


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold().strip()


def _stem(folded: str) -> str:
    return _EXTENSIONS.sub("", folded)
