"""Both engines say the same of the same data, to the byte; a session that is somebody else's is left as it is."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from golden import messy
from helpers.engines import TESTS, findings, quiet, spark_session
from helpers.projects import write_dataset
from helpers.standins import behave

from pytest_clipdata.facts.of_texts import TEXTS
from pytest_clipdata.facts.step import Context
from pytest_clipdata.images.facts import ImageStatus, Limits
from pytest_clipdata.images.workers.pool import measure_all
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.running.engines.spark import pictures, session, table, texts

ROOT = TESTS.parent
pytestmark = quiet


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    with spark_session("local[2]") as found:
        yield found


OWN = """
[resolution]
mostly = 0.5

[[expectations]]
id = "own_length"
type = "expect_column_value_lengths_to_be_between"
kwargs = { column = "text", max_value = 30 }

[[expectations]]
id = "own_formats"
type = "expect_column_values_to_be_in_set"
kwargs = { column = "image_format", value_set = ["jpeg"] }
severity = "warning"
"""


def broken(folder: Path) -> None:
    shutil.copytree(ROOT / "example_dataset", folder.parent / "example_dataset")
    shutil.copytree(ROOT / "example_dataset_broken", folder, ignore=shutil.ignore_patterns("unreadable"))


def json_lines(folder: Path) -> None:
    """The rows of a CSV that csv itself can read, as JSON Lines, judged by rules of the user's own too."""
    broken(folder)
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if None not in row]
        lines = [json.dumps(row) for row in rows] + ["{", json.dumps({"image_path": 3, "text": "x", "label": []})]
        path.with_suffix(".jsonl").write_text("\n".join(lines), encoding="utf-8")
        path.unlink()
    (folder / "clipdata.toml").write_text(OWN)


@pytest.mark.parametrize("write", [broken, json_lines, messy.two_splits, messy.three_splits])
def test_findings_are_those_of_the_local_engine(
    write: Any, spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "_PART", 10)  # facts lie in several files
    folder = tmp_path / "data"
    write(folder)
    assert findings(folder, "spark") == findings(folder, "local")
    assert spark.range(3).count() == 3  # the session was there before the run, and goes on


def test_a_picture_that_kills_its_decoder_costs_itself(spark: Any, tmp_path: Path) -> None:
    names = [f"sound-{number}" for number in range(40)]
    names[7], names[31] = "kill-1", "segv-1"
    blobs = [Blob.of(tmp_path / name) for name in names]
    limits = Limits(timeout=5)
    answers = [
        answer
        for part in pictures.measure_on_spark(spark, blobs, pixels=True, limits=limits, measure=behave)
        for answer in part
    ]
    with measure_all(blobs, pixels=True, limits=limits, workers=1, measure=behave) as measuring:
        assert dict(answers) == dict(measuring)
    assert sorted(index for index, _ in answers) == list(range(40))
    assert [index for index, facts in sorted(answers) if facts.status is ImageStatus.CRASHED] == [7, 31]


def test_pictures_of_several_waves_keep_their_places(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_WAVE", 5)
    blobs = [Blob.of(tmp_path / f"{number}.jpg") for number in range(23)]
    for number in range(0, 23, 2):
        (tmp_path / f"{number}.jpg").write_bytes(b"x" * number)
    parts = list(pictures.measure_on_spark(spark, blobs, pixels=False, limits=Limits()))
    assert [len(part) for part in parts] == [10, 10, 3]
    with measure_all(blobs, pixels=False, limits=Limits(), workers=1) as measuring:
        assert dict(answer for part in parts for answer in part) == dict(measuring)


def test_texts_are_measured_as_here(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "_PER_TASK", 40)
    values = [f"Photo {number} of  a thing{'!' * (number % 5)}" for number in range(99)] + [
        "word " * 90,
        "\u200b",
        "\0",
    ]
    here = [list(column) for column in TEXTS.measure(values, Context())]
    assert texts.measure_on_spark(spark, TEXTS, values, Context()) == here


def test_without_pyspark_the_engine_is_one_usage_error(pytester: pytest.Pytester) -> None:
    write_dataset(pytester.path / "data")
    pytester.makeconftest(
        """
        import importlib.util

        found = importlib.util.find_spec
        importlib.util.find_spec = lambda name, package=None: None if name == "pyspark" else found(name, package)
        """
    )
    done = pytester.runpytest_subprocess("--clip-dataset", "data", "--clip-engine", "spark")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    assert done.errlines == ["ERROR: --clip-engine spark needs pyspark: pip install 'pytest-clipdata[spark]'", ""]


@pytest.mark.parametrize(
    ("master", "remote", "words"),
    [("sc://host", "", "Spark Connect"), ("", "sc://host", "Spark Connect"), ("local[2]", "", None)],
)
def test_what_cannot_serve_is_told_before_the_work(
    master: str, remote: str, words: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "find_spec", lambda name: name)
    monkeypatch.setattr(session, "_active", lambda: None)
    monkeypatch.setenv("JAVA_HOME", "/java")
    monkeypatch.setenv("SPARK_REMOTE", remote)
    told = session.unusable(master)
    assert (told is None) if words is None else words in str(told)


def test_a_session_of_another_master_is_no_match(spark: Any) -> None:
    assert session.unusable("") is None
    assert session.unusable("local[2]") is None
    assert "'spark://elsewhere:7077', but a Spark session is there" in str(session.unusable("spark://elsewhere:7077"))
    assert session.find_or_start("") == (spark, False)
