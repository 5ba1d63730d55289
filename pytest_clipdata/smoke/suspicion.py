"""Which labels a model doubts, from one score a pair; numbers in, words out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: Rows of each label below which neither the AUC nor a calibration means anything: the standard error of an AUC of
#: 0.5 is 0.075 with 30 + 30 rows, so the bounds below are more than one and a half of them away.
MIN_PER_LABEL = 30
#: A label is suspect if the calibrated chance that it is right is below this. By trial, see docs/smoke.md.
SUSPECT = 0.1
#: Under this AUC a single score says too little to accuse a row; under ``HARDLY`` the whole CSV is spoken of.
USABLE, HARDLY = 0.75, 0.6


@dataclass(frozen=True, slots=True)
class PairScore:
    """Cosine similarity of one row's picture and text under the checkpoint, -1..1, rounded to four digits."""

    row: int
    matches: bool
    score: float


@dataclass(frozen=True, slots=True)
class LabelSuspicion:
    """A row whose score belongs to the other label. ``rank`` 1 is the least believable of its CSV; ``typical`` is the
    median score of the rows of its label; ``chance`` is the calibrated chance that the label is right, 0..1."""

    row: int
    matches: bool
    score: float
    typical: float
    chance: float
    rank: int
    of: int

    @property
    def label(self) -> str:
        return "match" if self.matches else "mismatch"

    @property
    def message(self) -> str:
        """What the model says of the pair; that it is labelled goes before it."""
        return (
            f"the model scores the pair {self.score:.2f}, far {'below' if self.matches else 'above'} the {self.label}"
            f" rows' usual {self.typical:.2f} (suspect {self.rank} of {self.of})"
        )


def auc(scores: Sequence[PairScore]) -> float | None:
    """The chance that a match row scores above a mismatch row, ties counted half; None without both labels.

    The Mann-Whitney statistic over the product of the counts (Hanley and McNeil 1982): 1 separates the labels, 0.5
    does not, 0 separates them the wrong way round.
    """
    import numpy as np

    values = np.array([score.score for score in scores], dtype=np.float64)
    matches = np.array([score.matches for score in scores], dtype=bool)
    positives, negatives = int(matches.sum()), int((~matches).sum())
    if not positives or not negatives:
        return None
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]  # mean rank among ties, from 1
    return float((ranks[matches].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def judge(scores: Sequence[PairScore]) -> tuple[tuple[LabelSuspicion, ...], float | None, str | None]:
    """The suspect rows, least believable first; the AUC; and what is to be said about the whole CSV, or None.

    The rule: a logistic curve (Platt scaling, labels weighted alike) turns a score into the chance of a match. Rows
    whose own label has a chance under ``SUSPECT`` are set aside, the curve is drawn again without them, so that
    wrong labels do not flatten it, and whoever is then under ``SUSPECT`` is a suspect. Unlike a distance in MADs
    within a label, this asks how the other label scores, so a wide spread accuses nobody; and where the labels
    overlap the curve is flat and accuses few. Below ``USABLE`` AUC no single row is accused, and with fewer than
    ``MIN_PER_LABEL`` rows of a label nothing is said at all.
    """
    import numpy as np

    area = auc(scores)
    matches = np.array([score.matches for score in scores], dtype=bool)
    if area is None or min(int(matches.sum()), int((~matches).sum())) < MIN_PER_LABEL:
        return (), area, None
    if area < USABLE:
        return (), area, _warning(area, int(matches.sum()), int((~matches).sum()))

    values = np.array([score.score for score in scores], dtype=np.float64)
    believed = np.ones(len(values), dtype=bool)
    for _ in range(2):
        chance_of_match = calibrated(values, matches, believed)
        chance = np.where(matches, chance_of_match, 1 - chance_of_match)
        believed = chance >= SUSPECT
        if min(int((believed & matches).sum()), int((believed & ~matches).sum())) == 0:
            break
    typical = {label: float(np.median(values[matches == label])) for label in (True, False)}
    order = sorted(np.flatnonzero(~believed).tolist(), key=lambda i: (chance[i], scores[i].row))
    suspects = tuple(
        LabelSuspicion(
            row=scores[i].row,
            matches=scores[i].matches,
            score=scores[i].score,
            typical=typical[scores[i].matches],
            chance=round(float(chance[i]), 4),
            rank=rank,
            of=len(order),
        )
        for rank, i in enumerate(order, start=1)
    )
    return suspects, area, None


def _warning(area: float, positives: int, negatives: int) -> str | None:
    rows = f"AUC {area:.2f} over {positives} match and {negatives} mismatch rows"
    # Three standard errors of an AUC of one half (Hanley and McNeil 1982) below it, and not by a hair.
    chance = 3 * ((positives + negatives + 1) / (12 * positives * negatives)) ** 0.5
    if area < min(0.5 - chance, 1 - HARDLY):
        return f"the labels look inverted: the model scores mismatch rows above match rows ({rows})"
    if area < HARDLY:
        return f"the model's scores hardly separate match from mismatch rows ({rows}): shuffled labels, or a weak model"
    return None


def calibrated(values: NDArray[np.float64], matches: NDArray[np.bool_], used: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Chance of a match for every score by logistic regression on the rows in ``used``, both labels weighted alike.

    Newton's method on two parameters with a slight ridge, which keeps the curve finite when the labels separate.
    """
    import numpy as np

    spread = float(values[used].std()) or 1.0
    design = np.stack([(values - np.median(values[used])) / spread, np.ones_like(values)], axis=1)
    x, y = design[used], matches[used].astype(np.float64)
    weight = np.where(y == 1, 0.5 / max(y.sum(), 1), 0.5 / max((1 - y).sum(), 1)) * len(y)
    beta = np.zeros(2)

    def loss(b: NDArray[np.float64]) -> float:
        z = x @ b
        return float((weight * (np.logaddexp(0, z) - y * z)).sum() + 0.005 * (b @ b))

    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -30, 30)))
        slope = x.T @ (weight * (y - p)) - 0.01 * beta
        curvature = (x * (weight * p * (1 - p))[:, None]).T @ x + 0.01 * np.eye(2)
        step = np.linalg.solve(curvature, slope)
        while loss(beta + step) > loss(beta) and abs(step).max() > 1e-9:
            step = step / 2
        beta = beta + step
        if abs(step).max() < 1e-9:
            break
    return np.asarray(1 / (1 + np.exp(-np.clip(design @ beta, -30, 30))))
