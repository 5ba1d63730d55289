"""What a model says of rows that are all matches: of those made by shuffling nothing is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.findings import Place, Related
from pytest_clipdata.images.facts import Limits
from pytest_clipdata.judging import by_model
from pytest_clipdata.judging.rule import Rule
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.settings.declared import CheckSettings
from pytest_clipdata.settings.options import RunOptions
from pytest_clipdata.smoke.scoring import LabelScores
from pytest_clipdata.smoke.shuffled import with_mismatches
from pytest_clipdata.smoke.suspicion import PairScore, judge
from pytest_clipdata.smoke.values import Pair

COUNT = 100
WRONG = 7  #: a row whose text belongs to another picture


class NoScores:
    def get(self, key: str) -> float | None:
        return None

    def put(self, key: str, score: float) -> None:
        pass


def asked(*, shuffled: bool) -> by_model.Question:
    pairs = [Pair(i, Blob(f"{i}.jpg"), f"text {i}", matches=True, pair_key=str(i)) for i in range(COUNT)]
    rows = {i: Related(Place("train.csv", "train.csv", i + 2, None, i), f"{i}.jpg") for i in range(COUNT)}
    check = REGISTRY["suspect_labels"]
    rule = Rule(check, CheckSettings(check.severity, 1.0, {}))
    return by_model.Question("train.csv", rule, with_mismatches(pairs), rows, shuffled=shuffled)


def answer(monkeypatch: pytest.MonkeyPatch, *, noise: bool = False) -> Any:
    def score(pairs: list[Pair], **options: Any) -> LabelScores:
        """A match scores high but for one, a mismatch low but for some, or all alike."""
        values = [
            0.2 + 0.001 * (pair.row % 10) if noise else
            (0.1 if pair.row == WRONG else 0.3) if pair.matches else (0.3 if pair.row % 30 == 0 else 0.1)
            for pair in pairs
        ]  # fmt: skip
        scores = [PairScore(pair.row, pair.matches, value) for pair, value in zip(pairs, values, strict=True)]
        return LabelScores(tuple(scores), *judge(scores))

    monkeypatch.setattr(by_model, "score_labels", score)
    options = RunOptions(top=Path(), model="clip", device="off", workers=1)
    return by_model.ask_model(asked(shuffled=True), options, Limits(), NoScores())


def test_only_rows_of_the_data_are_suspects(monkeypatch: pytest.MonkeyPatch) -> None:
    result = answer(monkeypatch)
    (finding,) = result.findings
    assert finding.place.row == WRONG
    assert finding.message == ("the model scores the pair 0.10, far below the match rows' usual 0.30 (suspect 1 of 1)")
    assert result.evaluated == COUNT


def test_scores_no_better_than_of_shuffled_rows_are_said_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    (finding,) = answer(monkeypatch, noise=True).findings
    assert finding.place.row is None
    assert finding.message.startswith("the model scores the rows hardly above shuffled ones: ")
