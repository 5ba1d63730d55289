"""Which files are one source, and which number is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_clipdata.reading.shards import in_sources, missing


@pytest.mark.parametrize(
    ("files", "sources"),
    [
        (["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"], {"train-#.parquet": 2}),
        (["train-00000-of-00001.parquet"], {"train-#.parquet": 1}),
        (["00000.tar", "00001.tar", "00010.tar"], {"#.tar": 3}),
        (["00000.tar"], {"#.tar": 1}),
        (["a/0.tar", "b/0.tar", "b/1.tar"], {"a/#.tar": 1, "b/#.tar": 2}),
        (["clip2.parquet"], {"clip2.parquet": 1}),
        (["clip2.parquet", "clip3.parquet"], {"clip#.parquet": 2}),
        (["train2017.tar", "val2017.tar"], {"train2017.tar": 1, "val2017.tar": 1}),
        (
            ["train.parquet", "val.parquet", "train-0.parquet"],
            {"train.parquet": 1, "val.parquet": 1, "train-#.parquet": 1},
        ),
        (["x-001.tar", "x-001.parquet"], {"x-#.tar": 1, "x-#.parquet": 1}),
        (["v2-part-7.tar", "v2-part-10.tar"], {"v2-part-#.tar": 2}),
        (["9" * 40 + ".tar"], {"9" * 40 + ".tar": 1}),
        (["train-0-of-0.tar"], {"train-0-of-#.tar": 1}),
    ],
)
def test_files_that_differ_in_a_number_are_one_source(files: list[str], sources: dict[str, int]) -> None:
    found = in_sources(map(Path, reversed(files)))
    assert {path.as_posix(): len(group) for path, group in found.items()} == sources
    assert [path.as_posix() for group in found.values() for path in group if len(group) == len(files)] in (files, [])


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (["00000.tar", "00001.tar"], None),
        (["00007.tar", "00008.tar"], None),
        (["train.tar"], None),
        (["00000.tar", "00002.tar"], "1 shard is missing between 00000 and 00002: 00001"),
        (["8.tar", "9.tar", "12.tar"], "2 shards are missing between 8 and 12: 10, 11"),
        (
            ["0.tar", "999999999999.tar"],
            "999,999,999,998 shards are missing between 0 and 999999999999: 1, 2, 3, 4, 5 and 999,999,999,993 more",
        ),
        ([f"x-{n:05}-of-00003.parquet" for n in range(3)], None),
        ([f"x-{n}-of-3.parquet" for n in (1, 2, 3)], None),
        (["x-00001-of-00003.parquet"], "2 shards are missing of 3: 00000, 00002"),
        (["x-00003-of-00003.parquet"], "2 shards are missing of 3: 00001, 00002"),
        (
            ["x-00000-of-00002.parquet", "x-00005-of-00002.parquet"],
            "4 shards are missing of 2: 00001, 00002, 00003, 00004",
        ),
    ],
)
def test_a_number_that_is_missing_is_told(files: list[str], words: str | None) -> None:
    assert missing([Path(name) for name in files]) == words
