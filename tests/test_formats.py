"""The same pictures, texts and faults in every local format give the same findings, but for their places.

All data are written by other libraries than ours: json, csv, pyarrow, tarfile and the file system.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from helpers.formats import FORMATS, SPLITS, Sample, sixty

from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.options import RunOptions

#: Where pictures lie inside, one that is missing is no file that is not there: `columns` or `missing_values` tells.
INSIDE = ("parquet of pictures", "webdataset")


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return sixty()


def findings(folder: Path, cache: Path) -> set[tuple[str, str, str | None, str, str]]:
    """What is found, without the places: split, check, picture, words, the picture of the other row."""
    (dataset,) = discover([folder])
    assert [source.split for source in dataset.sources] == list(SPLITS)
    options = RunOptions(top=folder, workers=1, device="off", cache=cache, overrides=("row_count.min=40",))
    run = DatasetRun(dataset, load_settings(dataset, options), options)
    try:
        found = set()
        for source in dataset.sources:
            for check in run.check_ids(source.name):
                run.want(source.name, check)
        for source in dataset.sources:
            for check in run.check_ids(source.name):
                result = run.result(source.name, check)
                assert result.outcome != "error", result.reason
                for finding in result.findings:
                    words = re.sub(r"[\w./#-]*/|\.jpg", "", "@".join(finding.words)).replace(
                        "is the same file as in @", ""
                    )
                    value = None if finding.value is None else re.sub(r"[\w./#-]*/|\.jpg", "", finding.value)
                    other = "".join(
                        str(related.value).rpartition("/")[2].removesuffix(".jpg") for related in finding.related
                    )
                    found.add((source.split, check, value, words, other))
        return found
    finally:
        run.cache.close()


@pytest.fixture(scope="module")
def expected(samples: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> tuple[set[tuple[object, ...]], Path]:
    folder = tmp_path_factory.mktemp("csv")
    cache = tmp_path_factory.mktemp("cache")
    FORMATS["csv"](folder, samples)
    return set(findings(folder, cache)), cache


def test_the_faults_that_were_planted_are_found_and_no_other(expected: tuple[set[tuple[object, ...]], Path]) -> None:
    assert {(split, check, str(value)[:9]) for split, check, value, *_ in expected[0]} == {
        ("train", "paths", "train05"),
        ("train", "word_count", "Too short"),
        ("train", "duplicate_images", "train20"),
        ("train", "decodable", "train30"),
        ("val", "leakage", "val03"),
    }


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "csv"])
def test_every_format_gives_the_same_findings(
    name: str, samples: list[Sample], expected: tuple[set[tuple[object, ...]], Path], tmp_path: Path
) -> None:
    FORMATS[name](tmp_path, samples)
    found = findings(tmp_path, expected[1])
    if name in INSIDE:
        lost = {finding for finding in found if finding[1] in ("columns", "missing_values", "paths")}
        assert len(lost) == 1
        assert found - lost == {finding for finding in expected[0] if finding[1] != "paths"}
    else:
        assert found == expected[0]
