"""Parquet files, written by pyarrow: what is read, what is told, and that nothing is ever raised."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from helpers.containers import STRUCT, pictures, write_parquet

from pytest_clipdata.images.facts import Limits
from pytest_clipdata.images.workers.pool import measure_all
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reading.columns import Columns, Wanted, choose_columns
from pytest_clipdata.reading.parquet_source import ParquetSource
from pytest_clipdata.reading.source import Rows
from pytest_clipdata.reading.strict_text import MAX_CELL

TEXTS = [f"A coat number {number}" for number in range(10)]
BYTES = [b"%d" % number * (number + 1) for number in range(10)]
COLUMNS = Columns("image", "text", None)


def source(*paths: Path) -> ParquetSource:
    path = paths[0] if len(paths) == 1 else paths[0].with_name("train-#.parquet")
    return ParquetSource(path, path.name, "train", paths)


def rows(*paths: Path, want: Wanted | None = None) -> Rows:
    shards = source(*paths)
    return shards.rows(choose_columns({"x": shards.head()}, want or Wanted())["x"])


def content(blob: Blob | None) -> bytes:
    assert blob is not None
    with blob.open() as file:
        return file.read(blob.length(file))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"row_group_size": 3},
        {"row_group_size": 3, "compression": "none"},
        {"compression": "zstd", "write_statistics": False, "data_page_size": 8},
        {"use_dictionary": False, "data_page_version": "2.0"},
    ],
)
def test_pictures_are_read_where_they_lie(tmp_path: Path, options: dict[str, Any]) -> None:
    path = write_parquet(tmp_path / "x.parquet", {"image": pictures(BYTES), "text": TEXTS}, **options)
    found = rows(path)
    assert (found.problems, found.texts, found.lines) == ((), TEXTS, list(range(1, 11)))
    assert found.image_paths == [f"{number}.jpg" for number in range(10)]
    assert found.labels == ["match"] * 10
    blobs = [found.within[str(cell)].blob for cell in found.image_paths]
    assert [content(blob) for blob in blobs] == BYTES
    order = random.Random(0).sample(range(10), 10)
    assert [content(blobs[number]) for number in order] == [BYTES[number] for number in order]


@pytest.mark.parametrize(
    ("column", "cells", "held"),
    [
        (pa.array(["a.jpg", None, " "]), ["a.jpg", None, None], 0),
        (pa.array(["a.jpg", "b.jpg", "a.jpg"]).dictionary_encode(), ["a.jpg", "b.jpg", "a.jpg"], 0),
        (pa.array([b"1", b"2", b"3"]), ["x.parquet:1", "x.parquet:2", "x.parquet:3"], 3),
        (pictures([b"1", None, None], ["a.jpg", "b.jpg", None]), ["a.jpg", "b.jpg", None], 1),
        (pictures([b"1", b"2", b"3"], [None, "a.jpg", "a.jpg"]), ["x.parquet:1", "a.jpg", "a.jpg (x.parquet:3)"], 3),
        (pa.array([{"bytes": b"1", "path": "a"}, None, {"bytes": None, "path": None}], STRUCT), ["a", None, None], 1),
    ],
)
def test_a_picture_is_a_path_or_bytes_or_missing(
    tmp_path: Path, column: Any, cells: list[str | None], held: int
) -> None:
    for statistics in (True, False):
        path = write_parquet(tmp_path / "x.parquet", {"image": column, "text": TEXTS[:3]}, write_statistics=statistics)
        found = rows(path)
        assert (found.problems, found.image_paths, len(found.within)) == ((), cells, held)


def test_a_picture_that_several_rows_hold_under_one_path_is_one_picture(tmp_path: Path) -> None:
    held = pictures([b"1", b"2", b"1", b"3", b"3"], ["a.jpg", "b.jpg", "a.jpg", "a.jpg", None])
    for options in ({}, {"row_group_size": 2}):
        found = rows(write_parquet(tmp_path / "x.parquet", {"image": held, "text": TEXTS[:5]}, **options))
        other = "a.jpg (x.parquet:4)"
        assert found.image_paths == ["a.jpg", "b.jpg", "a.jpg", other, "x.parquet:5"]
        contents = {cell: content(facts.blob) for cell, facts in found.within.items()}
        assert contents == {"a.jpg": b"1", "b.jpg": b"2", other: b"3", "x.parquet:5": b"3"}


def test_a_path_that_looks_like_a_place_takes_no_other_picture_away(tmp_path: Path) -> None:
    paths = ["x.parquet:2", None, "a.jpg (x.parquet:5)", "a.jpg", "a.jpg"]
    held = pictures([b"1", b"2", b"3", b"4", b"5"], paths)
    found = rows(write_parquet(tmp_path / "x.parquet", {"image": held, "text": TEXTS[:5]}))
    assert [content(found.within[str(cell)].blob) for cell in found.image_paths] == [b"1", b"2", b"3", b"4", b"5"]


def test_texts_labels_and_lists(tmp_path: Path) -> None:
    captions = pa.array([["One", "Two"], [], None, ["Six"]])
    path = write_parquet(tmp_path / "x.parquet", {"image": ["a", "b", "c", "d"], "captions": captions, "match": [True, False, None, True]})  # fmt: skip
    found = rows(path)
    assert found.texts == ["One", "Two", None, None, "Six"]
    assert (found.lines, found.numbers) == ([1, 1, 2, 3, 4], [0, 1, 2, 3, 4])
    assert found.labels == ["true", "true", "false", None, "true"]


def test_shards_are_one_source_and_each_may_be_wrong(tmp_path: Path) -> None:
    def name(number: int) -> Path:
        return tmp_path / f"train-{number:05}-of-00005.parquet"

    for number in (0, 1, 3):
        write_parquet(name(number), {"image": pictures(BYTES[:2]), "text": TEXTS[:2]})
    write_parquet(name(1), {"image": pictures(BYTES[:2]), "text": [1, 2]})
    found = rows(*(name(number) for number in (0, 1, 3)))
    assert found.files == [name(0).name] * 2 + [name(3).name] * 2
    assert (found.lines, found.numbers) == ([1, 2, 1, 2], [0, 1, 3, 4])
    (problem,) = found.problems
    assert (problem.file, problem.row, problem.line) == (name(1).name, 2, 1)
    assert problem.words == "the column text holds int64, not text"
    assert found.warning == "2 shards are missing of 5: 00002, 00004"
    assert len({*found.within}) == 4


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"image": [1], "text": ["x"]}, "the column image holds int64: neither paths nor pictures"),
        ({"image": pa.array([[{"bytes": b"", "path": ""}]]), "text": ["x"]}, "neither paths nor pictures"),
        ({"image": ["a"], "text": pa.array([[1]])}, "the column text holds 'list<"),
        ({"image": ["a"], "text": pa.array([b"x"])}, "the column text holds binary, not text"),
        ({"image": ["a"], "text": ["x" * (MAX_CELL + 1)]}, "a cell has 131,073 characters, the limit is 131,072"),
        ({"image": pa.array([], STRUCT), "text": pa.array([], pa.string())}, "it holds no row"),
    ],
)
def test_wrong_columns_are_told(tmp_path: Path, columns: dict[str, Any], words: str) -> None:
    found = source(write_parquet(tmp_path / "x.parquet", columns)).rows(COLUMNS)
    assert words in found.problems[0].words
    assert len(found.lines) == 0


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "x.parquet", {"image": pictures(BYTES), "text": TEXTS})
    whole = path.read_bytes()
    for data, words in {
        b"": "it is empty",
        b"no parquet" * 10: "it is no Parquet file",
        whole[:-8]: "it is cut off: its last bytes are not those of a Parquet file",
        whole[:-4] + b"PARE": "it is encrypted",
        b"PAR1" + bytes(100) + b"PAR1": "the Parquet file is damaged or encrypted: it cannot be read",
    }.items():
        path.write_bytes(data)
        found = source(path).rows(COLUMNS)
        assert [(problem.line, problem.words) for problem in found.problems] == [(1, words)]
    path.unlink()
    assert source(path).head() is None
    assert source(path).rows(COLUMNS).problems


def test_a_giant_column_of_text_is_told_before_it_is_read(tmp_path: Path) -> None:
    texts = [f"{number}" * 120_000 for number in range(10)] * 150
    path = write_parquet(tmp_path / "x.parquet", {"image": ["a"] * 1500, "text": texts}, use_dictionary=False)
    (problem,) = source(path).rows(COLUMNS).problems
    assert problem.words.startswith("the column text has 1")
    assert problem.words.endswith(" bytes in 1,500 rows")


def test_no_damage_raises(tmp_path: Path) -> None:
    """Damaged files are shards of one source, so that few processes read them."""
    draw = random.Random(0)
    paths = []
    for number in range(200):
        options: dict[str, Any] = draw.choice([{"row_group_size": 4}, {"compression": "none", "use_dictionary": False}])
        path = tmp_path / f"train-{number:05}-of-00200.parquet"
        write_parquet(path, {"image": pictures(BYTES), "text": TEXTS}, **options)
        data = bytearray(path.read_bytes())
        tail = draw.choice((0, len(data) // 2, len(data) - 700))  # all of it, or more of the footer
        for _ in range(draw.choice((0, 1, 3, 30))):
            data[draw.randrange(tail, len(data))] = draw.randrange(256)
        if draw.random() < 0.1:
            del data[draw.randrange(len(data)) :]
        path.write_bytes(data)
        paths.append(path)
    assert source(*paths).head() is not None
    found = source(*paths).rows(COLUMNS)
    assert found.judgeable
    for path in paths:
        whole = found.files.count(path.name) == 10
        assert whole or any(problem.file == path.name for problem in found.problems)
    blobs = [facts.blob for facts in found.within.values() if facts.blob is not None]
    with measure_all(blobs, pixels=True, limits=Limits(), workers=2) as measuring:
        assert sorted(index for index, _ in measuring) == list(range(len(blobs)))


def test_a_file_that_ends_the_process_that_reads_it_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    paths = [tmp_path / f"train-{number}.parquet" for number in range(3)]
    for path in paths:
        write_parquet(path, {"image": pictures(BYTES), "text": TEXTS})
    data = paths[1].read_bytes()
    killer = data.replace(b"\x15\x0c\x19", b"\x15\x50\x19")  # in the footer columns of a physical type that is none
    assert killer != data
    paths[1].write_bytes(killer)
    found = source(*paths).rows(COLUMNS)
    assert found.files == [paths[0].name] * 10 + [paths[2].name] * 10
    (problem,) = found.problems
    assert (problem.file, problem.row, problem.line) == (paths[1].name, 10, 1)
    assert problem.words == "the Parquet file is damaged: it ends the process that reads it"


def test_of_a_file_that_ends_its_reader_no_row_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "train.parquet"
    texts = [f"{number} {'long ' * 40}" for number in range(1000)]  # more than is on its way when the reader ends
    write_parquet(path, {"image": pictures([b"x"] * 1000), "text": texts}, row_group_size=500)
    data = bytearray(path.read_bytes())
    types = [found.start() + 1 for found in re.finditer(b"\x15\x0c\x19", data)][-3:]  # of the columns of the last group
    for at in types:
        data[at] = 0x50
    path.write_bytes(data)
    found = source(path).rows(COLUMNS)
    assert (len(found.lines), found.judgeable) == (0, True)
    assert [(problem.row, problem.line) for problem in found.problems] == [(0, 1)]


def test_rows_in_any_order_are_the_right_ones(tmp_path: Path) -> None:
    contents = [b"%d" % number for number in range(100)]
    found = rows(write_parquet(tmp_path / "x.parquet", {"image": pictures(contents), "text": ["a"] * 100}))
    blobs = [facts.blob for facts in found.within.values()]
    for number in [*random.Random(0).sample(range(100), 40), *range(99, 0, -7)]:
        assert content(blobs[number]) == contents[number]


def test_each_page_is_read_once_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker goes forwards through a group: reading all rows takes one pass, whatever the size of the group."""
    path = write_parquet(tmp_path / "x.parquet", {"image": pictures([b"x"] * 1000), "text": ["a"] * 1000})
    found = rows(path)
    passes = []
    iterate = pq.ParquetFile.iter_batches
    monkeypatch.setattr(
        pq.ParquetFile, "iter_batches", lambda *args, **more: passes.append(1) or iterate(*args, **more)
    )
    for facts in found.within.values():
        content(facts.blob)
    assert len(passes) == 1
