"""The text fits CLIP's context with its two end marks.

CLIP reads 77 tokens (Radford et al. 2021), start and end mark included, and cuts off the rest without a word. The
count is that of CLIP's own byte-pair tokenizer; the finding shows the tail that the model would never see. Where no
tokenizer is installed, words and marks give a lower bound: what exceeds the context by that bound is a finding, and
if nothing does the check is skipped, for it could not be sure.

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

    counter = TokenCounter()
    bound = "" if counter.exact else "at least "
    message = f"the text has {bound}{row['token_count']} tokens, CLIP reads {options['max']}"
    return f"{message} and cuts off {counter.cut(row['text'], options['max'])!r}" if counter.exact else message


def _unsure() -> str | None:
    from pytest_clipdata.texts.tokens import TokenCounter

    if TokenCounter().exact:
        return None
    return "no CLIP tokenizer is installed, and no text is certainly too long: pip install instant-clip-tokenizer"


CHECK = Check(
    id="token_length",
    manual=__doc__,
    expectations=lambda options: [rows_where("be_between", "token_count", "text", max_value=options["max"])],
    message=_message,
    judges=("token_count",),
    unsure=_unsure,
    options={"max": Option(77, "tokens, the two end marks included", at_least=3)},
    limit="<= {max} tokens",
)
