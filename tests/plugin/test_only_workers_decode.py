"""The claim of SECURITY.md: pictures are decoded in child processes, never in pytest's own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.drawn import encoded, photo
from helpers.tools import write

from pytest_clipdata.smoke.values import missing_extra

TESTS = Path(__file__).parents[1]

#: Says whenever this process opens or decodes a picture. The workers are other interpreters and load no conftest.
TRAP = """
    import functools
    from pathlib import Path

    import PIL.Image, PIL.ImageFile, simplejpeg

    def trapped(owner, name):
        whole = getattr(owner, name)

        @functools.wraps(whole)
        def call(*arguments, **settings):
            with Path("decoded").open("a") as file:
                file.write(f"{owner.__name__}.{name}\\n")
            return whole(*arguments, **settings)

        setattr(owner, name, call)

    for owner, name in ((PIL.Image, "open"), (PIL.ImageFile.ImageFile, "__init__"), (PIL.ImageFile.ImageFile, "load"),
                        (simplejpeg, "decode_jpeg"), (simplejpeg, "decode_jpeg_header")):
        trapped(owner, name)
"""


@pytest.mark.skipif(missing_extra() is not None, reason="the smoke test needs pytest-clipdata[smoke]")
def test_this_process_decodes_nothing_for_report_smoke_or_scores(pytester: pytest.Pytester) -> None:
    kinds = ("jpeg", "png", "webp", "gif", "bmp", "tiff", "avif")
    files = {f"{n}.{kinds[n % 7]}": encoded(photo(n, (256, 256)), kinds[n % 7]) for n in range(14)}
    lines = [
        f"{name},{kind} photo of a landscape with number {n},{label}"
        for n, name in enumerate(files)
        for kind, label in (("Wide", "match"), ("No", "mismatch"))
    ]
    write(pytester.path / "datasets", {"train.csv": "image_path,text,label\n" + "\n".join(lines) + "\n"}, files)
    # In another process: pytester forgets what was imported here, and torch does not bear to be imported twice.
    program = "from pathlib import Path; from helpers import smoke_checkpoint as s; s.write_checkpoint(Path('clip'))"
    paths = os.pathsep.join(map(str, (TESTS, TESTS.parent)))
    subprocess.run([sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": paths}, check=True)
    pytester.makeconftest(TRAP)
    options = ("--clip-dataset=datasets", "--clip-report=out", "--clip-model=clip", "--clip-smoke=cpu")
    pytester.runpytest_subprocess("-p", "no:xdist", *options, timeout=240)
    found = json.loads((pytester.path / "out/findings.json").read_text("ascii"))
    outcomes = {check["check"]: check["outcome"] for check in found["checks"]}
    assert {outcomes["smoke"], outcomes["suspect_labels"]} <= {"passed", "failed", "warned"}, outcomes
    assert outcomes["decodable"] == "passed"
    page = (pytester.path / "out/report.html").read_text("utf-8")
    assert len(re.findall("data:image/webp", page)) > 1
    assert not (pytester.path / "decoded").exists(), (pytester.path / "decoded").read_text()


def test_the_trap_works(pytester: pytest.Pytester) -> None:
    Path(pytester.path / "a.png").write_bytes(encoded(photo(1), "png"))
    pytester.makeconftest(TRAP)
    pytester.makepyfile("def test_it():\n    import PIL.Image\n    PIL.Image.open('a.png').load()\n")
    assert pytester.runpytest_subprocess("-p", "no:clipdata", timeout=60).ret == 0
    assert (pytester.path / "decoded").read_text().split() == ["PIL.Image.open", "ImageFile.__init__", "ImageFile.load"]
