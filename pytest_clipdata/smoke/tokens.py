"""Token rows for the tiny model: CLIP's own tokenisation where it is to be had, else a stand-in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: CLIP's context, both end marks included.
CONTEXT = 77
#: No more of a text is read: 77 tokens of CLIP's vocabulary hold far fewer characters.
_MAX_CHARS = 8192
#: Ids of the tiny model below those of the batch's own symbols. The end mark is the last id of all, because CLIP's
#: text tower takes its sentence feature where the end mark stands.
_START = 0


def bounded(text: str) -> str:
    """A text in NFC with single spaces, lone surrogates replaced, cut to what any CLIP tokenizer could ever use."""
    text = " ".join(text[: 16 * _MAX_CHARS].split())[:_MAX_CHARS]
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))


def tiny_tokens(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], int, str]:
    """Texts as rows of ids for the tiny model.

    Returns ids and attention mask, both int64 of shape (texts, longest row <= 77), the size of the vocabulary, and
    how the words were cut: ``clip`` (instant-clip-tokenizer) or ``words`` (its stand-in). Ids are remapped to those
    that occur, so that the model needs no 49,408 embeddings; a row is start, symbols, end, and then end again as
    padding that the mask hides. A row that is too long is cut, its end mark kept.
    """
    import numpy as np

    symbols_of, kind = _symboliser()
    rows = [symbols_of(bounded(text))[: CONTEXT - 2] for text in texts]
    ids_of: dict[Hashable, int] = {}
    for row in rows:
        for symbol in row:
            ids_of.setdefault(symbol, len(ids_of) + 1)
    end = len(ids_of) + 1
    ids = np.full((len(rows), max(map(len, rows), default=0) + 2), end, dtype=np.int64)
    mask = np.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row) + 1] = [_START, *(ids_of[symbol] for symbol in row)]
        mask[i, : len(row) + 2] = 1
    return ids, mask, end + 1, kind


@cache
def _symboliser() -> tuple[Callable[[str], Sequence[Hashable]], str]:
    try:
        from instant_clip_tokenizer import Tokenizer  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return _words, "words"
    return Tokenizer().encode, "clip"


def _words(text: str) -> list[Hashable]:
    """Words and punctuation marks of a text; what tells rows apart, though not where CLIP cuts a word."""
    return list(re.findall(r"\w+|[^\w\s]", text.lower()))
