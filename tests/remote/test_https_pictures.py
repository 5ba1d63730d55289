"""Pictures at https URLs in cells, from a server that fails in every way, judged as users run it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from helpers.drawn import encoded, photo
from helpers.https_server import Answer, Server, https_server
from helpers.projects import ROOT, clipdata, csv_text, environment, pytest_clip

pytest.importorskip("fsspec")
pytest.importorskip("aiohttp")


#: Every process of a run waits less long than users do.
_QUICK = "from pytest_clipdata.reading import remote_files as files; files._SECONDS, files._PAUSE = 1.5, 0.05"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with https_server(tmp_path) as server:
        yield server


def judge(server: Server, top: Path, urls: list[str], *more: str) -> dict[str, list[str]]:
    """The messages of the findings of each check, for a dataset with these URLs as pictures."""
    data = top / "data"
    data.mkdir(exist_ok=True)
    (data / "train.csv").write_text(
        csv_text([(url, f"A wide photo of landscape number {n}", "match") for n, url in enumerate(urls)])
    )
    (top / "sitecustomize.py").write_text(_QUICK)
    paths = os.pathsep.join([str(top), str(ROOT)])
    env = environment(top / "home", SSL_CERT_FILE=str(server.certificate), NO_PROXY="*", PYTHONPATH=paths)
    report = top / "report"
    done = clipdata(
        "check",
        "data",
        f"--clip-report={report}",
        "--clip-smoke=off",
        f"--clip-set=remote.hosts=['{server.host}']",
        *more,
        cwd=top,
        env=env,
    )
    (top / "stdout").write_text(done.stdout + done.stderr)
    findings: dict[str, Any] = json.loads((report / "findings.json").read_text())
    said: dict[str, list[str]] = {}
    for finding in findings["findings"]:
        said.setdefault(finding["check"], []).append(finding["message"])
    return said


def test_good_pictures_are_measured(server: Server, tmp_path: Path) -> None:
    for n in range(3):
        server.put(f"/{n}.jpg", encoded(photo(n, (256, 256))))
    found = judge(server, tmp_path, [server.url(f"/{n}.jpg") for n in range(3)])
    assert not found.keys() & {"paths", "decodable", "resolution"}
    assert judge(server, tmp_path, [server.url(f"/{n}.jpg") for n in range(3)]) == found
    assert "0 images measured, 3 from the cache" in (tmp_path / "stdout").read_text()
    server.put("/1.jpg", encoded(photo(7, (64, 64))), '"2"')
    assert "resolution" in judge(server, tmp_path, [server.url(f"/{n}.jpg") for n in range(3)])


def test_each_failure_is_a_critical_finding_of_paths(server: Server, tmp_path: Path) -> None:
    picture = encoded(photo(1, (256, 256)))
    other = server.url("/ok.jpg").replace("localhost", "127.0.0.1")

    def busy(method: str, times: int) -> Answer:
        return (429, {}, b"") if times < 3 else (200, {"ETag": '"1"'}, picture)

    server.put("/ok.jpg", picture)
    server.pages |= {
        "/forbidden.jpg": (403, {}, b""),
        "/broken.jpg": (500, {}, b""),
        "/busy.jpg": busy,
        "/moved.jpg": (302, {"Location": "/ok.jpg"}, b""),
        "/away.jpg": (302, {"Location": other}, b""),
        "/http.jpg": (302, {"Location": server.url("/ok.jpg").replace("https", "http")}, b""),
    }
    names = ["gone", "forbidden", "broken", "busy", "moved", "away", "http"]
    urls = [server.url(f"/{name}.jpg") for name in names] + [server.url("/hangs"), other]
    found = judge(server, tmp_path, [*urls, "http://169.254.169.254/latest/meta-data", "file:///etc/passwd"])
    plain = [
        message.replace(f"https://localhost:{server.port}", "").replace(str(server.port), "N")
        for message in found["paths"]
    ]
    assert plain == [
        "/gone.jpg does not exist",
        "/forbidden.jpg cannot be read; the server refuses it (403)",
        "/broken.jpg is unreachable; the server answers 500",
        "/away.jpg redirects to another host, which is not followed",
        "/http.jpg redirects to another host, which is not followed",
        "/hangs is unreachable; no answer within 1.5 s",
        "https://127.0.0.1:N/ok.jpg is remote: remote.hosts does not name 127.0.0.1:N",
        "http://169.254.169.254/latest/meta-data is remote, over http: only https, s3, gs and hf are read",
        "file:///etc/passwd is remote, over file: only https, s3, gs and hf are read",
    ]
    assert "decodable" not in found
    assert not any("meta-data" in path or "passwd" in path for path in server.asked)


def test_a_host_that_falls_silent_after_the_look_up(server: Server, tmp_path: Path) -> None:
    """Unreachable is no fact of the picture: it is said, critical, and the next run asks again."""
    picture = encoded(photo(1, (256, 256)))
    good, calls = (200, {"ETag": '"1"'}, picture), iter(range(1_000_000))

    def then(answer: Answer) -> Callable[[str, int], Answer]:
        return lambda method, times: good if method == "HEAD" else answer

    def changes(method: str, times: int) -> Answer:
        return (200, {"ETag": f'"{next(calls)}"'}, picture)

    server.pages |= {
        "/hangs_then": good,
        "/fails.jpg": then((500, {}, b"")),
        "/goes.jpg": then((404, {}, b"")),
        "/closes.jpg": then((403, {}, b"")),
        "/changes.jpg": changes,
        "/cut.jpg": then((200, {"ETag": '"1"'}, picture[:-9])),
    }
    urls = [server.url(path) for path in server.pages]
    found = judge(server, tmp_path, urls, "--clip-strict")
    said = [message.replace(server.url(""), "") for message in found["decodable"]]
    assert said == [
        "/hangs_then is unreachable; no answer within 1.5 s",
        "/fails.jpg is unreachable; the server answers 500",
        "/goes.jpg is not there any more",
        "/closes.jpg cannot be read; the server refuses it (403)",
        "/changes.jpg has changed since it was looked up",
        "/cut.jpg has changed since it was looked up",
    ]
    told = json.loads((tmp_path / "report/findings.json").read_text())["findings"]
    assert {finding["severity"] for finding in told if finding["check"] == "decodable"} == {"critical"}
    server.pages = dict.fromkeys(server.pages, good)
    server.hangs = 0.0
    assert "decodable" not in judge(server, tmp_path, urls)
    assert "6 images measured, 0 from the cache" in (tmp_path / "stdout").read_text()


def test_a_picture_may_be_given_less_time_than_its_host_takes(server: Server, tmp_path: Path) -> None:
    server.put("/hangs_then", encoded(photo(1, (256, 256))))
    found = judge(server, tmp_path, [server.url("/hangs_then")], "--clip-set=image_timeout=1")
    (said,) = found["decodable"]
    assert said.endswith("/hangs_then is unreachable, or cannot be decoded; both together took longer than 1 s")


def test_no_secret_leaves(server: Server, tmp_path: Path) -> None:
    server.put("/ok.jpg", encoded(photo(1, (256, 256))))
    server.pages["/broken.jpg"] = (200, {"ETag": '"1"'}, b"no picture")
    secret = "Xk93secretXk93"
    urls = [
        server.url(path, user=f"user:{secret}", query=f"sig={secret}") for path in ("/ok.jpg", "/broken.jpg", "/gone")
    ]
    found = judge(server, tmp_path, [*urls, f"simplecache::https://{secret}@h/x?{secret}"], "-v")
    assert len(found["paths"]) == 2
    assert len(found["decodable"]) == 1
    assert any(secret in path for path in server.asked), "the server is given the whole URL"
    written = [path for path in tmp_path.rglob("*") if path.is_file() and path != tmp_path / "data/train.csv"]
    assert any(path.suffix == ".sqlite" or "cache" in str(path) for path in written)
    assert [path for path in written if secret.encode() in path.read_bytes()] == []


def test_no_output_of_a_run_of_pytest_has_a_secret(server: Server, tmp_path: Path) -> None:
    """A table of signed URLs, itself at a signed URL, with a fault of each kind and every output that there is."""
    secret = "Xk93secretXk93"
    server.put("/ok.jpg", encoded(photo(1, (256, 256))))
    server.put("/same.jpg", encoded(photo(1, (256, 256))))
    server.put("/small.jpg", encoded(photo(2, (40, 400))))
    server.pages |= {"/broken.jpg": (200, {"ETag": '"1"'}, b"no picture"), "/fails.jpg": (500, {}, b"")}

    def signed(path: str) -> str:
        return server.url(path, user=f"user:{secret}", query=f"Expires=1&sig={secret}#{secret}")

    text = "A wide photo of landscape number"
    urls = [signed(f"/{name}.jpg") for name in ("ok", "same", "small", "broken", "fails", "gone")]
    urls += [urls[0], f" {urls[1]}", f"https://user:{secret}@elsewhere.example/a.jpg?sig={secret}"]
    urls += [f"{scheme}://user:{secret}@h/x?{secret}" for scheme in ("http", "file", "simplecache::https", "s3", "ftp")]
    lines = csv_text([(url, f"{text} {number}", "match") for number, url in enumerate(urls)]).encode()
    server.put("/train.csv", lines + f"{signed('/more.jpg')},{text},match,more\n{signed('/x.jpg')},,match\n".encode())
    server.put("/val.csv", csv_text([(signed("/same.jpg"), f"{text} 1", "mismatch")]).encode())
    environ = {"SSL_CERT_FILE": str(server.certificate), "GITHUB_ACTIONS": "true", "NO_PROXY": "*"}
    env = environment(tmp_path / "home", GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"), **environ)
    outputs = ["--clip-report=report", "--clip-cache=cache"]
    outputs += ["--junitxml=junit.xml", "--clip-dataset", server.url("/val.csv", query=f"sig={secret}")]
    outputs += [f"--clip-set=remote.hosts=['{server.host}']"]
    baseline = ("--clip-baseline=known.json", "--clip-write-baseline")
    for more in (baseline, ("-vv", "--tb=long", "-rA"), ("-n2", "--clip-strict", "--clip-cache=another")):
        table = server.url("/train.csv", user=f"user:{secret}", query=f"sig={secret}")
        done = pytest_clip(*outputs, *more, cwd=tmp_path, dataset=table, env=env)
        assert done.returncode in (0, 1), done.stdout + done.stderr
        assert ("/gone.jpg" in done.stdout) is (more is not baseline)
        assert secret not in done.stdout + done.stderr
        # Of the tables there are copies here, as they are.
        written = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".csv"]
        named = {path.name for path in written}
        assert named >= {"findings.json", "report.html", "facts.parquet", "junit.xml", "known.json", "summary.md"}
        assert [path for path in written if secret.encode() in path.read_bytes()] == []
    assert any(secret in path for path in server.asked), "the server is given the whole URL"
