"""The table that Spark judges holds what the local one holds, however many files its rows lie in; no session is had."""

from __future__ import annotations

from pathlib import Path

import pytest
from golden import messy
from helpers.projects import write_dataset
from helpers.tools import open_run

from pytest_clipdata.facts.columns import REFERENCES
from pytest_clipdata.facts.pandas_table import PandasTable
from pytest_clipdata.facts.step import Needs
from pytest_clipdata.running.engines.spark import table as spark_table
from pytest_clipdata.running.engines.spark.table import SparkTable


def test_it_holds_what_the_local_table_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    messy.two_splits(tmp_path / "data")
    engine = open_run(tmp_path / "data").engine
    related = 0
    for source in engine.dataset.sources:
        facts = engine._facts(source.name, Needs.SIMILARITY)
        here = PandasTable(facts)
        for part in (1_000, 10, 3):
            monkeypatch.setattr(spark_table, "_PART", part)
            (folder := tmp_path / f"{source.split}-{part}").mkdir()
            there = SparkTable(facts, None, folder)
            assert len(list(folder.iterdir())) == -(-len(here) // part)
            assert there.frame.equals(here.frame)
            assert (len(there), there.names) == (len(here), here.names)
            numbers = [number for number in (0, 1, 2, 3, 9, 10, 11, len(here) - 1) if number < len(here)]
            assert list(there.rows(numbers)) == list(here.rows(numbers))
            assert list(there.columns(["row", "text", "is_match"])) == list(here.columns(["row", "text", "is_match"]))
            for names in (["row"], ["row_problem"], ["image_path", "text", "label"], ["image_width", "label_norm"]):
                assert there.judged(names) == here.judged(names)
            named = {name: [there.related(name, row) for row in range(len(here))] for name in REFERENCES}
            for name, others in named.items():
                told = [None if other is None else str(other.place) for other in others]
                assert told == [value for (value,) in here.columns([name])]
                related += sum(other is not None for other in others)
    assert related > 20


def test_a_source_of_which_no_row_can_be_read_has_all_columns(tmp_path: Path) -> None:
    write_dataset(tmp_path / "data")
    (tmp_path / "data" / "train.csv").write_bytes(b"")
    (tmp_path / "facts").mkdir()
    facts = open_run(tmp_path / "data").engine._facts("train.csv", Needs.TEXT)
    here, there = PandasTable(facts), SparkTable(facts, None, tmp_path / "facts")
    assert there.frame.equals(here.frame)
    assert there.judged(["text"]) == there.judged(["image_path"]) == 0
    assert list(there.columns(["row", "row_problem"])) == list(here.columns(["row", "row_problem"]))
