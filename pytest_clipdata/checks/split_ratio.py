"""The training split holds most of the rows, and all splits have the same mix of labels.

A validation split of a few rows measures noise; one whose label mix differs from training measures the mix. Judged
once for the whole dataset, at its training split.

Bad::

    train.csv with 990 rows, val.csv with 10; train 50 % match, val 90 % match

Good::

    train.csv with 800 rows, val.csv with 200; both about 50 % match

Why: The choice of the split alone moves a benchmark by more than most improvements do (Bouthillier et al. 2021,
"Accounting for Variance in Machine Learning Benchmarks", arXiv:2103.03098).

Fix: draw the splits anew, at random within each label, and keep all pictures of one thing in one split.
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Expectation, Options, Row, Splits
from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import Option


def _message(row: Row, options: Options) -> str:
    if row["column"] == "label_share_gap":
        observed, limit = row["observed"], options["max_gap"]
        if observed is None:
            return "the splits' shares of match rows cannot be compared: only one split has rows of a known label"
        return f"the splits' shares of match rows differ by {observed:.1%}, they should by at most {limit:.0%}"
    wanted = f"{options['min']:.0%} to {options['max']:.0%}"
    return f"the training split holds {row['observed']:.1%} of the dataset's rows, it should hold {wanted}"


CHECK = Check(
    id="split_ratio",
    manual=__doc__,
    severity=Severity.WARNING,
    expectations=lambda options: [
        Expectation(
            "expect_column_max_to_be_between",
            {"column": "training_share", "min_value": options["min"], "max_value": options["max"]},
        ),
        Expectation("expect_column_max_to_be_between", {"column": "label_share_gap", "max_value": options["max_gap"]}),
    ],
    message=_message,
    judges=("training_share",),
    options={
        "min": Option(0.7, "smallest share of rows in the training split", at_least=0.0, at_most=1.0),
        "max": Option(0.9, "largest share of rows in the training split", at_least=0.0, at_most=1.0),
        "max_gap": Option(0.1, "largest difference of the splits' shares of match rows", at_least=0.0, at_most=1.0),
    },
    limit="{min:g}..{max:g}; <= {max_gap:g}",
    per_row=False,
    splits=Splits.ALL,
)
