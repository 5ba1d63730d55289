"""Second looks are remembered, and one that cannot be made is an error, never "no copy"."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from helpers.drawn import encoded, garment, photo
from helpers.tools import BLUE, RED, write
from PIL import ImageOps

from pytest_clipdata.findings import Outcome
from pytest_clipdata.images.facts import Drawn, ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.measure import measure
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.running.engines import looks
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.running.memory.cache import Cache
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.options import RunOptions
from pytest_clipdata.similarity.match import Copy, SamePicture

ROWS = [("a.jpg", RED, "match"), ("mirrored.jpg", BLUE, "match"), ("other.jpg", BLUE, "mismatch")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    picture = photo(1, (320, 240))
    files = {"a.jpg": encoded(picture), "mirrored.jpg": encoded(ImageOps.mirror(picture))}
    write(tmp_path, {"train.csv": ROWS}, files | {"other.jpg": encoded(photo(2, (320, 240)))})
    return tmp_path


def judged(folder: Path, check: str = "duplicate_images"):
    (dataset,) = discover([folder])
    options = RunOptions(top=folder, workers=1, device="off", cache=folder / "cache")
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


def test_what_is_remembered_is_not_opened_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = [encoded(photo(1, (320 - n, 240))) for n in range(4)]  # a crowd: not every two are looked at
    for n, picture in enumerate(pictures):
        (folder / f"{n}.jpg").write_bytes(picture)
    rows = "".join(f"{n}.jpg,{RED},match\n" for n in range(4))
    (folder / "train.csv").write_text(f"image_path,text,label\n{rows}other.jpg,{BLUE},match\n")
    first = judged(folder)
    assert [finding.place.line for finding in first.findings] == [3, 4, 5]
    (folder / "other.jpg").write_bytes(encoded(photo(3, (320, 240))))  # so that nothing is replayed
    monkeypatch.setattr(looks, "draw_all", lambda *_, **__: pytest.fail("opened again"))
    assert judged(folder).findings == first.findings


def test_the_workers_say_what_this_process_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = judged(folder).findings
    (folder / "cache" / "clipdata.sqlite3").unlink()
    monkeypatch.setattr(looks, "_MANY", 0)
    monkeypatch.setattr(looks, "confirm", lambda *_, **__: pytest.fail("looked here"))
    assert judged(folder).findings == here


def test_a_picture_that_nobody_can_find_is_an_error() -> None:
    """To leave it out would call it no copy of anything."""
    pair = ImageFacts(ImageStatus.OK, sha256="a"), ImageFacts(ImageStatus.OK, sha256="b")
    with Cache(None) as cache:
        lost = looks.LocalLooks({}, SamePicture(), Limits(), cache.looks, 1)
        with pytest.raises(RuntimeError, match="2 pictures that have to be compared were measured, but nobody knows"):
            lost.look([pair])


def test_a_look_says_the_same_alone_in_any_company_order_and_from_memory(tmp_path: Path) -> None:
    one = garment("tshirt", "red", "striped", seed=3)
    drawn = [one, ImageOps.mirror(one), one.resize((200, 200)), garment("tshirt", "red", "plain", seed=3)]
    drawn += [garment("tshirt", "green", "striped", seed=3), garment("mug", "red", "striped", seed=3)]
    facts, blobs = [], {}
    for n, picture in enumerate(drawn):
        (tmp_path / f"{n}.jpg").write_bytes(encoded(picture))
        blob = Blob.of(tmp_path / f"{n}.jpg")
        facts.append(measure(blob, Limits(), pixels=True))
        blobs[str(facts[-1].sha256)] = blob
    pairs = [(a, b) for a in facts for b in facts if a is not b]

    def said(some: list[tuple[ImageFacts, ImageFacts]], cache: Cache) -> dict[tuple[str, str], Copy | None]:
        made = looks.LocalLooks(blobs, SamePicture(), Limits(), cache.looks, 1).look(some)
        return {(str(a.sha256), str(b.sha256)): copy for (a, b), copy in zip(some, made, strict=True)}

    with Cache(None) as cache:
        together = said(pairs, cache)
        assert said(pairs[::-1], cache) == together  # from memory
    assert sum(copy is not None for copy in together.values()) == 6
    for seed in (1, 2):
        with Cache(None) as cache:
            order = random.Random(seed).sample(pairs, len(pairs))
            apart: dict[tuple[str, str], Copy | None] = {}
            for start in range(0, len(order), 10):
                apart |= said(order[start : start + 10], cache)
            assert apart == together


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
