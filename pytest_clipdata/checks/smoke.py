"""CLIP fine-tunes a few steps on this training CSV.

A few real training steps on a small balanced sample, on the accelerator if there is one, else on the CPU with a tiny
CLIP. The loss is a per-pair binary cross-entropy, so "learned nothing" has an exact value, the entropy of the labels;
the loss must fall under 0.8 of it. What is asserted, with the code of each failure, and what this cannot find
(shuffled labels: see ``suspect_labels``) is in docs/smoke.md. It needs ``pip install pytest-clipdata[smoke]`` and is
left out by ``--clip-smoke off``.

Bad::

    sixteen copies of one grey picture, half of them labelled match

Good::

    images/a.jpg,Red cotton t-shirt with round neck,match
    images/a.jpg,Blue denim jeans with slim fit,mismatch
"""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Options, Row, Splits


def _message(row: Row, options: Options) -> str:
    return f"{row['message']} [{row['code']}]"


CHECK = Check(
    id="smoke",
    manual=__doc__,
    expectations=lambda options: [],
    message=_message,
    judges=("pair_key", "is_match"),
    per_row=False,
    splits=Splits.TRAINING,
    by_model=True,
    wanted=lambda options: options.device != "off",
)
