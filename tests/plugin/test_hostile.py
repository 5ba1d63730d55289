"""Hostile data through the whole tool: the right findings, at once, and nothing of it let out raw."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import struct
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from helpers import drawn
from helpers.drawn import encoded, photo, shirt
from helpers.tools import RED, write
from PIL import Image, PngImagePlugin

from pytest_clipdata.images.workers import parent as dispatch
from pytest_clipdata.images.workers import pool
from pytest_clipdata.judging import judge as judging
from pytest_clipdata.running.engines import local as measuring

Make = Callable[..., None]
OPTIONS = ("--clip-dataset=datasets", "--clip-smoke=off", "--clip-report=out", "--junitxml=junit.xml")
REFUSED = "not an allowed format"
ESC = "\x1b"


@pytest.fixture
def judged(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """Run the tool over ``datasets`` in a process of its own, with all reports."""

    def run(*arguments: str) -> pytest.RunResult:
        return pytester.runpytest_subprocess(*OPTIONS, *arguments, timeout=120)

    return run


def findings(pytester: pytest.Pytester) -> list[dict[str, Any]]:
    return json.loads((pytester.path / "out/findings.json").read_text("ascii"))["findings"]  # type: ignore[no-any-return]


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_with_text(size: int) -> bytes:
    """A PNG whose compressed text chunk blows up to ``size`` bytes."""
    out = io.BytesIO()
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "A" * size, zip=True)
    Image.new("RGB", (256, 256), "red").save(out, "png", pnginfo=info)
    return out.getvalue()


def tiff_bomb() -> bytes:
    """A TIFF of a few hundred bytes whose header announces 65,000 x 65,000 pixels."""
    entries = [(256, 4, 65000), (257, 4, 65000), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1)]
    entries += [(278, 4, 65000), (279, 4, 8)]
    body = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in entries)
    return b"II*\0" + struct.pack("<I", 16) + b"\0" * 8 + struct.pack("<H", len(entries)) + body + b"\0" * 4


def gif_of(frames: int) -> bytes:
    out = io.BytesIO()
    first, *rest = (Image.new("RGB", (64, 64), (index % 256, index // 256, 99)) for index in range(frames))
    first.save(out, "gif", save_all=True, append_images=rest, duration=20)
    return out.getvalue()


def as_dataset(entries: dict[str, str]) -> str:
    """One row for each path."""
    return "image_path,text,label\n" + "".join(
        f'"{path}",{kind} cotton shirt for number {number},match\n'
        for number, (path, kind) in enumerate(entries.items())
    )


def test_no_decoder_but_the_allowed_ones_sees_a_file_and_no_bomb_goes_off(
    judged: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 300 300\n/x { (touched) (w) file } def\nshowpage\n"
    files = {
        "eps.jpg": eps,
        "pdf.jpg": b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF",
        "psd.png": b"8BPS\0\1" + b"\0" * 6 + struct.pack(">HIIHH", 3, 300, 300, 8, 3),
        "svg.png": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "page.jpg": b"<!doctype html><script>alert(1)</script>",
        "bomb.tif": tiff_bomb(),
        "bomb.png": drawn.bomb(),
        "text.png": png_with_text(80_000_000),
        "frames.gif": gif_of(300),
        "cut.jpg": drawn.cut_off(encoded(photo(3))),
        "empty.jpg": b"",
        "good.jpg": encoded(photo(4)),
    }
    write(pytester.path / "datasets", {"train.csv": as_dataset(dict.fromkeys(files, "Red"))}, files)
    started = time.monotonic()
    result = judged("-k", "decodable")
    assert time.monotonic() - started < 60  # nothing waits for image_timeout
    result.assert_outcomes(failed=1, deselected=24)
    assert [Path(finding["value"]).name for finding in findings(pytester)] == [
        name for name in files if name != "good.jpg"
    ]
    assert not any("raised" in finding["message"] or "ended" in finding["message"] for finding in findings(pytester))
    result.stdout.no_fnmatch_line("*Traceback*")
    assert result.stderr.lines == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_what_is_no_file_is_told_at_once(
    judged: Callable[..., pytest.RunResult], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pytester.path / "datasets"
    write(folder, {}, {"good.jpg": encoded(photo(4)), "lfs.jpg": drawn.pointer()})
    os.mkfifo(folder / "pipe.jpg")
    monkeypatch.chdir(folder)
    bound = socket.socket(socket.AF_UNIX)
    bound.bind("socket.jpg")
    monkeypatch.chdir(pytester.path)
    (folder / "folder.jpg").mkdir()
    (folder / "round.jpg").symlink_to("round.jpg")
    (folder / "nowhere.jpg").symlink_to("gone.jpg")
    (folder / "zero.jpg").symlink_to("/dev/zero")
    bad = ["pipe.jpg", "socket.jpg", "folder.jpg", "round.jpg", "nowhere.jpg", "zero.jpg", "lfs.jpg", "/dev/zero"]
    bad += [
        "/proc/self/mem",
        "/proc/kmsg",
        "a" * 5000,
        "a/" * 2500 + "b.jpg",
        "two\nlines.jpg",
        "http://localhost/a.jpg",
    ]
    bad += ["file:///etc/passwd", "\\\\server\\share\\a.jpg", "~/a.jpg", "%2e%2e/a.jpg", "-rf", "$(touch x).jpg"]
    rows = "".join(f'"{path}",{RED} number {number},match\n' for number, path in enumerate(["good.jpg", *bad]))
    (folder / "train.csv").write_text("image_path,text,label\n" + rows, encoding="utf-8")
    started = time.monotonic()
    result = judged("-k", "paths or decodable")
    bound.close()
    assert time.monotonic() - started < 60
    found = {finding["value"] for finding in findings(pytester) if finding["check"] == "paths"}
    assert found == set(bad)
    result.stdout.no_fnmatch_line("*Traceback*")
    assert not (pytester.path / "x").exists()


def test_a_nul_costs_its_line_alone(judged: Callable[..., pytest.RunResult], pytester: pytest.Pytester) -> None:
    files = {"good.jpg": encoded(photo(4))}
    data = f"image_path,text,label\ngood.jpg,{RED},match\ngo\0od.jpg,{RED},match\n".encode()
    write(pytester.path / "datasets", {"train.csv": data}, files)
    judged("-k", "columns or paths").assert_outcomes(failed=1, passed=2, deselected=22)
    assert [(finding["check"], finding["line"]) for finding in findings(pytester)] == [("columns", 3)]


def hostile_texts() -> list[str]:
    return [
        f"Red {ESC}[31m{ESC}]0;owned\x07 cotton shirt with long sleeves",
        "Red cotton shirt <script>alert('xss')</script> with long sleeves",
        "</script></style></title><img src=x onerror=alert(1)> red cotton shirt",
        "::error file=x,line=1::owned by a caption of five words",
        "one line of five words\n::error::owned\n##[error]owned ::stop-commands::x",
        "]]><failure/>]]> &amp; &#0; &#x1b; red cotton shirt with sleeves",
        "{{7*7}} ${7*7} %s %n {0} red cotton shirt with sleeves",
        "red \u202e cotton \u2066 shirt \ufeff with \x9b31m long \x85 sleeves \u2028 end",
        "red cotton \ud83d shirt with long sleeves",
        "=HYPERLINK(1) | red | cotton \\| shirt `code` [x](javascript:alert(1))",
        "[bold red]rich[/] markup red cotton shirt with sleeves",
    ]


def test_nothing_of_the_data_is_let_out_raw(
    judged: Callable[..., pytest.RunResult], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The labels, too: an unknown one is quoted by its finding. One picture is named by a script.
    name = "<script>alert(2)<∕script>.jpg"
    files = {"good.jpg": encoded(photo(4)), name: encoded(shirt("red"))}
    rows = [(name, text, f"match{text}") for text in hostile_texts()]
    rows += [(name, text, "match") for text in hostile_texts()]
    rows += [(f"{ESC}[2J<script>{number}.jpg", text, "mismatch") for number, text in enumerate(hostile_texts())]
    folder = pytester.path / "datasets"
    encodable = [tuple(cell.replace("\ud83d", "\U0001f600") for cell in row) for row in rows]
    write(folder, {"train.csv": encodable, "<i onx>val&.csv": encodable[:3]}, files)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "summary.md"))
    result = judged("-v", "-rA")
    assert result.ret == 1
    printed = "\n".join(result.outlines + result.errlines)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]", printed.replace("\r", ""))
    owned = [line for line in result.outlines if re.match(r"\s*(::|##\[)", line)]
    assert owned  # our own annotations ...
    ours = r"::(error|warning|notice) (file=datasets/(train|<i onx>val&)\.csv,|title=\w+::\d+ more findings of )"
    assert [line for line in owned if not re.match(ours, line)] == []  # ... and no other
    result.stdout.no_fnmatch_line("*Traceback*")
    ET.parse(pytester.path / "junit.xml")
    json.loads((pytester.path / "out/findings.sarif").read_text("utf-8"))
    page = (pytester.path / "out/report.html").read_text("utf-8")
    assert page.count("<script") == 2 or page.count("<script") == 1, "our own and no other"
    assert "<img src=x" not in page
    assert "<i onx" not in page
    assert ESC not in page
    assert "<script>alert" not in (pytester.path / "summary.md").read_text("utf-8")
    for output in ("out/findings.json", "out/findings.sarif", "out/report.html"):
        assert not re.search(rb"[\x00-\x08\x0e-\x1f]", (pytester.path / output).read_bytes()), output


def test_a_caption_of_five_megabytes_costs_little(
    judged: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    files = {"good.jpg": encoded(photo(4))}
    sizes = (5_000_000, 131_000)
    # Over the limit of a cell, and just under it: words, tags, entities, one word, marks to be ordered.
    texts = [
        letters * (size // len(letters)) for letters in ("word ", "<", "&amp", "a", "\u0301\u0316") for size in sizes
    ]
    rows = [("good.jpg", text, "match") for text in texts]
    write(pytester.path / "datasets", {"train.csv": rows}, files)
    started = time.monotonic()
    result = judged("-k", "columns or text or word_count or token_length or duplicate_rows")
    assert time.monotonic() - started < 100
    assert result.ret == 1
    assert {finding["line"] for finding in findings(pytester) if finding["check"] == "columns"} == {2, 4, 6, 8, 10}
    assert {finding["line"] for finding in findings(pytester) if finding["check"] == "token_length"} == {3, 5, 7, 9, 11}
    assert max(map(len, result.outlines)) < 2000
    result.stdout.no_fnmatch_line("*Traceback*")
    assert sum((pytester.path / "out" / name).stat().st_size for name in ("report.html", "findings.sarif")) < 20_000_000


@pytest.mark.posix
def test_a_worker_that_is_killed_costs_no_image(pytester: pytest.Pytester) -> None:
    """The workers are killed from outside as they work; what they had is measured by their successors."""
    files = {f"{number}.jpg": encoded(photo(number)) for number in range(24)}
    write(pytester.path / "datasets", {"train.csv": as_dataset(dict.fromkeys(files, "Red"))}, files)
    pytester.makeconftest(
        """
        import os, signal, threading, time
        from pytest_clipdata.images.workers import parent as dispatch

        start, killed = dispatch._Worker._await_ready, []

        def started(worker, process):
            start(worker, process)
            if len(killed) < 2:
                killed.append(process.pid)
                os.kill(process.pid, signal.SIGKILL)

        dispatch._Worker._await_ready = started

        def pytest_sessionfinish():
            assert len(killed) == 2
        """
    )
    result = pytester.runpytest_subprocess(*OPTIONS, "-k", "decodable", "--clip-workers=1", timeout=60)
    # The same image was at hand both times, so it pays, and it alone.
    result.assert_outcomes(failed=1, deselected=24)
    (finding,) = findings(pytester)
    assert finding["message"].endswith("does not decode: its decoder was ended by SIGKILL")


# --- our own faults -----------------------------------------------------------------------------------------------


def fail(error: BaseException) -> Callable[..., Any]:
    def failing(*arguments: Any, **options: Any) -> Any:
        raise error

    return failing


class Failing:
    """Fails and counts how often it was called."""

    calls = 0

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        raise ZeroDivisionError("ours")


def edit_answers(edit: Callable[[list[Any]], object]) -> Callable[..., Any]:
    def validate(*arguments: Any) -> Any:
        found, validation = REAL_VALIDATE(*arguments)
        edit(validation["results"])
        return found, validation

    return validate


def skip_one(measuring: pool.Working) -> Any:
    REAL_NEXT(measuring)
    return REAL_NEXT(measuring)


REAL_VALIDATE, REAL_NEXT = judging.validate, pool.Working.__next__
FAULTS: dict[str, tuple[Any, str, Callable[..., Any]]] = {
    "a room that raises": (measuring, "MeasuredFacts", fail(ZeroDivisionError("ours"))),
    "short memory": (measuring, "CodedRows", fail(MemoryError())),
    "no worker starts": (dispatch._Worker, "_start", fail(dispatch.WorkerError("ours"))),
    "an image nobody measured": (pool.Working, "__next__", skip_one),
    "Great Expectations fails": (judging, "validate", fail(ImportError("ours"))),
    "an answer is lost": (judging, "validate", edit_answers(lambda results: results.pop())),
    "an answer comes twice": (judging, "validate", edit_answers(lambda results: results.append(results[0]))),
    "an answer to another question": (
        judging,
        "validate",
        edit_answers(lambda results: results[0]["expectation_config"]["meta"].update(clipdata="nothing/0")),
    ),
    "no lines to the wrong rows": (
        judging,
        "validate",
        edit_answers(lambda results: [result.update(success=False) for result in results]),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_ours_is_an_error_of_the_item_never_a_pass(
    alone: Callable[..., pytest.RunResult], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    files = {f"{number}.jpg": encoded(photo(number)) for number in range(4)}
    write(pytester.path / "datasets", {"train.csv": as_dataset(dict.fromkeys(files, "Red"))}, files)
    with monkeypatch.context() as patch:
        patch.setattr(*FAULTS[fault])
        result = alone("--tb=line")
    outcomes = result.parseoutcomes()
    assert result.ret == 1
    # A check of a whole source that is said not to hold, without rows, warns: what is said to be wrong is shown.
    assert outcomes.get("passed", 0) == outcomes.get("warnings", 0) <= 2
    assert outcomes["errors"] + outcomes.get("skipped", 0) + outcomes.get("passed", 0) == 25
    assert outcomes["errors"] > 18
    alone().assert_outcomes(passed=21, skipped=4, warnings=2)  # and nothing of it was remembered


@pytest.mark.parametrize("severity", ["critical", "warning"])
def test_an_expectation_that_errors_is_an_error_of_its_item_alone(
    alone: Callable[..., pytest.RunResult], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, severity: str
) -> None:
    def break_it(results: list[Any]) -> None:
        (mine,) = (one for one in results if one["expectation_config"]["meta"]["clipdata"] == "resolution/0")
        mine.update(
            success=True, result={}, exception_info={"('a',)": {"raised_exception": True, "exception_message": "x"}}
        )

    files = {f"{number}.jpg": encoded(photo(number)) for number in range(4)}
    write(pytester.path / "datasets", {"train.csv": as_dataset(dict.fromkeys(files, "Red"))}, files)
    monkeypatch.setattr(judging, "validate", edit_answers(break_it))
    result = alone(f"--clip-set=resolution.severity={severity}")
    result.assert_outcomes(errors=1, passed=20, skipped=4, warnings=2)
    assert result.ret == 1


def test_what_failed_is_not_tried_again_for_every_item(
    alone: Callable[..., pytest.RunResult], pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(pytester.path / "datasets", {"train.csv": as_dataset({"a.jpg": "Red"})}, {"a.jpg": encoded(photo(1))})
    counting = Failing()
    monkeypatch.setattr(measuring, "CodedRows", counting)
    alone("--tb=line").assert_outcomes(errors=25)
    assert counting.calls == 1


# --- network, confinement -----------------------------------------------------------------------------------------

NO_NETWORK = """
    import socket

    def refuse(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            open("dialled", "a").write(repr(address))
            raise OSError("no network in this test")
        return was(self, address)

    was, socket.socket.connect, socket.socket.connect_ex = socket.socket.connect, refuse, refuse
    socket.getaddrinfo = lambda *address, **options: open("dialled", "a").write(repr(address)) and 1 / 0
"""


def test_no_run_asks_the_network(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """``sitecustomize`` refuses every connection, in the workers too, and says who tried."""
    pytester.makepyfile(sitecustomize=NO_NETWORK)
    monkeypatch.setenv("PYTHONPATH", f"{pytester.path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    files = {f"{number}.jpg": encoded(photo(number)) for number in range(4)}
    entries = dict.fromkeys([*files, "http://localhost/a.jpg", "s3://bucket/b.jpg"], "Red")
    write(pytester.path / "datasets", {"train.csv": as_dataset(entries)}, files)
    result = pytester.runpytest_subprocess("-p", "no:xdist", *OPTIONS, timeout=120)
    result.assert_outcomes(failed=1, passed=20, skipped=4, warnings=2)
    assert [finding["line"] for finding in findings(pytester) if finding["check"] == "paths"] == [6, 7]
    assert not (pytester.path / "dialled").exists()
    probe = "import socket; socket.create_connection(('127.0.0.1', 9), 1)"
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False).returncode == 1
    assert (pytester.path / "dialled").exists()  # the trap works


@pytest.mark.posix
def test_confined_to_the_root_nothing_outside_is_opened_or_shown(pytester: pytest.Pytester) -> None:
    secret = encoded(shirt("red"))
    write(pytester.path, {}, {"secret.jpg": secret, "datasets/images/in.jpg": encoded(photo(1))})
    (pytester.path / "datasets/images/link.jpg").symlink_to(pytester.path / "secret.jpg")
    (pytester.path / "datasets/folder").symlink_to(pytester.path)
    outside = [
        "images/link.jpg",
        "../secret.jpg",
        str(pytester.path / "secret.jpg"),
        "folder/secret.jpg",
        "../nothing.jpg",
    ]
    rows = [(path, f"{RED} {path}", "match") for path in ["images/in.jpg", *outside]]
    write(pytester.path / "datasets", {"train.csv": rows})
    (pytester.path / "clipdata.toml").write_text('image_root = "datasets"\n', encoding="utf-8")

    pytester.runpytest_subprocess(*OPTIONS, "--clip-confine", timeout=60)
    confined = {finding["line"] for finding in findings(pytester) if finding["check"] == "paths"}
    assert confined == {3, 4, 5, 6, 7}
    assert {finding["severity"] for finding in findings(pytester) if finding["check"] == "paths"} == {"critical"}
    page = (pytester.path / "out/report.html").read_text("utf-8")
    assert page.count("data:image/") <= 1  # in.jpg alone, if anything

    pytester.runpytest_subprocess(*OPTIONS, timeout=60)
    assert {finding["line"] for finding in findings(pytester) if finding["check"] == "portable_paths"} == {3, 4, 5, 6}


# --- interrupted --------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C goes to a group of processes there")
def test_ctrl_c_ends_at_once_and_keeps_what_was_measured(pytester: pytest.Pytester) -> None:
    """40 pictures measured at a tenth of a second each; interrupted after some, the next run measures the rest."""
    files = {f"{number:02}.jpg": encoded(photo(number)) for number in range(6)}
    files |= {f"{number:02}.jpg": files["00.jpg"] + bytes([number]) for number in range(6, 40)}
    write(pytester.path / "datasets", {"train.csv": as_dataset(dict.fromkeys(files, "Red"))}, files)
    pytester.makeconftest(
        """
        import signal, os, time
        from pytest_clipdata.images.workers import pool

        was, done = pool.Working.__next__, []

        def slowly(measuring):
            answer = was(measuring)
            done.append(answer)
            if len(done) == 20:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(30)
            return answer

        if os.environ.get("INTERRUPT"):
            pool.Working.__next__ = slowly
            signal.signal(signal.SIGINT, signal.default_int_handler)  # a background job inherits it ignored
        """
    )
    arguments = [sys.executable, "-m", "pytest", *OPTIONS, "-k", "decodable or visibility", "--clip-cache=kept"]
    started = time.monotonic()
    environment = os.environ | {"INTERRUPT": "1"}
    ended = subprocess.run(
        arguments, cwd=pytester.path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert time.monotonic() - started < 25
    assert ended.returncode == 2, ended.stdout
    assert "KeyboardInterrupt" in ended.stdout
    assert "INTERNALERROR" not in ended.stdout + ended.stderr
    assert json.loads((pytester.path / "out/findings.json").read_text("ascii"))["complete"] is False
    again = subprocess.run(arguments, cwd=pytester.path, capture_output=True, text=True, timeout=60, check=False)
    measured, known = re.search(r"(\d+) images measured, (\d+) from the cache", again.stdout).groups()  # type: ignore[union-attr]
    assert int(measured) + int(known) == 40
    assert int(known) == 19  # the twentieth was on its way
