"""Two executors in processes of their own, as a cluster has them, say to the byte what this machine says."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from golden import messy
from helpers.drawn import encoded, photo
from helpers.engines import TESTS, findings, quiet, spark_session
from helpers.formats import FORMATS, Sample, sixty
from helpers.tools import BLUE, RED, write
from PIL import ImageOps

from pytest_clipdata.running.engines import looks as local_looks
from pytest_clipdata.running.engines.spark import looks as spark_looks

pytestmark = quiet


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with spark_session("local-cluster[2,1,1024]") as found:
        yield found


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    return sixty()


def broken(folder: Path) -> None:
    shutil.copytree(TESTS.parent / "example_dataset", folder.parent / "example_dataset")
    shutil.copytree(TESTS.parent / "example_dataset_broken", folder, ignore=shutil.ignore_patterns("unreadable"))


def pairs(folder: Path) -> None:
    """No column of labels: every row is a match."""
    rows = [(f"images/{number % 6}.jpg", f"{RED} number {number}") for number in range(12)]
    rows += [("images/gone.jpg", BLUE), ("images/1.jpg", f"{RED} number 1"), ("images/2.jpg", "")]
    table = "filepath,title\n" + "".join(f"{path},{text}\n" for path, text in rows)
    pictures = {f"images/{number}.jpg": encoded(photo(number, (256, 256))) for number in range(6)}
    write(folder, {"train.csv": table, "val.csv": table.replace("Red", "Bright red")}, pictures)


@pytest.mark.parametrize("dataset", [broken, messy.two_splits, messy.three_splits, pairs])
def test_findings_are_those_of_the_local_engine(dataset: Callable[[Path], None], cluster: Any, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    dataset(folder)
    assert findings(folder, "spark") == findings(folder, "local")


@pytest.mark.parametrize("name", FORMATS)
def test_findings_of_every_format_are(name: str, samples: list[Sample], cluster: Any, tmp_path: Path) -> None:
    FORMATS[name](tmp_path, samples)
    assert findings(tmp_path, "spark") == findings(tmp_path, "local")


def test_near_copies_have_the_same_stars(cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copies that are cropped, mirrored and saved anew, in both splits; every look is made by a task."""
    files: dict[str, bytes] = {}
    for number in range(5):
        picture = photo(number, (320, 240))
        versions = [picture, ImageOps.mirror(picture), picture.crop((12, 9, 308, 231)), picture.resize((256, 192))]
        files |= {f"{number}-{at}.jpg": encoded(version) for at, version in enumerate(versions)}
        files |= {f"{number}-{at}.jpg": encoded(picture, quality=20 * at) for at in (4, 3)}
    names = [name for name in files if not name.endswith("-0.jpg")]
    rows = [(name, f"{RED} number {number}", ("match", "mismatch")[number % 2]) for number, name in enumerate(files)]
    held_out = [(name, f"{BLUE} number {number}", "match") for number, name in enumerate(reversed(names[::3]))]
    write(tmp_path, {"train.csv": rows, "val.csv": held_out}, files)
    expected = findings(tmp_path, "local")
    assert {"perceptual", "mirrored"} <= set(re.findall(r"\w+", expected))

    made: list[int] = []
    was = spark_looks.SparkLooks._by_workers
    monkeypatch.setattr(local_looks, "_MANY", 0)
    monkeypatch.setattr(local_looks, "_PART", 2)
    monkeypatch.setattr(spark_looks, "_MANY", 0)
    monkeypatch.setattr(local_looks, "drawn_by_workers", lambda *_: pytest.fail("looked on the driver"))
    monkeypatch.setattr(
        spark_looks.SparkLooks,
        "_by_workers",
        lambda looks, messages, limits: made.append(len(messages)) or was(looks, messages, limits),
    )
    assert findings(tmp_path, "spark") == expected
    assert max(made) > 4  # more than a task for each slot
