"""The label is match or mismatch.

Labels compare case-insensitively and without surrounding white space. The options say which words of your CSV stand
for each of the two: ``match = ["match", "1"]``.

Bad::

    images/a.jpg,Red cotton t-shirt with round neck,matching

Good::

    images/a.jpg,Red cotton t-shirt with round neck,match
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, rows_where
from pytest_clipdata.settings.declared import Option, suggest


def _message(row: Row, options: Options) -> str:
    valid = [*options["match"], *options["mismatch"]]
    return f"{row['label']!r} is not a label{suggest(str(row['label_norm']), valid)}"


CHECK = Check(
    id="labels",
    manual=__doc__,
    expectations=lambda options: [rows_where("be_in_set", "label_norm", "label", value_set=["match", "mismatch"])],
    message=_message,
    judges=("label_norm",),
    options={
        "match": Option(["match"], "words that mean: the text describes the picture"),
        "mismatch": Option(["mismatch"], "words that mean: it does not"),
    },
)
