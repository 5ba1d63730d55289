"""By what the mismatch texts of a data set differ from the match texts of the same pictures."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pytest_clipdata.texts.word_kinds import EMPTY, KINDS, kind_of
from pytest_clipdata.texts.words import normalise

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_MOST = 10_000  #: mismatch rows that are looked at
_LONGEST = 600  #: characters of a text
_LESS_IN_COMMON = 1 / 3  #: of all words of both texts: from here down it is another text, not a changed one
_TEXTS = 8  #: match texts of one picture that a text is compared with
ANOTHER, SEVERAL, OTHER = "another text", "several of these", "other words"
#: All answers of `difference`, as they are counted.
DIFFERENCES = (*KINDS, SEVERAL, OTHER, ANOTHER)


@dataclass(frozen=True, slots=True)
class Mismatches:
    """How many mismatch rows differ by what: ``counts`` in the order of ``DIFFERENCES``.

    ``alone`` have no match text of the same picture beside them, so nothing can be said; ``of`` rows are mismatches in
    all, of which no more than 10,000 were looked at, drawn by a seed.
    """

    counts: Mapping[str, int]
    alone: int
    of: int

    @property
    def compared(self) -> int:
        """Rows that could be compared."""
        return sum(self.counts.values())

    @property
    def missing(self) -> tuple[str, ...]:
        """The usual kinds of which there is none, in words of `KINDS`."""
        return tuple(kind for kind in KINDS if not self.counts.get(kind)) if self.compared else ()


def content_words(text: str) -> Counter[str]:
    """The words of a text that say something, in lower case, with how often each stands there."""
    return Counter(word for word in _WORD.findall(normalise(text[:_LONGEST])) if word not in EMPTY)


def difference(text: Counter[str], match: Counter[str]) -> str:
    """By what a mismatch text differs from the match text: one of ``DIFFERENCES``.

    A kind differs where each text has a word of it that the other has not: red for blue, not one more word. A text that
    shares a third of the words of both or less, and differs in its category or in no kind that is known, is another
    one, as shuffling gives it; but one thing for another in the same colour is a category. Features are told last, as
    people word them anew where they say the same.
    """
    added, removed = ({kind: {w for w in words if kind_of(w) == kind} for kind in KINDS}
                      for words in (text - match, match - text))  # fmt: skip
    exchanged = [kind for kind in KINDS if added[kind] and removed[kind]]
    far = (text & match).total() <= _LESS_IN_COMMON * (text | match).total()
    if far and ("category" in exchanged or not exchanged):
        same_colour = "colour" not in exchanged and any(kind_of(word) == "colour" for word in text & match)
        return "category" if exchanged and same_colour else ANOTHER
    main = [kind for kind in exchanged if kind != "feature"] or exchanged
    if len(main) > 1:
        return SEVERAL
    if main:
        return main[0]
    return "feature" if added["feature"] or removed["feature"] else OTHER


def mismatch_kinds(pictures: Sequence[object], texts: Sequence[object], matches: Sequence[object]) -> Mismatches:
    """Count the mismatch rows of a data set by what they differ in, each against the nearest match text of its picture.

    Parallel columns: the cell of the picture, the text, whether it is a match (1, 0; anything else is left out).
    """
    rows = [
        (picture, text, match == 1)
        for picture, text, match in zip(pictures, texts, matches, strict=True)
        if isinstance(picture, str) and isinstance(text, str) and match in (0, 1)
    ]
    beside: defaultdict[str, list[str]] = defaultdict(list)
    for picture, text, match in rows:
        if match and len(beside[picture]) < _TEXTS:
            beside[picture].append(text)
    wrong = [(picture, text) for picture, text, match in rows if not match]
    counts: Counter[str] = Counter()
    alone = 0
    words_of = lru_cache(content_words)  # one text may be the match of many rows
    for picture, text in random.Random(0).sample(wrong, min(len(wrong), _MOST)):
        words = content_words(text)
        candidates = [words_of(match) for match in beside.get(picture, ())]
        if not candidates:
            alone += 1
            continue
        nearest = min(candidates, key=lambda match: ((words - match) + (match - words)).total())
        counts[difference(words, nearest)] += 1
    return Mismatches({name: counts[name] for name in DIFFERENCES if counts[name]}, alone, len(wrong))
