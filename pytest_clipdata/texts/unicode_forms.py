"""Unicode normal forms of any text in bounded time."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

# Canonical ordering is quadratic in a run of combining marks (131,072 of them take 12 s), so long texts go in pieces.
# A piece ends before an ASCII character where it can: nothing before such a character combines with it, so the
# pieces give the same as the whole. Only a run of 2,048 other characters is cut within.
_PIECE = 2048
_PIECES = re.compile(rf"(?s).{{1,{_PIECE}}}(?=[\x00-\x7f]|\Z)|.{{1,{_PIECE}}}")

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def normal_form(form: Form, text: str) -> str:
    """``unicodedata.normalize`` in time linear in the length of the text."""
    if text.isascii():
        return text
    if len(text) <= _PIECE:
        return unicodedata.normalize(form, text)
    return "".join(unicodedata.normalize(form, piece) for piece in _PIECES.findall(text))
