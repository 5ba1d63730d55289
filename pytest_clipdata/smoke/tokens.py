"""Token rows for the tiny model, cut as CLIP's own tokenizer cuts them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pytest_clipdata.texts.clip_bpe import encode

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: CLIP's context, both end marks included.
CONTEXT = 77
#: No more of a text is read: 77 tokens of CLIP's vocabulary hold far fewer characters.
_MAX_CHARS = 8192
#: Ids of the tiny model below those of the batch's own tokens. The end mark is the last id of all, because CLIP's
#: text tower takes its sentence feature where the end mark stands.
_START = 0


def bounded(text: str) -> str:
    """A text in NFC with single spaces, lone surrogates replaced, cut to what any CLIP tokenizer could ever use."""
    text = " ".join(text[: 16 * _MAX_CHARS].split())[:_MAX_CHARS]
    return unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode("utf-8"))


def tiny_tokens(texts: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Texts as rows of ids for the tiny model.

    Returns ids and attention mask, both int64 of shape (texts, longest row <= 77), and the size of the vocabulary.
    Ids are remapped to those that occur, so that the model needs no 49,408 embeddings; a row is start, tokens, end,
    and then end again as padding that the mask hides. A row that is too long is cut, its end mark kept.
    """
    import numpy as np

    rows = [encode(bounded(text))[1:-1][: CONTEXT - 2] for text in texts]
    ids_of: dict[int, int] = {}
    for row in rows:
        for token in row:
            ids_of.setdefault(token, len(ids_of) + 1)
    end = len(ids_of) + 1
    ids = np.full((len(rows), max(map(len, rows), default=0) + 2), end, dtype=np.int64)
    mask = np.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row) + 1] = [_START, *(ids_of[token] for token in row)]
        mask[i, : len(row) + 2] = 1
    return ids, mask, end + 1
