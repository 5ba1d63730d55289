"""How the pictures of a dataset are grouped, given which two are copies; and that real looks reach the groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path

import pytest
from helpers.pictures import garment
from PIL import Image, ImageEnhance, ImageOps

from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.measure import measure
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.running.engines.looks import LocalLooks
from pytest_clipdata.running.memory.cache import Cache
from pytest_clipdata.similarity.match import Copy, Match, SamePicture
from pytest_clipdata.similarity.stars import same_pictures

APART = {"val": ("train",), "test": ("train", "val")}
SEEN = Copy(None, 3)


class Edges:
    """Looks that find copies along the given edges between SHA-256, and count what they are asked."""

    def __init__(self, *edges: tuple[str, str]) -> None:
        self._edges = {frozenset(edge) for edge in edges}
        self.asked: list[tuple[str, str]] = []

    def near(self, pictures: Sequence[ImageFacts]) -> Mapping[int, Sequence[int]]:
        return {n: [m for m in range(len(pictures)) if m != n] for n in range(len(pictures))}

    def look(self, picture: ImageFacts, other: ImageFacts) -> Copy | None:
        pair = str(picture.sha256), str(other.sha256)
        self.asked.append(pair)
        return SEEN if frozenset(pair) in self._edges else None


def facts(sha256: str, digest: str | None = None, status: ImageStatus = ImageStatus.OK) -> ImageFacts:
    return ImageFacts(status, sha256=sha256, pixel_digest=digest)


def of(matches: Sequence[Match | None]) -> list[int | None]:
    return [None if match is None else match.of for match in matches]


def test_bytes_come_before_pixels_and_a_leak_is_told_beside_a_duplicate() -> None:
    names = [("a", "p"), ("b", "p"), ("b", "p"), ("c", "q"), ("c", "q")]
    pictures = [*(facts(*each) for each in names), facts("a", "p", ImageStatus.BROKEN)]
    splits = ["train", "train", "val", "val", "val", "val"]
    duplicates, leaks = same_pictures(pictures, splits, APART, Edges())
    same = Match(0, "pixels", None, 0)
    assert duplicates == [None, same, None, None, Match(3, "bytes", None, 0), None]
    assert leaks == [None, None, Match(1, "bytes", None, 0), None, None, None]
    assert same_pictures(pictures, splits, {}, Edges())[1] == [None] * 6


def test_a_leak_is_of_the_best_grade_then_of_the_first_split() -> None:
    pictures = [facts(*ids) for ids in (("a", "p"), ("b", "q"), ("c", "p"), ("d", "q"), ("d", "q"), ("b", "q"))]
    splits = ["train", "val", "val", "val", "test", "test"]
    _, leaks = same_pictures(pictures, splits, APART, Edges())
    pixels = Match(0, "pixels", None, 0)
    assert leaks == [None, None, pixels, None, Match(3, "bytes", None, 0), Match(1, "bytes", None, 0)]
    alone = {"val": ("train",), "test": ("train",)}
    assert same_pictures(pictures, splits, alone, Edges())[1] == [None, None, pixels, None, None, None]


def test_a_chain_does_not_merge() -> None:
    pictures = [facts(name) for name in "abc"]
    duplicates, _ = same_pictures(pictures, ["train"] * 3, APART, Edges(("a", "b"), ("b", "c")))
    assert of(duplicates) == [None, 0, None]


def test_a_leak_finds_a_training_picture_that_represents_no_group() -> None:
    pictures = [facts(name) for name in "abc"]
    duplicates, leaks = same_pictures(pictures, ["train", "train", "val"], APART, Edges(("a", "b"), ("b", "c")))
    assert of(duplicates) == [None, 0, None]
    assert leaks[2] == Match(1, "perceptual", None, 3)


def test_looks_that_are_skipped_change_no_group() -> None:
    """Beside the plain rule: each joins the earliest representative that it matches, all pairs looked at."""
    edges = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d"), ("e", "c")]
    alike = {frozenset(edge) for edge in edges}
    for names in permutations("abcde"):
        stars: list[int] = []
        expected: list[int | None] = []
        for n, name in enumerate(names):
            joined = next((star for star in stars if frozenset((names[star], name)) in alike), None)
            stars += [n] if joined is None else []
            expected.append(joined)
        duplicates, _ = same_pictures([facts(name) for name in names], ["train"] * 5, APART, Edges(*edges))
        assert of(duplicates) == expected


def test_in_a_crowd_of_copies_each_is_looked_at_once() -> None:
    names = [f"{n}" for n in range(60)]
    looks = Edges(*((a, b) for a in names for b in names if a != b))
    duplicates, _ = same_pictures([facts(name) for name in names], ["train"] * 60, APART, looks)
    assert of(duplicates) == [None, *[0] * 59]
    assert len(looks.asked) == 59


def searched(folder: Path, pictures: Sequence[Image.Image], splits: Sequence[str]) -> list[list[Match | None]]:
    measured, blobs = [], {}
    for n, picture in enumerate(pictures):
        path = folder / f"{n}.jpg"
        picture.save(path, quality=92)
        measured.append(measure(Blob.of(path), Limits(), pixels=True))
        blobs[str(measured[-1].sha256)] = Blob.of(path)
    with Cache(None) as cache:
        looks = LocalLooks(blobs, SamePicture(), Limits(), cache.looks, 1)
        return list(same_pictures(measured, splits, APART, looks))


def test_held_out_splits_are_compared_to_the_eye_and_training_comes_first(tmp_path: Path) -> None:
    drawn = garment("tshirt", "red", seed=3)
    pictures = [drawn, drawn.resize((380, 380)), ImageOps.mirror(drawn)]
    leaks = searched(tmp_path, pictures, ["train", "val", "test"])[1]
    assert [match and (match.of, match.grade) for match in leaks] == [None, (0, "perceptual"), (0, "perceptual")]
    leaks = searched(tmp_path, pictures[1:], ["val", "test"])[1]
    assert [match and (match.of, match.grade) for match in leaks] == [None, (0, "perceptual")]


@pytest.mark.parametrize("kind", ["sneaker", "tshirt", "mug"])
def test_two_colours_of_one_cut_are_two_products(tmp_path: Path, kind: str) -> None:
    red, green = garment(kind, "red", seed=3), garment(kind, "green", seed=3)
    pictures = [red, green, ImageOps.mirror(green), ImageEnhance.Brightness(red).enhance(1.05)]
    assert of(searched(tmp_path, pictures, ["train"] * 4)[0]) == [None, None, 1, 0]
