"""The share of match rows is near one half.

With 90 % of one label a model that always says that label is right nine times out of ten, and accuracy says nothing.

Bad::

    900 match rows, 100 mismatch rows

Good::

    500 match rows, 500 mismatch rows

Why: Figures of a lopsided set flatter a model that learnt nothing (He & Garcia 2009, "Learning from Imbalanced Data").

Fix: add rows of the rarer label or drop rows of the other; if the mix is meant, set ``min`` and ``max``.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Expectation, Options, Row
from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> str:
    return f"{row['observed']:.1%} of the rows are match, it should be {options['min']:.0%} to {options['max']:.0%}"


CHECK = Check(
    id="label_balance",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [
        Expectation(
            "expect_column_mean_to_be_between",
            {"column": "is_match", "min_value": options["min"], "max_value": options["max"]},
        )
    ],
    message=_message,
    judges=("is_match",),
    options={
        "min": Option(0.4, "smallest share of match rows", at_least=0.0, at_most=1.0),
        "max": Option(0.6, "largest share of match rows", at_least=0.0, at_most=1.0),
    },
    limit="{min:g}..{max:g}",
    per_row=False,
    of_labels=True,
)
