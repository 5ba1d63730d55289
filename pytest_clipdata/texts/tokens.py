"""How many of CLIP's tokens a text has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

from pytest_clipdata.texts.words import unicode_form

# What CLIP's byte-pair encoding never merges across, so each of them is one token at least. Letters here include the
# few numerals that are no digits (CLIP parts them), which keeps it a lower bound.
# https://github.com/openai/CLIP/blob/main/clip/simple_tokenizer.py
_PIECES = re.compile(r"'(?:s|t|re|ve|m|ll|d)|[^\W\d_]+|\d|(?:[^\w\s]|_)+")
_WORD = re.compile(r"[\S\x1c-\x1f]+")  # Python alone takes those four for white space
_MARKS = 2  # start and end of text


def _clip_encoder() -> Callable[[str], Sequence[int]] | None:
    try:
        from instant_clip_tokenizer import Tokenizer
    except ImportError:
        return None
    encode: Callable[[str], Sequence[int]] = _made_once(Tokenizer).encode
    return encode


@cache
def _made_once(tokenizer: type[Any]) -> Any:
    return tokenizer()  # it takes 40 ms, and every finding of token_length asks for one


class TokenCounter:
    """CLIP's tokens of texts, its two end marks included.

    ``exact`` says that CLIP's own tokenizer counts (instant-clip-tokenizer, if it is installed). Otherwise the counts
    are lower bounds: words, digits and groups of punctuation marks, plus 2.
    """

    def __init__(self) -> None:
        self._encode = _clip_encoder()

    @property
    def exact(self) -> bool:
        return self._encode is not None

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, >= 2."""
        return [self._count(text) for text in texts]

    def cut(self, text: str, context_length: int = 77) -> str:
        """The tail of ``text`` that a context of so many tokens cuts off, from the first word that does not fit whole.

        Empty if all of it fits. A single long word is cut within.
        """
        words = [match.span() for match in _WORD.finditer(text)]
        fitting = self._fitting(text, [end for _, end in words], context_length)
        if fitting == len(words):
            return ""
        start, end = words[fitting]
        if fitting == 0:
            start += self._fitting(text, range(start + 1, end), context_length)
        return text[start : words[-1][1]]

    def _fitting(self, text: str, ends: Sequence[int], context_length: int) -> int:
        """How many of the prefixes that end at ``ends`` fit; their counts rise with their lengths."""
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high + 1) // 2
            if self._count(text[: ends[middle - 1]]) <= context_length:
                low = middle
            else:
                high = middle - 1
        return low

    def _count(self, text: str) -> int:
        if not text.isascii():
            text = _SURROGATE.sub("\ufffd", unicode_form("NFC", text))
        if self._encode is None:
            return sum(1 for _ in self._pieces(text)) + _MARKS
        return len(self._encode(text)) + _MARKS

    @staticmethod
    def _pieces(text: str) -> Iterator[re.Match[str]]:
        return _PIECES.finditer(text.lower())


_SURROGATE = re.compile("[\ud800-\udfff]")
