"""How pictures are grouped, whatever says which of them are alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
COPY = Copy("mirrored", 3)


@dataclass
class Told:
    """Looks whose answers are told: ``alike`` are pairs of SHA-256, ``near`` more pairs that are worth a look."""

    alike: frozenset[frozenset[str]] = frozenset()
    near_too: frozenset[frozenset[str]] = frozenset()
    looked: list[tuple[str, str]] = field(default_factory=list)

    def near(self, pictures: Sequence[ImageFacts]) -> Mapping[int, Sequence[int]]:
        number = {str(picture.sha256): n for n, picture in enumerate(pictures)}
        found: dict[int, list[int]] = {}
        for pair in self.alike | self.near_too:
            if pair <= number.keys():
                one, other = sorted(number[name] for name in pair)
                found.setdefault(one, []).append(other)
                found.setdefault(other, []).append(one)
        return found

    def look(self, pairs: Sequence[tuple[ImageFacts, ImageFacts]]) -> Sequence[Copy | None]:
        named = [(str(picture.sha256), str(other.sha256)) for picture, other in pairs]
        self.looked += named
        return [COPY if frozenset(pair) in self.alike else None for pair in named]


def told(*pairs: str, near: Sequence[str] = ()) -> Told:
    """``told("ab", "bc")``: a and b are alike, and b and c."""
    return Told(frozenset(map(frozenset, pairs)), frozenset(map(frozenset, near)))


def facts(sha256: str, digest: str | None = None, status: ImageStatus = ImageStatus.OK) -> ImageFacts:
    return ImageFacts(status, sha256=sha256, pixel_digest=digest)


def of(matches: Sequence[Match | None]) -> list[int | None]:
    return [match and match.of for match in matches]


def test_bytes_come_before_pixels_and_a_leak_is_told_beside_a_duplicate() -> None:
    pictures = [
        facts("a", "p"),
        facts("b", "p"),
        facts("b", "p"),
        facts("c", "q"),
        facts("c", "q"),
        facts("a", "p", ImageStatus.BROKEN),
    ]
    splits = ["train", "train", "val", "val", "val", "val"]
    duplicates, leaks = same_pictures(pictures, splits, APART, told())
    same = Match(0, "pixels", None, 0)
    assert duplicates == [None, same, None, None, Match(3, "bytes", None, 0), None]
    assert leaks == [None, None, Match(1, "bytes", None, 0), None, None, None]
    assert same_pictures(pictures, splits, {}, told())[1] == [None] * 6


def test_the_same_file_in_two_splits_is_a_leak_of_its_bytes() -> None:
    duplicates, leaks = same_pictures([facts("a", "p")] * 2, ["train", "test"], APART, told())
    assert duplicates == [None, None]
    assert leaks == [None, Match(0, "bytes", None, 0)]


def test_a_leak_is_of_the_best_grade_then_of_the_first_split() -> None:
    pictures = [facts(*ids) for ids in (("a", "p"), ("b", "q"), ("c", "p"), ("d", "q"), ("d", "q"), ("b", "q"))]
    splits = ["train", "val", "val", "val", "test", "test"]
    _, leaks = same_pictures(pictures, splits, APART, told())
    pixels = Match(0, "pixels", None, 0)
    assert leaks == [None, None, pixels, None, Match(3, "bytes", None, 0), Match(1, "bytes", None, 0)]
    alone = {"val": ("train",), "test": ("train",)}
    assert same_pictures(pictures, splits, alone, told())[1] == [None, None, pixels, None, None, None]


def test_held_out_splits_are_compared_to_the_eye_and_training_comes_first() -> None:
    pictures = [facts(name) for name in "abc"]
    _, leaks = same_pictures(pictures, ["train", "val", "test"], APART, told("ab", "ac", "bc"))
    assert leaks == [None, Match(0, "perceptual", "mirrored", 3), Match(0, "perceptual", "mirrored", 3)]
    _, leaks = same_pictures(pictures[1:], ["val", "test"], APART, told("bc"))
    assert of(leaks) == [None, 0]


def test_a_chain_does_not_merge() -> None:
    duplicates, _ = same_pictures([facts(name) for name in "abc"], ["train"] * 3, {}, told("ab", "bc"))
    assert of(duplicates) == [None, 0, None]


def test_each_picture_joins_the_earliest_representative() -> None:
    duplicates, _ = same_pictures([facts(name) for name in "abcd"], ["train"] * 4, {}, told("ac", "bc", "cd", "bd"))
    assert of(duplicates) == [None, None, 0, 1]


@pytest.mark.parametrize("splits", [["train"] * 3, ["train", "train", "val"]])
def test_a_leak_finds_a_training_picture_that_represents_no_group(splits: list[str]) -> None:
    duplicates, leaks = same_pictures([facts(name) for name in "abc"], splits, APART, told("ab", "bc"))
    assert duplicates[1] == Match(0, "perceptual", "mirrored", 3)
    assert of(leaks) == ([None, None, 1] if "val" in splits else [None, None, None])


def test_a_crowd_costs_one_look_a_picture() -> None:
    """All pairs of twenty equal pictures are near; each but the first is looked at beside the first, and no other."""
    names = "abcdefghijklmnopqrst"
    every = [one + other for n, one in enumerate(names) for other in names[n + 1 :]]
    looks = told(*every)
    duplicates, _ = same_pictures([facts(name) for name in names], ["train"] * 20, {}, looks)
    assert of(duplicates) == [None] + [0] * 19
    assert len(looks.looked) == 19


def test_what_is_near_and_not_alike_is_another_picture() -> None:
    looks = told(near=["ab"])
    duplicates, leaks = same_pictures([facts("a"), facts("b")], ["train", "val"], APART, looks)
    assert (duplicates, leaks) == ([None, None], [None, None])
    assert looks.looked == [("b", "a")]


def test_a_picture_that_does_not_decode_is_like_no_other() -> None:
    pictures = [facts("a"), facts("a", status=ImageStatus.BROKEN), ImageFacts(ImageStatus.OK)]
    duplicates, leaks = same_pictures(pictures, ["train"] * 3, {}, told())
    assert (duplicates, leaks) == ([None] * 3, [None] * 3)


def test_looks_that_are_skipped_change_no_group() -> None:
    """Beside the plain rule: each joins the earliest representative that it matches, all pairs looked at."""
    edges = ["ab", "bc", "cd", "ad", "ec"]
    alike = {frozenset(edge) for edge in edges}
    for names in permutations("abcde"):
        stars: list[int] = []
        expected: list[int | None] = []
        for n, name in enumerate(names):
            joined = next((star for star in stars if frozenset((names[star], name)) in alike), None)
            stars += [n] if joined is None else []
            expected.append(joined)
        duplicates, _ = same_pictures([facts(name) for name in names], ["train"] * 5, APART, told(*edges))
        assert of(duplicates) == expected


def test_a_picture_of_equal_bytes_is_told_by_them_also_where_its_first_one_is_a_copy() -> None:
    """So that what is settled of looks, or switched off, says nothing of equal files."""
    pictures = [facts("a"), facts("b", "p"), facts("c", "p"), facts("b", "p")]
    duplicates, leaks = same_pictures(pictures, ["train"] * 4, {}, told("ab", "ac"))
    seen = Match(0, "perceptual", "mirrored", 3)
    assert duplicates == [None, seen, Match(1, "pixels", None, 0), Match(1, "bytes", None, 0)]
    assert leaks == [None] * 4


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


@pytest.mark.parametrize("kind", ["sneaker", "tshirt", "mug"])
def test_two_colours_of_one_cut_are_two_products(tmp_path: Path, kind: str) -> None:
    red, green = garment(kind, "red", seed=3), garment(kind, "green", seed=3)
    pictures = [red, green, ImageOps.mirror(green), ImageEnhance.Brightness(red).enhance(1.05)]
    assert of(searched(tmp_path, pictures, ["train"] * 4)[0]) == [None, None, 1, 0]
