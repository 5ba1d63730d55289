"""The facts of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass
from pytest_clipdata.facts.spread import by_distinct


def text_columns(texts: Sequence[str | None]) -> dict[str, Any]:
    import numpy as np

    from pytest_clipdata.texts.hygiene import text_problem
    from pytest_clipdata.texts.tokens import TokenCounter
    from pytest_clipdata.texts.words import count_words

    def facts(distinct: list[str]) -> tuple[Any, ...]:
        tokens = TokenCounter().count(distinct)
        words = [count_words(text) for text in distinct]
        # Counts as arrays: pandas looks at each number of a list by itself.
        return np.array(words, dtype=np.int64), np.array(tokens, dtype=np.int64), list(map(text_problem, distinct))

    return by_distinct(texts, ("word_count", "token_count", "text_problem"), facts)
