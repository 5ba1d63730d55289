"""What goes wrong on a cluster costs time or is said; it never makes a picture, or a check, pass unseen."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from helpers import cluster_faults
from helpers.drawn import encoded, photo
from helpers.engines import TESTS, findings, judged, quiet, spark_session
from helpers.formats import FORMATS, sixty
from helpers.tools import RED, write

from pytest_clipdata.findings import Outcome
from pytest_clipdata.running.engines.spark import pictures

pytestmark = [quiet, pytest.mark.skipif(sys.platform != "linux", reason="finds processes through /proc")]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with spark_session("local-cluster[2,1,1024]") as found:
        yield found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures for several tasks, one of which is cut off; at ``doom.jpg`` something else goes wrong."""
    names = [f"{number}.jpg" for number in range(20)] + ["doom.jpg"] + [f"{number}.jpg" for number in range(20, 40)]
    drawn = {name: encoded(photo(number, (256, 256))) for number, name in enumerate(names)}
    drawn["30.jpg"] = drawn["30.jpg"][:3000]
    rows = [(name, f"{RED} number {number}", ("match", "mismatch")[number % 2]) for number, name in enumerate(names)]
    write(tmp_path / "data", {"train.csv": rows}, drawn)
    return tmp_path / "data"


def meanwhile(patch: pytest.MonkeyPatch, measure: Callable[..., Any]) -> None:
    """What measures is ``measure``, in tasks of ten pictures."""
    patch.setattr(pictures, "_PER_TASK", 10)
    patch.setattr(pictures, "measure_on_spark", partial(pictures.measure_on_spark, measure=measure))


@pytest.mark.parametrize("lost", ["executor", "python"])
def test_a_process_that_is_lost_changes_nothing(
    lost: str, cluster: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = findings(folder, "local")
    meanwhile(monkeypatch, getattr(cluster_faults, f"kills_the_{lost}"))
    assert findings(folder, "spark") == expected
    assert (folder / f"{lost}.seen").exists()


def test_what_no_task_survives_is_an_error(cluster: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, cluster_faults.always_kills_the_python)
    with pytest.raises(RuntimeError, match=r"^Spark could not measure the pictures: .*worker exited unexpectedly"):
        judged(folder, "spark")


def test_pictures_that_no_executor_sees_are_findings(
    cluster: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, cluster_faults.sees_another_disk)
    report = judged(folder, "spark")
    (decodable,) = [result for result in report.checks if result.check == "decodable"]
    assert len(decodable.findings) == 41
    assert all("No such file or directory" in finding.message for finding in decodable.findings)
    of_pixels = {"decodable", "resolution", "brightness", "visibility", "sharpness", "duplicate_images", "leakage"}
    assert not [r for r in report.checks if r.check in of_pixels and r.outcome is Outcome.PASSED]


@pytest.mark.parametrize(
    ("form", "shard"), [("webdataset", "train/00001.tar"), ("parquet of pictures", "data/train-00001-of-00002.parquet")]
)
@pytest.mark.parametrize("left", [0.6, 0.0])
def test_a_shard_that_cannot_be_read_is_told_of_as_here(
    form: str, shard: str, left: float, cluster: Any, tmp_path: Path
) -> None:
    FORMATS[form](tmp_path, sixty())
    data = (tmp_path / shard).read_bytes()
    (tmp_path / shard).write_bytes(data[: int(len(data) * left)] or b"no shard at all" * 100)
    found = findings(tmp_path, "spark")
    assert Path(shard).name in found
    assert found == findings(tmp_path, "local")


CONFTEST = """
    import os, signal
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits it ignored
    from pytest_clipdata.running.engines.spark import pictures

    pictures._WAVE = 10
    was = pictures.measure_on_spark

    def measure_on_spark(*arguments, **options):
        for number, part in enumerate(was(*arguments, **options)):
            if number == 1 and "INTERRUPT" in os.environ:
                os.killpg(0, signal.SIGINT)
            yield part

    pictures.measure_on_spark = measure_on_spark
"""


def test_a_driver_that_was_interrupted_goes_on_where_it_was(cluster: Any, folder: Path) -> None:
    """As by Ctrl-C in a terminal: every process of the group is told."""
    (folder.parent / "conftest.py").write_text(textwrap.dedent(CONFTEST))
    settings = ("--clip-set=engine.master=local-cluster[2,1,1024]", "--clip-smoke=off", "--clip-cache=kept")
    command = [sys.executable, "-m", "pytest", "--clip-dataset=data", "--clip-engine=spark", "-k", "decodable"]

    def start(**more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*command, *settings],
            cwd=folder.parent,
            env=os.environ | {"PYTHONPATH": str(TESTS.parent)} | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    with start(INTERRUPT="1") as ended:
        words = ended.communicate(timeout=300)[0]
    assert ended.returncode == pytest.ExitCode.INTERRUPTED, words
    assert "INTERNALERROR" not in words
    nobody_is_left(ended.pid)
    with start() as again:
        words = again.communicate(timeout=300)[0]
    assert again.returncode == pytest.ExitCode.TESTS_FAILED, words  # a picture is cut off
    assert "21 images measured, 20 from the cache" in words
    nobody_is_left(again.pid)


def nobody_is_left(group: int) -> None:
    """We stop what we started: the JVM, its master and its executors."""
    end = time.monotonic() + 30
    while (left := members(group)) and time.monotonic() < end:
        time.sleep(0.2)
    assert not left


def members(group: int) -> list[str]:
    """The processes of a group; those that ended and wait for their parent to see it are none."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, _, its = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
            if int(its) == group and state != "Z":
                found.append((folder / "cmdline").read_text().replace("\0", " "))
    return found
