"""The facts of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pytest_clipdata.facts.step import Context, Fact, Needs, Step


def _measure(texts: Sequence[str], context: Context) -> Sequence[Sequence[Any]]:
    import numpy as np

    from pytest_clipdata.texts.hygiene import hygiene_problem
    from pytest_clipdata.texts.style import style_problem
    from pytest_clipdata.texts.tokens import TokenCounter
    from pytest_clipdata.texts.words import count_words

    # Counts as arrays: pandas looks at each number of a list by itself, which takes longer than counting.
    words: Any = np.array([count_words(text) for text in texts], dtype=np.int64)
    tokens: Any = np.array(TokenCounter().count(texts), dtype=np.int64)
    unclean = [hygiene_problem(text) for text in texts]
    return words, tokens, unclean, [style_problem(text, context.allowed) for text in texts]


TEXTS = Step(
    "text",
    Needs.TEXT,
    (
        Fact("word_count", "Int64", "words of the text"),
        Fact("token_count", "Int64", "CLIP tokens of the text, both end marks included"),
        Fact("text_problem", "str", "what is unclean in the text, in words; null if nothing"),
        Fact("style_problem", "str", "what is bad style in the text, in words; null if nothing"),
    ),
    _measure,
)
