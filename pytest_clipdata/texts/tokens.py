"""How many tokens a model makes of a text, and what its context cuts off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from pytest_clipdata.texts import clip_bpe

_WORD = re.compile(r"[\S\x1c-\x1f]+")  # Python alone takes those four for white space
_LONGEST_TOKEN = 32  #: bytes; tested against the list of merges
_CACHED_WORDS = 100_000
_CACHED_LETTERS = 40  # longer words are seldom seen twice


class Counter(Protocol):
    """A model's tokens of texts, its marks included."""

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        ...

    def cut(self, text: str, context_length: int) -> str:
        """What of ``text`` a context of so many tokens cuts off."""
        ...


class TokenCounter:
    """CLIP's tokens of texts, its two end marks included, exactly as its own tokenizer counts them.

    It remembers the words that it has seen, up to 100,000 of them, so one counter for many texts is faster.
    """

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, >= 2."""
        return [self._count(text) for text in texts]

    def cut(self, text: str, context_length: int = 77) -> str:
        """The tail of ``text`` that a context of so many tokens cuts off, from the first word that does not fit whole.

        Empty if all of it fits. A single long word is cut within.
        """
        words = [match.span() for match in _WORD.finditer(text)]
        left = context_length - clip_bpe.MARKS
        for start, end in words:
            tokens = self._count(text[start:end]) - clip_bpe.MARKS  # no token reaches across white space
            if tokens > left:
                if start == words[0][0]:
                    start += self._fitting(text[start:end], left)
                return text[start : words[-1][1]]
            left -= tokens
        return ""

    def _fitting(self, word: str, tokens: int) -> int:
        """How many letters of ``word`` are at most so many tokens, by halving."""
        # No more letters than these can fit: longer prefixes are not tried, whatever the length of the word.
        low, high = 0, min(len(word) - 1, max(tokens, 0) * _LONGEST_TOKEN)
        while low < high:
            middle = (low + high + 1) // 2
            if self._count(word[:middle]) - clip_bpe.MARKS <= tokens:
                low = middle
            else:
                high = middle - 1
        return low

    def _count(self, text: str) -> int:
        seen = self._seen
        total = clip_bpe.MARKS
        for word in clip_bpe.words(text):
            tokens = seen.get(word)
            if tokens is None:
                tokens = len(clip_bpe.merged(word))
                if len(word) <= _CACHED_LETTERS and len(seen) < _CACHED_WORDS:
                    seen[word] = tokens
            total += tokens
        return total


def siglip_lower_bound(text: str) -> int:
    """Tokens that SigLIP and SigLIP 2 make of a text at least: one a word and the end mark, >= 1.

    Their vocabularies are not at hand. As sentencepiece builds them by default (Kudo and Richardson 2018,
    arXiv:1808.06226), no token reaches across white space, and SigLIP drops ASCII punctuation, so each stretch between
    white space with any other character in it costs a token or more. In scripts without spaces the bound is far below
    the truth.
    """
    return 1 + sum(1 for word in text.split() if word.strip(_ASCII_PUNCTUATION))


_ASCII_PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
