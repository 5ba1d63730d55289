"""The facts of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.step import Context, Fact, Needs, Step

if TYPE_CHECKING:
    from pytest_clipdata.texts.tokens import Counter


def _measure(texts: Sequence[str], context: Context) -> Sequence[Sequence[Any]]:
    import numpy as np

    from pytest_clipdata.texts.hygiene import hygiene_problem
    from pytest_clipdata.texts.style import style_problem
    from pytest_clipdata.texts.words import count_words

    words: Any = np.array([count_words(text) for text in texts], dtype=np.int64)
    unclean = [hygiene_problem(text) for text in texts]
    return words, *_tokens(texts, context), unclean, [style_problem(text, context.allowed) for text in texts]


def _tokens(texts: Sequence[str], context: Context) -> Sequence[Sequence[Any]]:
    """The tokens of each text, what is said of those that are too many, and why the others were not counted."""
    import numpy as np

    from pytest_clipdata.texts.tokens import TokenCounter, siglip_lower_bound

    model, most = context.model, context.most_tokens
    if model.tokens == "siglip":
        bounds = [siglip_lower_bound(text) for text in texts]
        words = [f"the text has at least {bound} tokens, SigLIP reads {most}" for bound in bounds]
        certain = [bound > most for bound in bounds]
        return (
            [bound if yes else None for bound, yes in zip(bounds, certain, strict=True)],
            [said if yes else None for said, yes in zip(words, certain, strict=True)],
            [f"the vocabulary of {model.name} is not at hand, and no text is certainly too long"] * len(texts),
        )
    if model.checkpoint is None:
        counter: Counter = TokenCounter()
    else:
        from pytest_clipdata.smoke.counting import CheckpointTokens

        counter = CheckpointTokens(model.checkpoint)
    # Counts as an array: pandas looks at each number of a list by itself, which takes longer than counting.
    counts: Any = np.array(counter.count(texts), dtype=np.int64)
    reader = "CLIP" if model.name.startswith("clip") else "SigLIP"
    problems = {
        index: f"the text has {counts[index]} tokens, {reader} reads {most} and cuts off "
        f"{counter.cut(texts[index], most)!r}"
        for index in np.flatnonzero(counts > most).tolist()
    }
    return counts, [problems.get(index) for index in range(len(texts))], [None] * len(texts)


TEXTS = Step(
    "text",
    Needs.TEXT,
    (
        Fact("word_count", "Int64", "words of the text"),
        Fact("token_count", "Int64", "tokens that the model makes of the text, its marks included; null if unknown"),
        Fact("token_problem", "str", "what does not fit into the model's context, in words; null if all fits"),
        Fact("tokens_unknown", "str", "why tokens could not be counted, the same in every row; null if they were"),
        Fact("text_problem", "str", "what is unclean in the text, in words; null if nothing"),
        Fact("style_problem", "str", "what is bad style in the text, in words; null if nothing"),
    ),
    _measure,
)
