"""Metadata of an imagefolder that names its pictures as `datasets` lets it, written by json, csv and pyarrow."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.drawn import encoded, photo
from helpers.projects import clipdata

from pytest_clipdata.reading.columns import Columns, Wanted, choose_columns
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.reading.foreign import is_foreign

ENDINGS = (".jsonl", ".csv", ".parquet")


def write(path: Path, rows: list[dict[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif path.suffix == ".csv":
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    else:
        pq.write_table(pa.Table.from_pylist(rows), path)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize(
    ("names", "picture"),
    [
        ("file_name", "file_name"),
        ("image_file_name", "image_file_name"),
        ("page_scan_file_name width", "page_scan_file_name"),
        ("file_name mask_file_name", "file_name"),
        ("file_name image", "file_name"),
        ("image_path file_name", "image_path"),
    ],
)
def test_the_pictures_column(tmp_path: Path, ending: str, names: str, picture: str) -> None:
    write(tmp_path / f"train/metadata{ending}", [dict.fromkeys(names.split(), "1") | {"text": "A red coat"}])
    ((source,),) = (dataset.sources for dataset in discover([tmp_path]))
    head = source.head()
    assert head is not None
    assert not is_foreign(head, {"image_path": "image_path", "label": "label"})
    chosen = choose_columns({"train": head}, Wanted(required="false"))["train"]
    assert chosen == Columns(picture, "text", None)


@pytest.mark.parametrize("ending", ENDINGS)
def test_of_two_none_is_chosen_and_settings_go_first(tmp_path: Path, ending: str) -> None:
    names = ("before_file_name", "after_file_name")
    write(tmp_path / f"train/metadata{ending}", [dict.fromkeys(names, "1.jpg") | {"text": "A red coat"}])
    ((source,),) = (dataset.sources for dataset in discover([tmp_path]))
    chosen = choose_columns({"train": source.head()}, Wanted())["train"]
    assert (chosen.problem or "").startswith("no column 'image_path' (did you mean 'before_file_name'?)")
    named = Wanted(named={"image_path": "after_file_name"})
    assert choose_columns({"train": source.head()}, named)["train"] == Columns("after_file_name", "text", None)


def test_other_tables_know_nothing_of_it(tmp_path: Path) -> None:
    write(tmp_path / "train.csv", [{"audio_file_name": "1.wav", "title": "A song"}])
    ((source,),) = (dataset.sources for dataset in discover([tmp_path]))
    assert is_foreign(source.head(), {"image_path": "image_path", "label": "label"})


def test_it_is_judged_as_it_stands(tmp_path: Path) -> None:
    folder = tmp_path / "data/train"
    write(folder / "metadata.jsonl", [{"image_file_name": f"{n}.jpg", "text": f"A photo of land {n}"} for n in "123"])
    for n in (1, 2):
        (folder / f"{n}.jpg").write_bytes(encoded(photo(n, (256, 256))))
    done = clipdata("check", "data", "--clip-smoke=off", "-k", "columns or paths", cwd=tmp_path)
    assert "3.jpg does not exist" in done.stdout
    assert "1.jpg does not exist" not in done.stdout
    assert "columns" not in "".join(line for line in done.stdout.splitlines() if "FAILED" in line)
