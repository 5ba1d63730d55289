from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from helpers.drawn import encoded, photo
from helpers.tools import BLUE, RED, Rows, open_run, write

from pytest_clipdata.facts import Needs

A = encoded(photo(1, (96, 96)))
HALF = A[: len(A) // 2]
FILES = {
    "a.jpg": A,
    "copy.jpg": A,
    "b.jpg": encoded(photo(2, (96, 96))),
    "broken1.jpg": HALF,
    "broken2.jpg": HALF,
}


def relations(folder: Path, csvs: dict[str, Rows], needs: Needs = Needs.SIMILARITY) -> dict[str, pd.DataFrame]:
    write(folder, csvs, FILES)
    run = open_run(folder)
    return {source.name: run.table(source.name, needs).frame for source in run.dataset.sources}


def column(table: pd.DataFrame, name: str) -> list[Any]:
    return [None if pd.isna(value) else value for value in table[name]]


def test_the_training_split_leads_whatever_the_order_of_names(tmp_path: Path) -> None:
    rows = [("copy.jpg", RED, "match")]
    tables = relations(tmp_path, {"a_val.csv": rows, "train.csv": [("b.jpg", BLUE, "match"), ("a.jpg", RED, "match")]})
    assert list(tables) == ["train.csv", "a_val.csv"]
    assert column(tables["a_val.csv"], "leaks_from") == ["train.csv:3"]
    assert column(tables["a_val.csv"], "leak_grade") == ["bytes"]
    assert column(tables["a_val.csv"], "text_leaks_from") == ["train.csv:3"]
    assert column(tables["train.csv"], "leaks_from") == [None, None]


def test_two_csvs_of_one_split_are_compared_as_one(tmp_path: Path) -> None:
    rows = [("a.jpg", RED, "match")]
    tables = relations(tmp_path, {"train_1.csv": rows, "train_2.csv": [("copy.jpg", RED, "match"), *rows]})
    assert column(tables["train_2.csv"], "duplicate_of") == ["train_1.csv:2", None]
    assert column(tables["train_2.csv"], "duplicate_row_of") == ["train_1.csv:2", "train_1.csv:2"]
    assert column(tables["train_1.csv"], "duplicate_row_of") == [None]


def test_pair_keys_name_content_and_not_place(tmp_path: Path) -> None:
    rows = [
        ("a.jpg", RED, "match"),
        ("b.jpg", RED, "match"),
        ("copy.jpg", RED.upper(), "maybe"),
        ("gone.jpg", RED, "match"),
    ]
    keys = column(relations(tmp_path / "one", {"train.csv": rows})["train.csv"], "pair_key")
    assert keys[0] == keys[2] != keys[1]
    assert keys[3] is None
    again = column(relations(tmp_path / "two", {"train.csv": rows[::-1]})["train.csv"], "pair_key")
    assert again == keys[::-1]


def test_shares(tmp_path: Path) -> None:
    rows = [("a.jpg", RED, "match"), ("a.jpg", BLUE, "mismatch"), ("a.jpg", BLUE, "")]
    tables = relations(tmp_path, {"train.csv": rows, "val.csv": rows[:1]}, Needs.TEXT)
    assert column(tables["train.csv"], "training_share") == [0.75] * 3
    assert column(tables["val.csv"], "label_share_gap") == [0.5]


@pytest.mark.parametrize("needs", [Needs.TEXT, Needs.SIMILARITY])
@pytest.mark.parametrize("csvs", [{"train.csv": ""}, {"train.csv": "", "val.csv": [("a.jpg", RED, "match")]}])
def test_nothing_to_compare(tmp_path: Path, csvs: dict[str, Rows], needs: Needs) -> None:
    tables = relations(tmp_path, csvs, needs)
    assert {name: len(table) for name, table in tables.items()} == dict.fromkeys(csvs, 1)  # an empty file is a problem
    assert tables["train.csv"]["row_problem"].tolist() == ["the file is empty"]


def test_a_picture_that_does_not_decode_is_like_no_other(tmp_path: Path) -> None:
    rows = [("broken1.jpg", RED, "match"), ("broken2.jpg", RED, "match")]
    table = relations(tmp_path, {"train.csv": rows})["train.csv"]
    assert column(table, "duplicate_of") == [None, None]
