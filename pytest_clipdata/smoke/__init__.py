"""Does CLIP learn from these rows? A few fine-tuning steps on a sample, judged by a bound that has a meaning.

torch, transformers, numpy and Pillow are imported inside the functions that need them; ``missing_extra`` says whether
they are there. docs/smoke.md lists what is asserted, with the codes, and what this cannot find.
"""

from __future__ import annotations

from pytest_clipdata.smoke.pixels import Opening
from pytest_clipdata.smoke.run import run_smoke
from pytest_clipdata.smoke.scoring import LabelScores, score_labels
from pytest_clipdata.smoke.suspicion import LabelSuspicion, PairScore
from pytest_clipdata.smoke.values import Pair, SmokeError, SmokeFailure, SmokeResult, missing_extra, sparkline

__all__ = [
    "LabelScores",
    "LabelSuspicion",
    "Opening",
    "Pair",
    "PairScore",
    "SmokeError",
    "SmokeFailure",
    "SmokeResult",
    "missing_extra",
    "run_smoke",
    "score_labels",
    "sparkline",
]
