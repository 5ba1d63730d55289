"""Hostile data through the whole tool: the right findings, at once, and nothing of it let out raw."""

from __future__ import annotations

import io
import json
import os
import re
import signal
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
from PIL import Image, PngImagePlugin

import drawn
from drawn import encoded, photo, shirt
from tools import BLUE, RED, write

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
    first, *rest = (Image.new("P", (64, 64), index % 256) for index in range(frames))
    first.save(out, "gif", save_all=True, append_images=rest, duration=20)
    return out.getvalue()


def as_dataset(entries: dict[str, str]) -> str:
    """One row for each path."""
    return "image_path,text,label\n" + "".join(
        f'"{path}",{kind} cotton shirt for number {number},match\n' for number, (path, kind) in enumerate(entries.items())
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
    result.assert_outcomes(failed=1, deselected=21)
    assert [Path(finding["value"]).name for finding in findings(pytester)] == [name for name in files if name != "good.jpg"]
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
    bad += ["/proc/self/mem", "/proc/kmsg", "a" * 5000, "a/" * 2500 + "b.jpg", "two\nlines.jpg", "http://localhost/a.jpg"]
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
    judged("-k", "columns or paths").assert_outcomes(failed=1, passed=2, deselected=19)
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
    write(folder, {"train.csv": encodable, "<b>val&.csv": encodable[:3]}, files)
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "summary.md"))
    result = judged("-v", "-rA")
    assert result.ret == 1
    printed = "\n".join(result.outlines + result.errlines)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u202a-\u202e\u2066-\u2069]", printed.replace("\r", ""))
    owned = [line for line in result.outlines if re.match(r"\s*(::|##\[)", line)]
    assert owned  # our own annotations ...
    assert all(re.match(r"::(error|warning|notice) file=datasets/", line) for line in owned)  # ... and no other
    result.stdout.no_fnmatch_line("*Traceback*")
    ET.parse(pytester.path / "junit.xml")  # noqa: S314 - well-formed
    json.loads((pytester.path / "out/findings.sarif").read_text("utf-8"))
    page = (pytester.path / "out/report.html").read_text("utf-8")
    assert page.count("<script") == 2 or page.count("<script") == 1, "our own and no other"
    assert "<img src=x" not in page
    assert "<b>val" not in page
    assert ESC not in page
    assert "<script>alert" not in (pytester.path / "summary.md").read_text("utf-8")
    for output in ("out/findings.json", "out/findings.sarif", "out/report.html"):
        assert not re.search(rb"[\x00-\x08\x0e-\x1f]", (pytester.path / output).read_bytes()), output


def test_a_caption_of_five_megabytes_costs_little(
    judged: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    files = {"good.jpg": encoded(photo(4))}
    texts = ["word " * 1_000_000, "<" * 5_000_000, "&amp" * 1_250_000, "a" * 5_000_000, "\u0301" * 2_500_000]
    rows = [("good.jpg", text, "match") for text in texts]
    write(pytester.path / "datasets", {"train.csv": rows}, files)
    started = time.monotonic()
    result = judged("-k", "text or word_count or token_length or duplicate_rows")
    assert time.monotonic() - started < 100
    assert result.ret == 1
    assert max(map(len, result.outlines)) < 2000
    result.stdout.no_fnmatch_line("*Traceback*")
    assert sum((pytester.path / "out" / name).stat().st_size for name in ("report.html", "findings.sarif")) < 20_000_000


def test_a_worker_that_is_killed_costs_no_image(pytester: pytest.Pytester) -> None:
    """The workers are killed from outside as they work; what they had is measured by their successors."""
    files = {f"{number}.jpg": encoded(photo(number)) for number in range(24)}
    write(pytester.path / "datasets", {"train.csv": as_dataset(dict.fromkeys(files, "Red"))}, files)
    pytester.makeconftest(
        """
        import os, signal, threading, time
        from pytest_clipdata.images import dispatch

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
    result.assert_outcomes(failed=1, deselected=21)
    (finding,) = findings(pytester)
    assert finding["message"].endswith("does not decode: its decoder was ended by SIGKILL")


# --- our own faults -----------------------------------------------------------------------------------------------

FAULTS = {
    "a room that raises": "import pytest_clipdata.facts as f\ndef table(*a): raise ZeroDivisionError('ours')\n"
    "import pytest_clipdata.measuring as m; m.table = table",
    "an image nobody measured": "import pytest_clipdata.images.pool as p; was = p.Measuring.__next__\n"
    "def skip(self):\n    was(self)\n    return was(self)\np.Measuring.__next__ = skip",
    "an answer that is lost": "import pytest_clipdata.suite as s; was = s._validate\n"
    "def lose(*a):\n    suite, found = was(*a)\n    found['results'].pop()\n    return suite, found\ns._validate = lose",
    "an answer that comes twice": "import pytest_clipdata.suite as s; was = s._validate\n"
    "def twice(*a):\n    suite, found = was(*a)\n    found['results'] *= 2\n    return suite, found\ns._validate = twice",
    "Great Expectations fails": "import pytest_clipdata.suite as s\n"
    "def fail(*a): raise ImportError('no such thing')\ns._validate = fail",
    "memory is short": "import pytest_clipdata.relations as r\n"
    "def fail(*a): raise MemoryError\nr.relate = fail",
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_ours_is_an_error_of_the_item_never_a_pass(pytester: pytest.Pytester, fault: str) -> None:
    files = {f"{number}.jpg": encoded(photo(number)) for number in range(4)}
    write(pytester.path / "datasets", {"train.csv": as_dataset(dict.fromkeys(files, "Red"))}, files)
    pytester.makeconftest(FAULTS[fault])
    result = pytester.runpytest_subprocess("--clip-dataset=datasets", "--clip-smoke=off", "--clip-cache=kept", timeout=60)
    outcomes = result.parseoutcomes()
    assert outcomes.keys() <= {"errors", "error", "skipped"}, outcomes
    assert outcomes.get("errors", 0) > 15
    assert result.ret == 1
    (pytester.path / "conftest.py").unlink()
    again = pytester.runpytest_subprocess("--clip-dataset=datasets", "--clip-smoke=off", "--clip-cache=kept", timeout=60)
    again.assert_outcomes(passed=19, skipped=3, warnings=1)  # nothing of the fault was remembered
