"""Whole datasets in an S3 store and on an https server, judged as users run it."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.https_server import https_server
from helpers.projects import append, clipdata, environment, pytest_clip, write_dataset

pytest.importorskip("fsspec")


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of an S3 server in a process of its own."""
    for name in ("moto", "s3fs", "flask"):
        pytest.importorskip(name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-c", "from moto.server import main; main()", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(150):
            try:
                urllib.request.urlopen(address, timeout=1).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        yield address
    finally:
        server.kill()
        server.wait()


def secrets(address: str) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "AKIAX93SECRET",
        "AWS_SECRET_ACCESS_KEY": "X93SECRETX93SECRET",
        "AWS_DEFAULT_REGION": "us-east-1",
    }


def bucket(address: str) -> Any:
    import s3fs

    keys = secrets(address)
    return s3fs.S3FileSystem(
        key=keys["AWS_ACCESS_KEY_ID"],
        secret=keys["AWS_SECRET_ACCESS_KEY"],
        endpoint_url=address,
        use_listings_cache=False,
        skip_instance_cache=True,
    )


def findings(report: Path) -> list[tuple[str, str, str]]:
    told = json.loads((report / "findings.json").read_text())
    return [(finding["source"], finding["check"], finding["message"]) for finding in told["findings"]]


def test_a_dataset_in_s3_gives_the_findings_of_its_copy_here(store: str, tmp_path: Path) -> None:
    local = write_dataset(tmp_path / "local")
    append(local / "train.csv", ("images/gone.jpg", "A wide photo of nothing at all", "match"))
    append(local / "train.csv", ("images/TRAIN1.jpg", "A wide photo of one thing", "match"))
    (local / "images/val1.jpg").write_bytes(b"no picture")
    system = bucket(store)
    system.mkdir("bucket")
    system.put(str(local) + "/", "bucket/data/", recursive=True)
    env = environment(tmp_path / "home", **secrets(store))
    (tmp_path / "here").mkdir()
    for name, data in (("a", local), ("b", "s3://bucket/data")):
        done = clipdata(
            "check", str(data), f"--clip-report={tmp_path / name}", "--clip-smoke=off", cwd=tmp_path / "here", env=env
        )
        assert done.returncode == 1, done.stdout + done.stderr
    assert findings(tmp_path / "a") == findings(tmp_path / "b")
    assert len(findings(tmp_path / "b")) > 3
    assert re.search(r"(?m)^s3://bucket/data/train.csv:\d+: paths: images/gone.jpg does not exist", done.stdout), (
        done.stdout
    )
    assert "clipdata fix" not in done.stdout  # of what is a copy there is nothing to mend
    sarif = json.loads((tmp_path / "b" / "findings.sarif").read_text())["runs"][0]["results"]
    assert {place["physicalLocation"]["artifactLocation"]["uri"] for each in sarif for place in each["locations"]} == {
        "s3://bucket/data/train.csv",
        "s3://bucket/data/val.csv",
    }
    for path in (*(tmp_path / "b").rglob("*"), *(tmp_path / "home").rglob("*")):
        assert not path.is_file() or b"X93SECRET" not in path.read_bytes()
    system.pipe("bucket/data/images/val1.jpg", (local / "images/train1.jpg").read_bytes())
    again = pytest_clip(
        "-n2", f"--clip-report={tmp_path / 'c'}", cwd=tmp_path / "here", dataset="s3://bucket/data", env=env
    )
    found = {check for source, check, _ in findings(tmp_path / "c") if source == "val.csv"}
    assert "leakage" in found, again.stdout
    assert "decodable" not in found


def test_an_object_that_changes_is_not_taken_for_what_it_was(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from pytest_clipdata.reading import remote_files
    from pytest_clipdata.reading.remote_failures import Failure, RemoteError

    for name, value in secrets(store).items():
        monkeypatch.setenv(name, value)
    remote_files._filesystem.cache_clear()
    system, url = bucket(store), "s3://changing/a#1 b?.bin"
    system.mkdir("changing")
    system.pipe("changing/a#1 b?.bin", b"one")
    looked_up = remote_files.version_at(url)
    assert remote_files.fetch(url, *looked_up) == b"one"
    system.pipe("changing/a#1 b?.bin", b"two")
    with pytest.raises(RemoteError) as changed:
        remote_files.fetch(url, *looked_up)
    assert changed.value.told == "has changed since it was looked up"
    system.rm("changing/a#1 b?.bin")
    with pytest.raises(RemoteError) as gone:
        remote_files.version_at(url)
    assert gone.value.kind is Failure.MISSING


def test_a_store_that_nobody_serves_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("s3fs")
    from pytest_clipdata.reading import remote_files
    from pytest_clipdata.reading.remote_failures import Failure, RemoteError

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        for name, value in secrets(f"http://127.0.0.1:{free.getsockname()[1]}").items():
            monkeypatch.setenv(name, value)
        remote_files._filesystem.cache_clear()
        with pytest.raises(RemoteError) as failure:
            remote_files.version_at("s3://bucket/a.jpg")
    remote_files._filesystem.cache_clear()
    assert failure.value.kind is Failure.UNREACHABLE
    assert "SECRET" not in str(failure.value)


def test_a_store_that_is_not_there_is_a_usage_error(store: str, tmp_path: Path) -> None:
    env = environment(tmp_path / "home", **secrets(store))
    done = clipdata("check", "s3://nobody:X93SECRET@nothing/data?X93SECRET", cwd=tmp_path, env=env)
    assert done.returncode == 4
    assert "X93SECRET" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_table_at_an_https_url(tmp_path: Path) -> None:
    pytest.importorskip("aiohttp")
    local = write_dataset(tmp_path / "local")
    append(local / "train.csv", ("images/gone.jpg", "A wide photo of nothing at all", "match"))
    with https_server(tmp_path) as server:
        for path in local.rglob("*"):
            if path.is_file():
                server.put(f"/data/{path.relative_to(local).as_posix()}", path.read_bytes())
        env = environment(tmp_path / "home", SSL_CERT_FILE=str(server.certificate))
        urls = [server.url(f"/data/{name}.csv", query="sig=X93SECRET") for name in ("train", "val")]
        done = clipdata("check", *urls, f"--clip-report={tmp_path / 'r'}", "--clip-smoke=off", cwd=tmp_path, env=env)
        found = [
            (source, message) for source, check, message in findings(tmp_path / "r") if check in ("paths", "decodable")
        ]
        assert found == [("train.csv", f"{server.url('/data/images/gone.jpg')} does not exist")], done.stdout
        for path in (*(tmp_path / "r").rglob("*"), *(tmp_path / "home").rglob("*")):
            assert not path.is_file() or b"X93SECRET" not in path.read_bytes()


def test_what_to_install_is_said_in_one_sentence(tmp_path: Path) -> None:
    env = environment(tmp_path / "home")
    done = clipdata("check", "ftp://example.com/data", cwd=tmp_path, env=env)
    assert done.returncode == 4
    assert "only https, s3, gs and hf are read" in done.stdout + done.stderr
