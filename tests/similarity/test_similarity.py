"""Which pictures are taken for the same, which are not, and how they are grouped."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from helpers.drawn import garment
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.measure import measure
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.settings.declared import SAME_PICTURE
from pytest_clipdata.similarity import candidates as similarity
from pytest_clipdata.similarity.match import Likeness, Match, SamePicture
from pytest_clipdata.similarity.neighbours import near_pairs
from pytest_clipdata.similarity.stars import _representative, same_pictures

RULES = SamePicture()
APART = {"val": ("train",), "test": ("train", "val")}


def shirt(colour: str = "#b03030", print_: str = "star", ground: str = "#f4f4f0") -> Image.Image:
    picture = Image.new("RGB", (400, 400), ground)
    draw = ImageDraw.Draw(picture)
    outline = [(120, 50), (165, 70), (235, 70), (285, 45), (370, 120), (330, 190), (295, 160), (290, 360), (110, 365)]
    draw.polygon([*outline, (108, 165), (70, 185), (30, 125)], fill=colour)
    for x in range(130, 280, 25):
        draw.line((x, 200, x + 8, 350), fill="#402020", width=3)
    if print_ == "star":
        draw.polygon(
            [(200, 100), (225, 170), (270, 190), (220, 215), (200, 290), (180, 215), (130, 190), (175, 170)],
            fill="white",
        )
    elif print_ == "rings":
        for radius in (70, 50, 30):
            draw.ellipse((200 - radius, 190 - radius, 200 + radius, 190 + radius), outline="black", width=11)
    elif print_ == "mug":
        draw.rectangle((0, 0, 400, 400), fill=ground)
        draw.rectangle((110, 90, 270, 330), fill=colour)
        draw.ellipse((250, 140, 350, 270), outline=colour, width=22)
    return picture


def facts_of(tmp_path: Path, *pictures: Image.Image, quality: int = 92) -> list[ImageFacts]:
    found = []
    for number, picture in enumerate(pictures):
        path = tmp_path / f"{number}.{'png' if picture.mode == 'RGBA' else 'jpg'}"
        picture.save(path, quality=quality)
        found.append(measure(Blob.of(path), Limits(), pixels=True))
    return found


def matched(tmp_path: Path, first: Image.Image, second: Image.Image, rules: SamePicture = RULES) -> Match | None:
    duplicates, _ = same_pictures(facts_of(tmp_path, first, second), ["train", "train"], APART, rules)
    assert duplicates[0] is None
    return duplicates[1]


def crop(picture: Image.Image, pixels: int) -> Image.Image:
    return picture.crop((pixels, pixels, picture.width - pixels, picture.height - pixels))


def watermarked(picture: Image.Image) -> Image.Image:
    out = picture.copy()
    ImageDraw.Draw(out).text((250, 380), "(c) a shop of garments", fill="#888888")
    return out


COPIES = {
    "half size": (lambda p: p.resize((200, 200)), None),
    "brighter": (lambda p: ImageEnhance.Brightness(p).enhance(1.15), None),
    "darker": (lambda p: ImageEnhance.Brightness(p).enhance(0.85), None),
    "more contrast": (lambda p: ImageEnhance.Contrast(p).enhance(1.2), None),
    "less contrast": (lambda p: ImageEnhance.Contrast(p).enhance(0.8), None),
    "more colourful": (lambda p: ImageEnhance.Color(p).enhance(1.2), None),
    "paler": (lambda p: ImageEnhance.Color(p).enhance(0.8), None),
    "watermarked": (watermarked, None),
    "crop 5 %": (lambda p: crop(p, 20), "cropped"),
    "mirrored": (ImageOps.mirror, "mirrored"),
    "flipped": (ImageOps.flip, "flipped"),
    "rotated 90": (lambda p: p.transpose(Image.Transpose.ROTATE_270), "rotated 90"),
    "rotated 180": (lambda p: p.transpose(Image.Transpose.ROTATE_180), "rotated 180"),
    "rotated 270": (lambda p: p.transpose(Image.Transpose.ROTATE_90), "rotated 270"),
    "transposed": (lambda p: p.transpose(Image.Transpose.TRANSPOSE), "transposed"),
    "transversed": (lambda p: p.transpose(Image.Transpose.TRANSVERSE), "transversed"),
    "mirrored, cropped": (lambda p: crop(ImageOps.mirror(p), 20), "mirrored, cropped"),
}


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_is_found_and_told_how_it_was_made(tmp_path: Path, kind: str) -> None:
    change, transform = COPIES[kind]
    match = matched(tmp_path, shirt(), change(shirt()))
    assert match is not None
    assert (match.of, match.grade, match.transform) == (0, "perceptual", transform)
    assert match.distance is not None
    assert match.distance <= RULES.radius


def test_a_thin_border_is_still_a_copy(tmp_path: Path) -> None:
    assert matched(tmp_path, shirt(), ImageOps.expand(shirt(), 8, "black")) is not None


def rings(seed: int) -> Image.Image:
    """A line drawing: all texture."""
    draw = np.random.default_rng(seed)
    picture = Image.new("RGB", (400, 400), "white")
    for _ in range(80):
        (x, y), a = draw.integers(20, 380, 2), draw.integers(10, 60)
        ImageDraw.Draw(picture).ellipse((x - a, y - a // 2, x + a, y + a // 2), outline="black", width=6)
    return picture


def swan() -> Image.Image:
    """A pale object on white: lightened, most of it turns white."""
    picture = Image.new("RGB", (400, 400), "white")
    draw = ImageDraw.Draw(picture)
    for x, y in ((60, 190), (120, 240), (200, 250), (250, 180), (150, 170)):
        draw.ellipse((x, y, x + 100, y + 70), fill=(220, 220, 212))
    draw.polygon([(60, 40), (180, 160), (90, 170)], fill="black")
    draw.polygon([(300, 60), (260, 200), (200, 150)], fill="#222222")
    return picture


def vivid() -> Image.Image:
    """Colours at the ends of their ranges: more contrast clips them."""
    picture = Image.new("RGB", (400, 400), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((40, 40, 200, 200), fill=(40, 200, 0))
    draw.ellipse((200, 60, 370, 230), fill=(90, 0, 140))
    draw.rectangle((60, 210, 210, 360), fill=(140, 140, 255))
    draw.polygon([(230, 360), (370, 360), (300, 240)], fill=(140, 40, 0))
    return picture


def plate() -> Image.Image:
    """Symmetric in every way: half of its DCT coefficients are 0."""
    picture = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(picture).ellipse((60, 60, 340, 340), fill="#969696")
    return picture.filter(ImageFilter.GaussianBlur(20))


HARDER = {
    "a symmetric object, lightened": (plate(), ImageEnhance.Brightness(plate()).enhance(1.15)),
    "a line drawing, cropped": (rings(1), crop(rings(1), 8)),
    "a pale object, lightened": (swan(), ImageEnhance.Brightness(swan()).enhance(1.15)),
    "vivid colours, more contrast": (vivid(), ImageEnhance.Contrast(vivid()).enhance(1.2)),
}


@pytest.mark.parametrize("kind", HARDER)
def test_a_copy_is_found_among_what_it_does_to_cells(tmp_path: Path, kind: str) -> None:
    assert matched(tmp_path, *HARDER[kind]) is not None


@pytest.mark.parametrize(("one", "other"), [("dotted", "plain"), ("checked", "zigzag"), ("striped", "zigzag")])
def test_a_print_that_averages_out_is_another_print(tmp_path: Path, one: str, other: str) -> None:
    assert matched(tmp_path, *(garment("tshirt", "red", pattern, seed=3) for pattern in (one, other))) is None


OTHERS = {
    "another line drawing": rings(2),
    "another colour": shirt("#3050b0"),
    "another print": shirt(print_="rings"),
    "another object": shirt(print_="mug"),
    "no print": shirt(print_="none"),
    "another colour of one lightness": shirt("#2c6a2c"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_another_picture_is_no_copy(tmp_path: Path, kind: str) -> None:
    assert matched(tmp_path, rings(1) if "drawing" in kind else shirt(), OTHERS[kind]) is None


def test_blank_and_thin_pictures_match_only_where_their_pixels_agree(tmp_path: Path) -> None:
    def line(x: int) -> Image.Image:
        picture = Image.new("RGB", (300, 300), "white")
        ImageDraw.Draw(picture).line((x, 0, x, 300), fill="#404040", width=3)
        return picture

    assert matched(tmp_path, line(100), line(150)) is None
    assert matched(tmp_path, Image.new("RGB", (300, 300), "white"), line(150)) is None
    assert matched(tmp_path, Image.new("RGB", (300, 300), "red"), Image.new("RGB", (300, 300), "blue")) is None
    assert matched(tmp_path, line(100), line(100).resize((290, 290))) is not None


def test_the_settings_have_the_defaults_of_the_rules() -> None:
    assert {name: option.default for name, option in SAME_PICTURE.options.items()} == asdict(SamePicture())


@pytest.mark.parametrize("kind", ["sneaker", "tshirt", "mug"])
def test_two_colours_of_one_cut_are_two_products(tmp_path: Path, kind: str) -> None:
    red, green = garment(kind, "red", seed=3), garment(kind, "green", seed=3)
    assert matched(tmp_path, red, green) is None
    assert matched(tmp_path, red, ImageOps.mirror(green)) is None
    assert matched(tmp_path, red, ImageOps.mirror(red)) is not None


def test_a_ramp_matches_its_brightened_copy_but_not_another_ramp(tmp_path: Path) -> None:
    def ramp(power: float, tint: tuple[float, float, float] = (1.0, 0.9, 0.7)) -> Image.Image:
        levels = 60 + 40 * np.linspace(0, 1, 200)[:, None, None] ** power * np.ones((200, 200, 3))
        return Image.fromarray((levels * tint).astype(np.uint8))

    assert matched(tmp_path, ramp(1), ImageEnhance.Brightness(ramp(1)).enhance(1.15)) is not None
    assert matched(tmp_path, ramp(1), ramp(1, (0.7, 0.9, 1.0))) is None
    assert matched(tmp_path, ramp(1), ImageEnhance.Brightness(ramp(1)).enhance(1.9)) is None


def test_a_crop_of_a_crop_is_no_member_of_the_group(tmp_path: Path) -> None:
    once = crop(shirt(), 20)
    twice = crop(once, 19)
    pictures = facts_of(tmp_path, shirt(), once, twice)
    pair = ["train", "train"]
    assert same_pictures(pictures[1:], pair, APART, RULES)[0][1] is not None
    assert same_pictures(pictures[::2], pair, APART, RULES)[0][1] is None
    duplicates, _ = same_pictures(pictures, [*pair, "train"], APART, RULES)
    assert [match and match.of for match in duplicates] == [None, 0, None]


def test_settings_turn_orientations_and_crops_off(tmp_path: Path) -> None:
    assert matched(tmp_path, shirt(), ImageOps.mirror(shirt()), replace(RULES, orientations=False)) is None
    cropped = matched(tmp_path, shirt(), crop(shirt(), 20), replace(RULES, crops=False))
    assert cropped is None or cropped.transform is None
    assert (
        matched(tmp_path, shirt(), ImageEnhance.Brightness(shirt()).enhance(0.9), replace(RULES, radius=0)) is not None
    )


def plain_facts(sha256: str, digest: str | None = None, status: ImageStatus = ImageStatus.OK) -> ImageFacts:
    return ImageFacts(status, sha256=sha256, pixel_digest=digest)


def test_bytes_come_before_pixels_and_a_leak_is_told_beside_a_duplicate() -> None:
    pictures = [
        plain_facts("a", "p"),
        plain_facts("b", "p"),
        plain_facts("b", "p"),
        plain_facts("c", "q"),
        plain_facts("c", "q"),
        plain_facts("a", "p", ImageStatus.BROKEN),
    ]
    splits = ["train", "train", "val", "val", "val", "val"]
    duplicates, leaks = same_pictures(pictures, splits, APART, RULES)
    same = Match(0, "pixels", None, 0)
    assert duplicates == [None, same, None, None, Match(3, "bytes", None, 0), None]
    assert leaks == [None, None, Match(1, "bytes", None, 0), None, None, None]
    assert same_pictures(pictures, splits, {}, RULES)[1] == [None] * 6


def test_the_same_file_in_two_splits_is_a_leak_of_its_bytes() -> None:
    facts = plain_facts("a", "p")
    duplicates, leaks = same_pictures([facts, facts], ["train", "test"], APART, RULES)
    assert duplicates == [None, None]
    assert leaks == [None, Match(0, "bytes", None, 0)]


def test_a_leak_is_of_the_best_grade_then_of_the_first_split() -> None:
    pictures = [plain_facts(*ids) for ids in (("a", "p"), ("b", "q"), ("c", "p"), ("d", "q"), ("d", "q"), ("b", "q"))]
    splits = ["train", "val", "val", "val", "test", "test"]
    _, leaks = same_pictures(pictures, splits, APART, RULES)
    pixels = Match(0, "pixels", None, 0)
    assert leaks == [None, None, pixels, None, Match(3, "bytes", None, 0), Match(1, "bytes", None, 0)]
    alone = {"val": ("train",), "test": ("train",)}
    assert same_pictures(pictures, splits, alone, RULES)[1] == [None, None, pixels, None, None, None]


def test_held_out_splits_are_compared_to_the_eye_and_training_comes_first(tmp_path: Path) -> None:
    drawn = shirt()
    pictures = facts_of(tmp_path, drawn, drawn.resize((380, 380)), drawn.resize((360, 360)))
    _, leaks = same_pictures(pictures, ["train", "val", "test"], APART, RULES)
    assert [match and (match.of, match.grade) for match in leaks] == [None, (0, "perceptual"), (0, "perceptual")]
    _, leaks = same_pictures(pictures[1:], ["val", "test"], APART, RULES)
    assert [match and (match.of, match.grade) for match in leaks] == [None, (0, "perceptual")]


def test_a_chain_does_not_merge() -> None:
    likenesses = {0: {1: Likeness(3, 0, False)}, 1: {0: Likeness(3, 0, False), 2: Likeness(3, 0, False)}}
    likenesses[2] = {1: Likeness(3, 0, False)}
    heads = {("train", content): content for content in range(3)}
    joined: dict[tuple[str, int], Match | None] = {}
    for n in range(3):
        joined["train", n] = _representative("train", n, n, likenesses, heads, joined)
    assert [match and match.of for match in joined.values()] == [None, 0, None]


def test_a_leak_finds_a_training_picture_that_represents_no_group(tmp_path: Path) -> None:
    pictures = facts_of(tmp_path, shirt(), shirt().resize((380, 380)), shirt().resize((380, 380)))
    _, leaks = same_pictures([pictures[0], pictures[1], pictures[2]], ["train", "train", "val"], APART, RULES)
    assert leaks[2] == Match(1, "bytes", None, 0)


def test_a_crowd_that_shares_one_hash_is_still_sorted_by_colour(tmp_path: Path) -> None:
    colours = [f"#{r:02x}{g:02x}30" for r in range(0, 256, 85) for g in range(0, 256, 85)]
    base = facts_of(tmp_path, *(shirt(colour, "rings") for colour in colours))
    crowd = [replace(facts, sha256=f"{n}-{m}", pixel_digest=None) for m in range(5) for n, facts in enumerate(base)]
    duplicates, _ = same_pictures(crowd, ["train"] * len(crowd), APART, RULES)
    alone, _ = same_pictures(base, ["train"] * len(base), APART, RULES)
    for n, match in enumerate(duplicates[len(base) :]):
        first = alone[n % len(base)]
        assert match is not None
        assert match.of == (n % len(base) if first is None else first.of)


def test_a_crowd_is_judged_as_a_few_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = [shirt(f"#{r:02x}{g:02x}{b:02x}", "rings") for r in (30, 120, 220) for g in (40, 140) for b in (50, 200)]
    facts = facts_of(tmp_path, *drawn, *(ImageEnhance.Brightness(each).enhance(1.05) for each in drawn))
    splits = ["train"] * len(drawn) + ["val"] * len(drawn)
    exact = same_pictures(facts, splits, APART, RULES)
    assert [match and match.of for match in exact[1][len(drawn) :]] == list(range(len(drawn)))
    monkeypatch.setattr(similarity, "_CROWD", 0)
    assert same_pictures(facts, splits, APART, RULES) == exact


def test_what_is_not_sure_is_still_never_beyond_the_radius() -> None:
    rng = np.random.default_rng(5)
    left = rng.integers(0, 1 << 64, 400, dtype=np.uint64)
    right = left.copy()
    for flips in range(12):
        right[flips * 30 :] ^= np.uint64(1) << rng.integers(0, 64, len(right[flips * 30 :]), dtype=np.uint64)
    every = {(i, j): d for i, j, d in zip(*(c.tolist() for c in near_pairs(left, right, 10)), strict=True)}
    found = {(i, j): d for i, j, d in zip(*(c.tolist() for c in near_pairs(left, right, 10, 7)), strict=True)}
    assert found.items() <= every.items()
    assert {pair for pair, d in every.items() if d <= 7} <= found.keys()
    assert len(found) >= 0.9 * len(every)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), radius=st.integers(0, 12), self_join=st.booleans())
def test_the_search_equals_brute_force(seed: int, radius: int, self_join: bool) -> None:
    rng = np.random.default_rng(seed)
    left = rng.integers(0, 1 << 64, 120, dtype=np.uint64)
    flipped = left.copy()
    for _ in range(radius + 1):
        flipped ^= np.uint64(1) << rng.integers(0, 64, len(left), dtype=np.uint64)
    left = np.unique(np.concatenate([left, flipped[:60]]))
    right = left if self_join else np.unique(flipped)
    distances = np.bitwise_count(left[:, None] ^ right[None, :])
    near = distances <= radius
    i, j = np.nonzero(np.triu(near, 1) if self_join else near)
    found = near_pairs(left, None if self_join else right, radius)
    assert [column.tolist() for column in found] == [i.tolist(), j.tolist(), distances[i, j].tolist()]


def test_a_radius_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="radius"):
        near_pairs(np.zeros(1, dtype=np.uint64), None, 33)
