from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from helpers.drawn import encoded, photo
from helpers.tools import BLUE, RED, Rows, open_run, write

from pytest_clipdata.facts import COLUMNS, Needs

ROWS = [("a.jpg", RED, " Match"), ("gone.jpg", BLUE, "maybe"), ("", " ", "")]


def facts(folder: Path, rows: Rows, *, needs: Needs = Needs.SIMILARITY) -> pd.DataFrame:
    write(folder, {"train.csv": rows}, {"a.jpg": encoded(photo(1, (300, 240)))})
    return open_run(folder).table("train.csv", needs).frame


@pytest.mark.parametrize("rows", [ROWS, ROWS[:1], "", "image_path,text,label\n", "image_path,text,label\na\n"])
def test_columns_and_dtypes_are_as_documented(tmp_path: Path, rows: Rows) -> None:
    table = facts(tmp_path, rows)
    assert {name: str(dtype) for name, dtype in table.dtypes.items()} == {n: c.dtype for n, c in COLUMNS.items()}
    assert table.index.name is None
    assert list(table.index) == list(table["row"]) == list(range(len(table)))


def test_the_columns_of_the_design_are_there() -> None:
    public = (
        "line image_path text label split label_norm is_match path_status image_key image_status image_error"
        " image_format image_mode image_bytes image_width image_height image_short_side image_aspect_ratio image_sha256"
        " image_phash image_brightness image_contrast image_sharpness image_white_point image_tonal_range"
        " image_overexposure image_fine_detail image_coarse_detail word_count token_count text_problem style_problem"
        " pair_key duplicate_row_of contradicts duplicate_of leaks_from text_leaks_from"
    )
    assert set(public.split()) <= COLUMNS.keys()
    assert all(column.help for column in COLUMNS.values())


def test_what_was_measured_and_what_could_not_be(tmp_path: Path) -> None:
    table = facts(tmp_path, ROWS)
    first = table.loc[0]
    assert (first["label_norm"], first["is_match"], first["word_count"], first["path_status"]) == ("match", 1, 6, "ok")
    assert (first["image_format"], first["image_width"], first["image_height"]) == ("jpeg", 300, 240)
    assert (first["image_short_side"], first["image_aspect_ratio"], first["image_key"]) == (240, 1.25, "a.jpg")
    second = table.loc[1]
    assert (second["label_norm"], second["path_status"]) == ("maybe", "missing")
    assert second[["is_match", "image_key", "image_status", "image_width", "pair_key"]].isna().all()
    assert table.loc[2].drop(["row", "file", "line", "split"]).isna().all()
    assert list(table["line"]) == [2, 3, 4]
    assert set(table["file"]) == {"train.csv"}


@pytest.mark.parametrize("needs", list(Needs))
def test_no_more_is_measured_than_is_needed(tmp_path: Path, needs: Needs) -> None:
    table = facts(tmp_path, ROWS, needs=needs)
    measured = {name for name in COLUMNS if table[name].notna().any()}
    assert {name for name in measured if COLUMNS[name].needs > needs} == set()
    always = {
        "row",
        "file",
        "line",
        "image_path",
        "text",
        "label",
        "split",
        "label_norm",
        "is_match",
        "word_count",
        "token_count",
    }
    assert always <= measured


def test_a_row_that_does_not_parse_has_no_facts_but_its_line(tmp_path: Path) -> None:
    table = facts(tmp_path, f"image_path,text,label\na.jpg\na.jpg,{RED},match\n", needs=Needs.TEXT)
    assert list(table["line"]) == [2, 3]
    assert list(table["row"]) == [0, 1]
    assert table.loc[0].drop(["row", "file", "line", "row_problem"]).isna().all()
    assert table["row_problem"].isna().tolist() == [False, True]
