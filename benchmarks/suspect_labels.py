"""The trial behind the rule of suspect_labels: wrong labels planted among 200 pairs of coloured shapes, many times.

    python benchmarks/suspect_labels.py [--trials 200]

Trains the tests' small checkpoint (some six seconds), scores a pool of pairs, and plants five wrong labels in each
trial. Noise added to the scores stands for models that know less. Rules compared: a distance in MADs within a label;
the means of the labels (confident learning's thresholds on the raw score); the calibrated chance from one fit; and
the rule in use (two fits). cleanlab is compared if it is installed. Prints Markdown.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from helpers.smoke_checkpoint import CLASSES, draw, train_on_shapes, words_of, write_checkpoint

from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.smoke.scoring import score_labels
from pytest_clipdata.smoke.suspicion import PairScore, auc, calibrated, judge
from pytest_clipdata.smoke.values import Pair

Scores, Labels = NDArray[np.float64], NDArray[np.bool_]
Rule = Callable[[Scores, Labels], Labels]


def mads(scores: Scores, labels: Labels) -> Labels:
    flagged = np.zeros(len(scores), dtype=bool)
    for label, side in ((True, -1), (False, 1)):
        own = scores[labels == label]
        middle = np.median(own)
        flagged[labels == label] = side * (own - middle) > 3.5 * 1.4826 * np.median(abs(own - middle))
    return flagged


def means(scores: Scores, labels: Labels) -> Labels:
    return np.where(labels, scores < scores[~labels].mean(), scores > scores[labels].mean())


def one_fit(scores: Scores, labels: Labels) -> Labels:
    chance = calibrated(scores, labels, np.ones_like(labels))
    return np.where(labels, chance, 1 - chance) < 0.2


def in_use(scores: Scores, labels: Labels) -> Labels:
    rows = [
        PairScore(i, bool(label), float(score)) for i, (score, label) in enumerate(zip(scores, labels, strict=True))
    ]
    flagged = np.zeros(len(scores), dtype=bool)
    flagged[[suspect.row for suspect in judge(rows)[0]]] = True
    return flagged


def rules() -> dict[str, Rule]:
    known: dict[str, Rule] = {"3.5 MADs": mads, "label means": means, "one fit, 0.2": one_fit, "two fits, 0.1": in_use}
    try:
        from cleanlab.filter import find_label_issues
    except ImportError:
        return known

    def cleanlab(scores: Scores, labels: Labels) -> Labels:
        chance = calibrated(scores, labels, np.ones_like(labels))
        return np.asarray(find_label_issues(labels.astype(int), np.stack([1 - chance, chance], axis=1), n_jobs=1))

    return known | {"cleanlab, one fit": cleanlab}


def pool(n: int = 2000) -> tuple[Scores, Labels]:
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_checkpoint(folder / "clip")
        train_on_shapes(folder / "clip")
        rows = []
        for i in range(n):
            kind = int(rng.integers(len(CLASSES)))
            shown = kind if i % 2 else (kind + int(rng.integers(1, len(CLASSES)))) % len(CLASSES)
            path = folder / f"{i}.png"
            draw(rng, *CLASSES[shown]).save(path)
            rows.append(Pair(i, Blob.of(path), words_of(*CLASSES[kind]), bool(i % 2), str(i)))
        scores = score_labels(rows, model=str(folder / "clip"), device="cpu").scores
    return np.array([score.score for score in scores]), np.array([score.matches for score in scores])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    scores, truth = pool()
    print("| noise | AUC | rule | found of 5 | false of 195 | >= 4 found and <= 6 false |\n|---|---|---|---|---|---|")
    for noise in (0.0, 0.1, 0.2, 0.4):
        rng = np.random.default_rng(1)
        areas, hits = [], {name: [] for name in rules()}
        for _ in range(options.trials):
            rows = rng.choice(len(scores), 200, replace=False)
            seen = scores[rows] + noise * rng.standard_normal(200)
            wrong = np.zeros(200, dtype=bool)
            wrong[rng.choice(200, 5, replace=False)] = True
            labels = truth[rows] ^ wrong
            areas.append(auc([PairScore(0, bool(m), float(s)) for s, m in zip(seen, labels, strict=True)]))
            for name, rule in rules().items():
                flagged = rule(seen, labels)
                hits[name].append(((flagged & wrong).sum(), (flagged & ~wrong).sum()))
        for name, counts in hits.items():
            found, false = np.array(counts).T
            share = ((found >= 4) & (false <= 6)).mean()
            print(
                f"| {noise} | {np.mean(areas):.2f} | {name} | {found.mean():.1f} | {false.mean():.1f} | {share:.0%} |"
            )


if __name__ == "__main__":
    main()
