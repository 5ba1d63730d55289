"""Copies and others that are hard to tell: by what editing does to cells, by how little there is to see."""

from __future__ import annotations

import numpy as np
import pytest
from helpers.pictures import garment
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps
from test_same_picture import crop, jpeg, matched, padded, shirt, whole

from pytest_clipdata.images.signature import Signatures, sign
from pytest_clipdata.similarity.candidates import candidate_pairs
from pytest_clipdata.similarity.confirmation import Look, confirm


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


def flag() -> Image.Image:
    """Stripes of colours of one luma: a cell aside, every edge is another colour."""
    picture = Image.new("RGB", (400, 240))
    colours = ("#c02020", "#007a3d", "#2040c0", "#a06000", "#107090")
    for n in range(10):
        ImageDraw.Draw(picture).rectangle((0, 24 * n, 400, 24 * n + 23), fill=colours[n % 5])
    ImageDraw.Draw(picture).polygon([(0, 0), (150, 120), (0, 240)], fill="#f0d020")
    return picture


def scene(seed: int = 4) -> Image.Image:
    """No plain background: soft shapes all over the frame, as in a snapshot."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(20, 235, (9, 12, 3), dtype=np.uint8))
    return small.resize((480, 360), Image.Resampling.BICUBIC)


def watermarked(picture: Image.Image) -> Image.Image:
    out = picture.copy()
    at = picture.width * 5 // 8, picture.height * 19 // 20
    ImageDraw.Draw(out).text(at, "(c) a shop of garments", fill="#888888")
    return out


def transparent(picture: Image.Image) -> Image.Image:
    """What is nearly white made transparent, as it is shown on white."""
    pixels = np.array(picture.convert("RGBA"))
    pixels[..., 3] = np.where(pixels[..., :3].min(axis=2) >= 240, 0, 255)
    cut = Image.fromarray(pixels)
    return Image.alpha_composite(Image.new("RGBA", cut.size, "white"), cut).convert("RGB")


COPIES = {
    "a symmetric object, lightened": (plate(), ImageEnhance.Brightness(plate()).enhance(1.1)),
    "a symmetric object, turned": (plate(), plate().transpose(Image.Transpose.ROTATE_90)),
    "a line drawing, cropped": (rings(1), crop(rings(1), 0.02, 0.02, 0.02, 0.02)),
    "a line drawing, mirrored and smaller": (rings(1), ImageOps.mirror(rings(1)).resize((220, 220))),
    "a pale object, lightened a little": (swan(), ImageEnhance.Brightness(swan()).enhance(1.08)),
    "vivid colours, more contrast": (vivid(), ImageEnhance.Contrast(vivid()).enhance(1.2)),
    "a watermark": (shirt(), watermarked(shirt())),
    "a watermark on a snapshot": (scene(), watermarked(scene())),
    "a thin frame on a snapshot": (scene(), ImageOps.expand(scene(), 4, "red")),
    "a thin frame on a thumbnail": (shirt().resize((80, 80)), ImageOps.expand(shirt().resize((80, 80)), 1, "black")),
    "a cut-out on white": (shirt(ground="white"), transparent(shirt(ground="white"))),
    "a cut-out on white that was on cream": (shirt(), transparent(shirt())),
    "a snapshot, lightened and mirrored": (scene(), ImageOps.mirror(ImageEnhance.Brightness(scene()).enhance(1.12))),
}


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_is_found_whatever_editing_did_to_its_cells(kind: str) -> None:
    assert matched(*COPIES[kind]) is not None


@pytest.mark.parametrize("side", range(4))
@pytest.mark.parametrize("kind", ["shirt", "scene"])
def test_a_strip_of_one_side_may_be_gone(side: int, kind: str) -> None:
    picture = shirt() if kind == "shirt" else scene()
    assert matched(picture, crop(picture, *(0.05 if n == side else 0 for n in range(4)))) is not None


@pytest.mark.parametrize("colour", ["white", "black"])
def test_a_snapshot_padded_to_a_square_is_a_copy(colour: str) -> None:
    square = Image.new("RGB", (480, 480), colour)
    square.paste(scene(), (0, 60))
    assert matched(scene(), square) is not None
    assert matched(scene(5), square) is None


OTHERS = {
    "another line drawing": (rings(1), rings(2)),
    "another snapshot": (scene(), scene(5)),
    "another product, padded alike": (padded(shirt(), "black"), padded(shirt("#3050b0"), "black")),
    "the same frame about another picture": (ImageOps.expand(scene(), 24, "red"), ImageOps.expand(scene(5), 24, "red")),
    "the same watermark on another snapshot": (watermarked(scene()), watermarked(scene(5))),
    "half of the picture": (scene(), crop(scene(), 0.5, 0, 0, 0)),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_shared_by_two_pictures_makes_them_no_copies(kind: str) -> None:
    assert matched(*OTHERS[kind]) is None


@pytest.mark.parametrize(("one", "other"), [("dotted", "plain"), ("checked", "zigzag"), ("striped", "zigzag")])
def test_a_print_that_averages_out_is_another_print(one: str, other: str) -> None:
    assert matched(*(garment("tshirt", "red", pattern, seed=3) for pattern in (one, other))) is None


def test_ramps_have_no_shape_and_match_only_where_their_pixels_agree() -> None:
    def ramp(power: float = 1, tint: tuple[float, float, float] = (1.0, 0.9, 0.7)) -> Image.Image:
        levels = 60 + 40 * np.linspace(0, 1, 200)[:, None, None] ** power * np.ones((200, 200, 3))
        return Image.fromarray((levels * tint).astype(np.uint8))

    assert matched(ramp(), ramp().resize((90, 90))) is not None
    assert matched(ramp(), ramp(2)) is None
    assert matched(ramp(), ramp(tint=(0.7, 0.9, 1.0))) is None
    assert matched(ramp(), ImageEnhance.Brightness(ramp()).enhance(1.9)) is None


def sky(seed: int) -> Image.Image:
    """Nothing but a few soft clouds: most signs of its frequencies are noise."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(60, 200, (3, 3, 3), dtype=np.uint8))
    return small.resize((512, 512), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("seed", range(6))
def test_a_soft_picture_is_found_in_its_copies(seed: int) -> None:
    for change in (lambda p: jpeg(p, 60), ImageOps.mirror, lambda p: p.resize((200, 200))):
        assert matched(sky(seed), change(sky(seed))) is not None
    assert matched(sky(seed), sky(seed + 1)) is None


def test_a_thin_line_is_told_by_its_place() -> None:
    def line(x: int) -> Image.Image:
        picture = Image.new("RGB", (300, 300), "white")
        ImageDraw.Draw(picture).line((x, 0, x, 300), fill="#404040", width=3)
        return picture

    assert matched(line(100), line(140)) is None
    assert matched(Image.new("RGB", (300, 300), "white"), line(150)) is None
    assert matched(line(100), line(100).resize((290, 290))) is not None


def test_a_crop_of_a_crop_is_no_copy() -> None:
    once = crop(scene(), 0.05, 0.05, 0.05, 0.05)
    twice = crop(once, 0.05, 0.05, 0.05, 0.05)
    assert matched(scene(), once) is not None
    assert matched(once, twice) is not None
    assert matched(scene(), twice) is None


def test_all_pairs_that_looks_would_call_the_same_are_searched() -> None:
    """Beside brute force: no look at all pairs finds more than looks at the candidates."""
    colours = ("#b03030", "#3050b0", "#309040", "#806020")
    pictures = [shirt(colour, mark) for colour in colours for mark in ("star", "rings")]
    pictures += [ImageOps.mirror(each).resize((300, 280)) for each in pictures]
    looks = [Look.at(whole(each), *each.size, sign(whole(each))) for each in pictures]
    i, j = candidate_pairs(Signatures.joined([each.signature for each in looks]))
    searched = set(zip(i.tolist(), j.tolist(), strict=True))
    count = len(looks)
    brute = {(a, b) for a in range(count) for b in range(a + 1, count) if confirm(looks[a], looks[b]) is not None}
    assert brute == {(n, n + count // 2) for n in range(count // 2)}
    assert brute <= searched
