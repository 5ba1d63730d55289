"""A checkpoint's own tokenizer, alone: it is loaded without the model, to count and to cut."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pytest_clipdata.smoke.described import first_line
from pytest_clipdata.smoke.process import silent
from pytest_clipdata.smoke.values import SmokeError

_MOST_CHARACTERS = 131_072  #: of a text; no cell of a CSV has more
_TOGETHER = 1000  #: texts in one call


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer in a checkpoint's folder: local files, no remote code. Raises SmokeError."""
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # of transformers, tokenizers, sentencepiece, json
        raise SmokeError(f"the tokenizer of {folder} cannot be loaded ({first_line(error)})") from error


class CheckpointTokens:
    """The tokens that a checkpoint makes of texts, its marks included, not cut off."""

    def __init__(self, folder: Path) -> None:
        with silent():
            self._tokenizer = load_tokenizer(folder)
        if len(self._tokenizer) < 16:  # what transformers makes of a folder without a vocabulary
            raise SmokeError(f"the tokenizer of {folder} has {len(self._tokenizer)} tokens: files missing?")

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text."""
        counts: list[int] = []
        with silent():
            for start in range(0, len(texts), _TOGETHER):
                clean = [_clean(text) for text in texts[start : start + _TOGETHER]]
                counts += map(len, self._tokenizer(clean, truncation=False, verbose=False)["input_ids"])
        return counts

    def cut(self, text: str, context_length: int) -> str:
        """The words of ``text`` of which nothing fits into the context, from the first that does not fit whole."""
        ends = [end for end in range(len(text) + 1) if end == len(text) or text[end].isspace()]
        low, high = 0, len(ends) - 1
        while low < high:  # more words are never fewer tokens
            middle = (low + high) // 2
            if self.count([text[: ends[middle]]])[0] > context_length:
                high = middle
            else:
                low = middle + 1
        return text[ends[low - 1] if low else 0 :].strip()


def _clean(text: str) -> str:
    return text[:_MOST_CHARACTERS].encode("utf-8", "replace").decode("utf-8")
