"""The example passes every check; its broken twin shows exactly what was planted."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_clipdata.findings import Outcome
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.options import RunOptions

ROOT = Path(__file__).parents[1]


def results(folder: str, **options):
    """Every result of every CSV under ``folder``, by (CSV relative to it, check)."""
    found = {}
    for dataset in discover([ROOT / folder]):
        chosen = RunOptions(top=ROOT, device="off", **options)
        run = DatasetRun(dataset, load_settings(dataset, chosen), chosen)
        wanted = [(csv.name, check_id) for csv in run.selected for check_id in run.check_ids()]
        for csv, check_id in wanted:
            run.want(csv, check_id)
        home = dataset.root.relative_to(ROOT / folder)
        found |= {((home / csv).as_posix(), check_id): run.result(csv, check_id) for csv, check_id in wanted}
        run.cache.close()
    return found


def test_the_example_has_no_finding():
    judged = results("example_dataset")
    assert not [finding for result in judged.values() for finding in result.findings]
    assert {result.outcome for result in judged.values()} == {Outcome.PASSED, Outcome.SKIPPED}
    skipped = {key for key, result in judged.items() if result.outcome is Outcome.SKIPPED}
    assert skipped == {
        ("train.csv", "leakage"),
        ("train.csv", "text_leakage"),
        ("val.csv", "row_count"),
        ("val.csv", "split_ratio"),
    }


def test_the_broken_twin_has_exactly_the_planted_findings():
    planted = json.loads((ROOT / "example_dataset_broken/planted.json").read_text(encoding="utf-8"))
    expected = sorted((entry["csv"], entry["line"] or 0, entry["check"]) for entry in planted)
    judged = results("example_dataset_broken")
    found = [(csv, finding.place.line or 0, check) for (csv, check), r in judged.items() for finding in r.findings]
    assert sorted(found) == expected


def test_every_check_has_a_case_in_the_broken_twin():
    judged = results("example_dataset_broken")
    silent = {check for _, check in judged} - {check for (_, check), result in judged.items() if result.findings}
    assert silent == set()
