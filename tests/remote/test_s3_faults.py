"""A store that throttles, refuses, fails and hangs: a few attempts, then words, and never a pass."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.projects import ROOT, clipdata, environment, write_dataset
from helpers.s3_server import Store, s3_server

pytest.importorskip("fsspec")

from pytest_clipdata.reading import remote_files
from pytest_clipdata.reading.remote_failures import Failure, RemoteError
from pytest_clipdata.reading.remote_files import version_at

SECONDS, PAUSE = 1.0, 0.01
URL, PATH = "s3://bucket/a b.jpg", "/bucket/a b.jpg"
#: How the store fails for ever, and how that is told.
FAULTS = [
    ((503, "SlowDown"), Failure.UNREACHABLE, "the server answers 503"),
    ((500, "InternalError"), Failure.UNREACHABLE, "the server answers 500"),
    ((403, "AccessDenied"), Failure.UNREADABLE, "the server refuses it"),
    ((404, "NoSuchKey"), Failure.MISSING, ""),
    ((0, "Hang"), Failure.UNREACHABLE, "no answer within 1 s"),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Store]:
    with s3_server() as store:
        system = store.bucket()
        system.mkdir("bucket")
        system.pipe("bucket/a b.jpg", b"bytes of a picture")
        yield store


@pytest.fixture
def store(server: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(remote_files, "_SECONDS", SECONDS)
    monkeypatch.setattr(remote_files, "_PAUSE", PAUSE)
    remote_files._filesystem.cache_clear()
    server.faults.clear()
    server.asked.clear()
    yield server
    server.faults.clear()
    remote_files._filesystem.cache_clear()


@pytest.mark.parametrize(("fault", "kind", "words"), FAULTS)
def test_a_look_up_that_fails(store: Store, fault: tuple[int, str], kind: Failure, words: str) -> None:
    store.fail(PATH, *fault)
    with pytest.raises(RemoteError) as failure:
        version_at(URL)
    assert (failure.value.kind, failure.value.words[: len(words)]) == (kind, words)
    assert store.asked[f"HEAD {PATH}"] <= 6


@pytest.mark.parametrize(("fault", "kind", "words"), FAULTS)
def test_a_fetch_that_fails(store: Store, fault: tuple[int, str], kind: Failure, words: str) -> None:
    looked_up = version_at(URL)
    store.fail(PATH, *fault, methods="GET")
    with pytest.raises(RemoteError) as failure:
        remote_files.RemoteFile(URL, *looked_up).read()
    assert (failure.value.kind, failure.value.words[: len(words)]) == (kind, words)
    assert 1 <= store.asked[f"GET {PATH}"] <= 6


@pytest.mark.parametrize("fault", [(503, "SlowDown"), (500, "InternalError"), (0, "Hang")])
def test_what_passes_is_waited_for(store: Store, fault: tuple[int, str]) -> None:
    store.fail(PATH, *fault, times=2)
    looked_up = version_at(URL)
    assert looked_up[0] == len(b"bytes of a picture")
    assert remote_files.RemoteFile(URL, *looked_up).read() == b"bytes of a picture"
    assert store.asked[f"HEAD {PATH}"] >= 3
    assert store.asked[f"GET {PATH}"] >= 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full is Linux's")
def test_a_disk_that_is_full_is_no_fault_of_the_store(store: Store, tmp_path: Path) -> None:
    (tmp_path / ".a.jpg.part").symlink_to("/dev/full")
    with pytest.raises(RemoteError, match="cannot be written here: No space left on device"):
        remote_files.download(URL, *version_at(URL), tmp_path / "a.jpg")
    (tmp_path / ".b.jpg.part").mkdir()
    with pytest.raises(IsADirectoryError):
        remote_files.download(URL, *version_at(URL), tmp_path / "b.jpg")
    assert [path.name for path in tmp_path.iterdir() if path.name[0] != "."] == []


def test_a_copy_is_whole(store: Store, tmp_path: Path) -> None:
    store.fail(PATH, 503, "SlowDown", times=2, methods="GET")
    looked_up = version_at(URL)
    remote_files.download(URL, *looked_up, tmp_path / "a.jpg")
    assert (tmp_path / "a.jpg").read_bytes() == b"bytes of a picture"


def test_a_dataset_in_a_store_that_fails(store: Store, tmp_path: Path) -> None:
    """Each fault is a critical finding of the rows that it concerns, and a table that nobody gives is a usage error."""
    local = write_dataset(tmp_path / "local", train=7)
    system = store.bucket()
    system.put(str(local) + "/", "bucket/data/", recursive=True)
    picture = "/bucket/data/images/train{}.jpg".format
    for number, (fault, _, _) in enumerate(FAULTS):
        store.fail(picture(number), *fault)
    store.fail(picture(5), 503, "SlowDown", times=2)
    (tmp_path / "sitecustomize.py").write_text(
        f"from pytest_clipdata.reading import remote_files as files; files._SECONDS, files._PAUSE = {SECONDS}, {PAUSE}"
    )
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    env = environment(tmp_path / "home", **store.environment, PYTHONPATH=paths)
    arguments = ("check", "s3://bucket/data", "--clip-report=report", "--clip-smoke=off")
    done = clipdata(*arguments, cwd=tmp_path, env=env)
    assert done.returncode == 1, done.stdout + done.stderr
    told = json.loads((tmp_path / "report/findings.json").read_text())["findings"]
    said = [
        (finding["check"], finding["message"].replace("images/", ""))
        for finding in told
        if finding["severity"] == "critical" and finding["line"] in range(2, 16, 2) and finding["source"] == "train.csv"
    ]
    assert said == [
        ("decodable", "train0.jpg is unreachable; the server answers 503"),
        ("decodable", "train1.jpg is unreachable; the server answers 500"),
        ("decodable", "train2.jpg cannot be read; the server refuses it (403)"),
        ("decodable", "train3.jpg is not there any more"),
        ("decodable", "train4.jpg is unreachable; no answer within 1 s"),
    ]
    store.faults.clear()
    again = clipdata(*arguments, cwd=tmp_path, env=env)
    assert again.returncode == 0, again.stdout
    for path in (*tmp_path.glob("report/**/*"), *(tmp_path / "home").rglob("*")):
        assert not path.is_file() or b"X93SECRET" not in path.read_bytes()
    store.fail("/bucket/data/train.csv", 503, "SlowDown")
    system.pipe("bucket/data/train.csv", (local / "train.csv").read_bytes() + b"\n")
    done = clipdata(*arguments, cwd=tmp_path, env=env)
    assert done.returncode == 4
    assert "s3://bucket/data cannot be read: the server answers 503" in done.stderr + done.stdout
