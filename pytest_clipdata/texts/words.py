"""The form in which texts are compared, and their words."""

from __future__ import annotations

import re

from pytest_clipdata.texts.unicode_forms import normal_form


def normalise(text: str) -> str:
    """The form in which texts are compared: NFKC, case folded, white space collapsed to single spaces, trimmed."""
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(normal_form("NFKC", normal_form("NFKC", text).casefold()).split())


def count_words(text: str) -> int:
    """Words as a word processor counts them: what white space separates, if a letter or digit is in it.

    ``t-shirt`` and ``red/blue`` are one word each, ``&`` and ``-`` none. In scripts without spaces each Chinese
    character and each kana is one; other such scripts (Thai, Khmer) are counted by their spaces.
    """
    if not text.isascii():
        text = _IDEOGRAPH.sub(r" \g<0> ", text)
    return sum(word.isalnum() or _ALNUM.search(word) is not None for word in text.split())


_ALNUM = re.compile(r"[^\W_]")
_IDEOGRAPH = re.compile("[\u3041-\u309f\u30a1-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd]")
