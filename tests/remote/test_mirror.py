"""The mirror of a remote folder when several runs make it at once, or one dies half-way. The store is a fake one."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pytest_clipdata.reading import mirror
from pytest_clipdata.reading.alone import alone
from pytest_clipdata.reading.mirror import locally, mirror_of
from pytest_clipdata.reading.remote_failures import RemoteError

URL = "s3://bucket/data"


class Store:
    """Files by name; each has its bytes as its version, so that whoever mixes two of them is caught."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files: dict[str, bytes] = {}
        self.lost: set[str] = set()  #: files on which the run dies, or the connection is lost
        self.slow = 0.0
        self.fetched: list[str] = []
        monkeypatch.setattr(mirror, "files_under", self.listed)
        monkeypatch.setattr(mirror, "download", self.download)

    def listed(self, url: str) -> dict[str, tuple[int | None, str | None]]:
        assert url == URL
        return {name: (9, str(data)) for name, data in self.files.items()}

    def download(self, url: str, size: int | None, version: str | None, to: Path) -> None:
        time.sleep(self.slow)
        name = url.removeprefix(f"{URL}/")
        self.fetched.append(name)
        if name in self.lost:
            raise RemoteError("no connection")
        to.write_bytes(self.files[name])


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    return Store(monkeypatch)


def held(folder: str) -> dict[str, bytes]:
    """What lies in a mirror, without what is written about it."""
    return {path.name: path.read_bytes() for path in Path(folder).iterdir() if not path.name.startswith(".")}


def test_one_run_at_a_time_makes_it(store: Store, tmp_path: Path) -> None:
    store.files, store.slow = {"train.csv": b"one", "a.jpg": b"picture"}, 0.1
    with ThreadPoolExecutor(4) as pool:
        folders = list(pool.map(lambda _: locally([URL], tmp_path), range(4)))
    assert store.fetched == ["train.csv"], "the others find what the first one made"
    assert (tmp_path / "remote").stat().st_mode & 0o077 == 0 or os.name == "nt"
    assert {held(folder)["train.csv"] for (folder,) in folders} == {b"one"}


def test_it_can_be_read_while_it_changes(store: Store, tmp_path: Path) -> None:
    store.files = {"train.csv": b"0", "a.jpg": b"0"}
    (folder,) = locally([URL], tmp_path)
    done, seen = threading.Event(), set()

    def read() -> None:
        while not done.is_set():
            found = mirror_of(Path(folder), tmp_path)
            seen.add((found is not None, (Path(folder) / "a.jpg").exists(), (Path(folder) / "train.csv").exists()))

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(1, 30):
        store.files = {"train.csv": b"%d" % number, "a.jpg": b"%d" % number}
        locally([URL], tmp_path)
    done.set()
    reader.join()
    assert seen == {(True, True, True)}


@pytest.mark.parametrize("goes_back", [False, True])
def test_what_a_dead_run_left_is_not_believed(store: Store, tmp_path: Path, goes_back: bool) -> None:
    store.files, store.lost = {"train.csv": b"one", "val.csv": b"two"}, {"val.csv"}
    with pytest.raises(mirror.DatasetError, match="no connection"):
        locally([URL], tmp_path)  # train.csv is there, and goes from the store before the next run
    store.files, store.lost = {"test.csv": b"three", "val.csv": b"two"}, set()
    (folder,) = locally([URL], tmp_path)
    assert held(folder) == store.files
    before, store.files, store.lost = store.files, {"test.csv": b"newer", "val.csv": b"newer"}, {"val.csv"}
    with pytest.raises(mirror.DatasetError):
        locally([URL], tmp_path)
    store.lost = set()
    if goes_back:
        store.files = before
    locally([URL], tmp_path)
    assert held(folder) == store.files
    store.fetched.clear()
    locally([URL], tmp_path)
    assert store.fetched == []


def test_a_table_without_a_version_is_fetched_each_time(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "files_under", lambda url: {"train.csv": (3, None), "a.jpg": (3, None)})
    for data in (b"one", b"two"):
        store.files = {"train.csv": data}
        (folder,) = locally([URL], tmp_path)
        assert held(folder) == {"train.csv": data, "a.jpg": b""}


def test_a_lock_outlives_no_process(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from pytest_clipdata.reading.alone import alone\n"
        "with alone(Path(sys.argv[1]), 5): print('held', flush=True); time.sleep(60)"
    )
    lock = tmp_path / "deep/lock"
    with subprocess.Popen([sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE, env=os.environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"held"
        with pytest.raises(TimeoutError), alone(lock, 0.2):
            pass
        process.kill()
    with alone(lock, 0.2):
        pass
