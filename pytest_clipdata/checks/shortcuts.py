"""The label cannot be told without looking at the pair.

If every mismatch text is misspelt, shorter or ends with a full stop, or every mismatch picture is a PNG, a model learns
that instead of looking. Three blind models are asked: one knows the style of the text, one its words, one what is known
of the picture without decoding it. A finding says by what the label is told and how well: an AUC of .60 or more, and of
four standard errors over chance (Hsieh et al. 2023, arXiv:2306.14610; figures in docs/shortcuts.md). Give match rows
the same variation.

Bad::

    images/a.jpg,Red cotton shirt with round neck,match
    images/b.jpg,gren coton dress,mismatch

Good::

    images/a.jpg,Red cotton shirt with round neck,match
    images/b.jpg,Green cotton dress with long sleeves,mismatch

Why: A model takes the easiest way that the data leave open and fails where it is closed (Geirhos et al. 2020, "Shortcut
Learning in Deep Neural Networks", arXiv:2004.07780).

Fix: make mismatch texts by giving pictures the captions of others, and save the pictures of both labels in one way.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Expectation, Options, Row
from pytest_clipdata.findings import Severity


def _message(row: Row, options: Options) -> str:
    return str(row["shortcut"])


CHECK = Check(
    id="shortcuts",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [
        Expectation(
            "expect_column_max_to_be_between", {"column": "shortcut_excess", "max_value": 0.0, "strict_max": True}
        )
    ],
    message=_message,
    judges=("text", "is_match", "shortcut_excess"),
    limit="AUC < max(.60, .5 + 4 se)",
    per_row=False,
    said="shortcut",
    of_labels=True,
)
