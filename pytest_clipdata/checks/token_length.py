"""The text fits the model's context with its end marks.

CLIP reads 77 tokens (Radford et al. 2021), start and end mark included, SigLIP 64 (Zhai et al. 2023), and both cut off
the rest without a word. The setting ``model`` says whose tokens are counted: CLIP's exactly as its own byte-pair
tokenizer does. With ``--clip-model`` the checkpoint's own tokenizer counts, and its context is the limit. Without one
SigLIP's vocabulary is not at hand: a text is found if its words alone are too many, as each is one token or more; of
shorter texts nothing is said, and where there is no other the check is skipped. The finding shows the tail that the
model would never see.

Bad::

    images/a.jpg,"<a product page of 120 words>",match

Good::

    images/a.jpg,Red cotton t-shirt with round neck,match
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> str:
    return str(row["token_problem"])


CHECK = Check(
    id="token_length",
    manual=__doc__,
    expectations=lambda options: [rows_where("be_between", "token_count", "text", max_value=options["max"])],
    message=_message,
    judges=("token_count",),
    options={"max": Option(77, "tokens, the model's end marks included; set by model", at_least=3)},
    limit="<= {max} tokens",
    said="tokens_unknown",
)
