"""Second looks are remembered, and one that cannot be made is an error, never "no copy"."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.drawn import encoded, photo
from helpers.tools import BLUE, RED, write
from PIL import ImageOps

from pytest_clipdata.findings import Outcome
from pytest_clipdata.images.facts import Drawn, ImageStatus
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.running.engines import looks
from pytest_clipdata.running.run import DatasetRun, load_settings
from pytest_clipdata.settings.options import RunOptions

ROWS = [("a.jpg", RED, "match"), ("mirrored.jpg", BLUE, "match"), ("other.jpg", BLUE, "mismatch")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    picture = photo(1, (320, 240))
    files = {"a.jpg": encoded(picture), "mirrored.jpg": encoded(ImageOps.mirror(picture))}
    write(tmp_path, {"train.csv": ROWS}, files | {"other.jpg": encoded(photo(2, (320, 240)))})
    return tmp_path


def judged(folder: Path, check: str = "duplicate_images"):
    (dataset,) = discover([folder])
    options = RunOptions(top=folder, workers=1, device="off", cache=folder.parent / "cache")
    run = DatasetRun(dataset, load_settings(dataset, options), options)
    try:
        return run.result("train.csv", check)
    finally:
        run.cache.close()


def test_a_copy_is_found_and_named(folder: Path) -> None:
    result = judged(folder)
    (finding,) = result.findings
    assert (finding.place.line, finding.grade, finding.transform) == (3, "perceptual", "mirrored")
    assert finding.related[0].value == "a.jpg"


def test_a_look_is_made_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = judged(folder)
    (folder / "other.jpg").write_bytes(encoded(photo(3, (320, 240))))  # so that nothing is replayed
    monkeypatch.setattr(looks, "confirm", lambda *_, **__: pytest.fail("looked again"))
    assert judged(folder).findings == first.findings


def test_a_picture_that_cannot_be_drawn_again_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(blobs, *_: object, **__: object):
        return (Drawn(ImageStatus.UNREADABLE, "it is gone") for _ in blobs)

    monkeypatch.setattr(looks, "draw_all", gone)
    with pytest.raises(RuntimeError, match="could not be opened again to compare it: it is gone"):
        judged(folder)


def test_contradictions_follow_equal_pictures_alone(folder: Path) -> None:
    (folder / "train.csv").write_text(f"image_path,text,label\na.jpg,{RED},match\nmirrored.jpg,{RED},mismatch\n")
    assert judged(folder, "contradictions").outcome is Outcome.PASSED
    assert judged(folder).outcome is Outcome.FAILED
