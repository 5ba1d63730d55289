"""The text fits CLIP's context with its two end marks.

CLIP reads 77 tokens (Radford et al. 2021), start and end mark included, and cuts off the rest without a word. The
count is exactly that of CLIP's own byte-pair tokenizer; the finding shows the tail that the model would never see.

Bad::

    images/a.jpg,"<a product page of 120 words>",match

Good::

    images/a.jpg,Red cotton t-shirt with round neck,match
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> str:
    from pytest_clipdata.texts.tokens import TokenCounter

    tail = TokenCounter().cut(row["text"], options["max"])
    return f"the text has {row['token_count']} tokens, CLIP reads {options['max']} and cuts off {tail!r}"


CHECK = Check(
    id="token_length",
    manual=__doc__,
    expectations=lambda options: [rows_where("be_between", "token_count", "text", max_value=options["max"])],
    message=_message,
    judges=("token_count",),
    options={"max": Option(77, "tokens, the two end marks included", at_least=3)},
    limit="<= {max} tokens",
)
