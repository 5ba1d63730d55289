"""The example dataset is what its script draws, and keeps the promises that every check makes it keep."""

from __future__ import annotations

import csv
import json
from itertools import combinations
from pathlib import Path

import imagehash
import pytest
from helpers.pictures import EXAMPLE, bomb, exif_rotated, garment, photo, png16  # isort: split

import make
from catalogue import broken
from catalogue.products import products
from PIL import Image

BROKEN = EXAMPLE.parent / "example_dataset_broken"
#: Every check but `smoke` and `suspect_labels`, which need a model.
CHECKS = {
    "columns", "missing_values", "labels", "paths", "portable_paths", "decodable", "resolution", "aspect_ratio",
    "loader_parity", "visibility", "word_count", "token_length", "text_hygiene", "text_style", "language", "shortcuts", "duplicate_rows", "contradictions",
    "duplicate_images", "repeated_text", "label_balance", "row_count", "split_ratio", "leakage", "text_leakage",
}  # fmt: skip


def committed(split: str) -> list[dict[str, str]]:
    return list(csv.DictReader((EXAMPLE / f"{split}.csv").read_text(encoding="utf-8").splitlines()))


@pytest.mark.parametrize("split", ["train", "val"])
def test_the_csv_is_what_the_script_writes(split: str) -> None:
    assert make.csv_text(split).encode() == (EXAMPLE / f"{split}.csv").read_bytes()


def test_the_pictures_are_those_of_the_script() -> None:
    drawn = {make.picture_path(product) for split in ("train", "val") for product in products(split)}
    assert drawn == {path.relative_to(EXAMPLE).as_posix() for path in (EXAMPLE / "images").iterdir()}


def test_a_picture_is_drawn_alike_each_time(tmp_path: Path) -> None:
    product = products("train")[0]
    first, second = tmp_path / "first.jpg", tmp_path / "second.jpg"
    for path in (first, second):
        make.draw(product, path)
    assert first.read_bytes() == second.read_bytes()


def test_it_is_as_large_as_it_may_be() -> None:
    assert len(committed("train")) >= 120
    assert len(committed("val")) >= 30
    assert len(list((EXAMPLE / "images").iterdir())) >= 60
    data = [*EXAMPLE.glob("*.csv"), *(EXAMPLE / "images").iterdir()]
    assert sum(path.stat().st_size for path in data) < 2_000_000


def test_no_caption_is_used_twice_and_all_are_plain_words() -> None:
    texts = [row["text"] for split in ("train", "val") for row in committed(split)]
    assert len(texts) == len(set(texts))
    assert all(text.isascii() and 5 <= len(text.split()) <= 20 for text in texts)


def test_different_pictures_are_far_apart_but_for_one_cut_in_two_colours() -> None:
    turns = [None, *Image.Transpose]
    hashes = {}
    for path in sorted((EXAMPLE / "images").iterdir()):
        with Image.open(path) as image:
            grey = image.convert("RGB").convert("L").resize((64, 64), Image.Resampling.BOX)
        hashes[path.stem] = [imagehash.phash(grey if turn is None else grey.transpose(turn)) for turn in turns]
    near = {
        (one, other)
        for one, other in combinations(hashes, 2)
        if min(hashes[one][0] - turned for turned in hashes[other]) <= 10
    }
    assert near == {("tshirt_blue", "tshirt_red")}


def test_the_broken_twin_is_what_the_script_writes() -> None:
    files, _ = broken.csvs()
    assert {name: (BROKEN / name).read_bytes() for name in files} == files
    assert {path.relative_to(BROKEN).as_posix() for path in BROKEN.rglob("*.csv")} == set(files)
    assert {path.name for path in (BROKEN / "images").iterdir()} == set(broken.PICTURES)
    assert (BROKEN / "planted.json").read_bytes() == broken.planted_text().encode()
    assert sum(path.stat().st_size for path in BROKEN.rglob("*")) < 600_000


def test_every_check_has_a_planted_case_on_a_line_that_is_there() -> None:
    planted = json.loads((BROKEN / "planted.json").read_bytes())
    assert {entry["check"] for entry in planted} == CHECKS
    for entry in planted:
        lines = (BROKEN / entry["csv"]).read_bytes().count(b"\n")
        assert entry["line"] is None or 1 <= entry["line"] <= max(1, lines), entry


def test_a_planted_line_is_the_one_on_which_its_row_starts() -> None:
    planted = json.loads((BROKEN / "planted.json").read_bytes())
    lines = (BROKEN / "train.csv").read_text(encoding="utf-8").split("\n")
    by_check = {entry["check"]: lines[entry["line"] - 1] for entry in planted
                if entry["csv"] == "train.csv" and entry["line"]}  # fmt: skip
    assert by_check["resolution"].startswith("images/thumbnail.jpg,")
    assert by_check["aspect_ratio"].startswith("images/panorama.jpg,")


def test_the_seed_decides_the_pose_and_not_the_colour() -> None:
    red, blue = (garment("tshirt", colour, seed=6) for colour in ("red", "blue"))
    assert imagehash.phash(red) - imagehash.phash(blue) <= 6
    assert imagehash.phash(red) - imagehash.phash(garment("tshirt", "red", seed=1)) > 6


def test_photos_of_other_seeds_are_other_pictures() -> None:
    hashes = [imagehash.phash(photo(seed)) for seed in range(8)]
    assert min(one - other for one, other in combinations(hashes, 2)) > 12


def test_the_savers_write_what_they_say(tmp_path: Path) -> None:
    picture = photo(0, (40, 60))
    with Image.open(exif_rotated(picture, tmp_path / "rotated.jpg")) as image:
        assert (image.size, image.getexif()[0x0112]) == ((60, 40), 6)
    with Image.open(png16(picture, tmp_path / "deep.png")) as image:
        assert (image.mode, image.size) == ("I;16", (40, 60))
        assert image.getpixel((0, 0)) == picture.convert("L").getpixel((0, 0)) * 257
    with Image.open(bomb(tmp_path / "bomb.png", 300)) as image:
        assert image.size == (300, 300)
        assert image.getextrema() == (0, 0)
