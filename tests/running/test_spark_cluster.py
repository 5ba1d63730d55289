"""Two executors in processes of their own, as a cluster has them, say to the byte what this machine says."""

from __future__ import annotations

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
