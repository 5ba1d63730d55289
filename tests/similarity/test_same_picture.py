"""Which pictures are taken for the same and which are not; whatever order, batch or size."""

from __future__ import annotations

import io

import imagehash
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from pytest_clipdata.images.signature import INVERSE, SIGNATURE_BYTES, Raster, Signatures, raster, sign, turn
from pytest_clipdata.similarity.candidates import candidate_pairs
from pytest_clipdata.similarity.confirmation import Look, confirm
from pytest_clipdata.similarity.match import Copy
from pytest_clipdata.similarity.ways import turned


def jpeg(picture: Image.Image, quality: int = 90) -> Image.Image:
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def pixels_of(picture: Image.Image) -> Raster:
    return raster(picture, (0.0, 0.0, *map(float, picture.size)), None)


def look(picture: Image.Image) -> Look:
    shown = jpeg(picture)
    return Look.at(pixels_of(shown), *shown.size)


def matched(a: Image.Image, b: Image.Image, **options: bool) -> Copy | None:
    one, other = look(a), look(b)
    verdict = confirm(one, other, **options)
    back = confirm(other, one, **options)
    assert (verdict is None) == (back is None), "a verdict depends on the order of its two pictures"
    pair = Signatures.joined([one.signature, other.signature])
    if verdict is not None:
        assert len(candidate_pairs(pair, **options)[0]) == 1, "a match that no search would have looked at"
    return verdict


def shirt(colour: str = "#b03030", mark: str = "star", ground: str = "#f4f4f0") -> Image.Image:
    picture = Image.new("RGB", (400, 400), ground)
    draw = ImageDraw.Draw(picture)
    outline = [(120, 50), (165, 70), (235, 70), (285, 45), (370, 120), (330, 190), (295, 160), (290, 360), (110, 365)]
    draw.polygon([*outline, (108, 165), (70, 185), (30, 125)], fill=colour)
    for x in range(130, 280, 25):
        draw.line((x, 200, x + 8, 350), fill="#402020", width=3)
    if mark == "star":
        draw.polygon(
            [(200, 100), (225, 170), (270, 190), (220, 215), (200, 290), (180, 215), (130, 190), (175, 170)],
            fill="white",
        )
    elif mark == "rings":
        for radius in (70, 50, 30):
            draw.ellipse((200 - radius, 190 - radius, 200 + radius, 190 + radius), outline="black", width=11)
    return picture


def crop(picture: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    width, height = picture.size
    return picture.crop(
        (round(width * left), round(height * top), round(width * (1 - right)), round(height * (1 - bottom)))
    )


def padded(picture: Image.Image, colour: str) -> Image.Image:
    narrow = picture.crop((40, 0, 340, 400))
    out = Image.new("RGB", (400, 400), colour)
    out.paste(narrow, (50, 0))
    return out


COPIES = {
    "quality 40": (lambda p: jpeg(p, 40), None),
    "half size": (lambda p: p.resize((200, 200)), None),
    "squeezed": (lambda p: p.resize((224, 300)), None),
    "brighter": (lambda p: ImageEnhance.Brightness(p).enhance(1.15), None),
    "darker": (lambda p: ImageEnhance.Brightness(p).enhance(0.85), None),
    "more contrast": (lambda p: ImageEnhance.Contrast(p).enhance(1.2), None),
    "less contrast": (lambda p: ImageEnhance.Contrast(p).enhance(0.8), None),
    "more colourful": (lambda p: ImageEnhance.Color(p).enhance(1.2), None),
    "paler": (lambda p: ImageEnhance.Color(p).enhance(0.8), None),
    "framed in black": (lambda p: ImageOps.expand(p, 6, "black"), None),
    "framed in white": (lambda p: ImageOps.expand(p, 6, "white"), None),
    "crop 5 %": (lambda p: crop(p, 0.05, 0.05, 0.05, 0.05), "cropped"),
    "left crop": (lambda p: crop(p, 0.05, 0, 0, 0), "cropped"),
    "top crop": (lambda p: crop(p, 0, 0.05, 0, 0), "cropped"),
    "mirrored": (ImageOps.mirror, "mirrored"),
    "flipped": (ImageOps.flip, "flipped"),
    "rotated 90": (lambda p: p.transpose(Image.Transpose.ROTATE_270), "rotated 90"),
    "rotated 180": (lambda p: p.transpose(Image.Transpose.ROTATE_180), "rotated 180"),
    "rotated 270": (lambda p: p.transpose(Image.Transpose.ROTATE_90), "rotated 270"),
    "transposed": (lambda p: p.transpose(Image.Transpose.TRANSPOSE), "transposed"),
    "transversed": (lambda p: p.transpose(Image.Transpose.TRANSVERSE), "transversed"),
    "mirrored, cropped": (lambda p: crop(ImageOps.mirror(p), 0.05, 0.05, 0.05, 0.05), "mirrored, cropped"),
}


@pytest.mark.parametrize("kind", COPIES)
def test_a_copy_is_found_and_told_how_it_was_made(kind: str) -> None:
    change, transform = COPIES[kind]
    match = matched(shirt(), change(shirt()))
    assert match is not None
    if "framed" not in kind:
        assert match.transform == transform


@pytest.mark.parametrize("colour", ["white", "black"])
def test_padding_to_a_square_is_a_copy(colour: str) -> None:
    assert matched(shirt().crop((40, 0, 340, 400)), padded(shirt(), colour)) is not None


def test_the_transform_is_undone_the_other_way_round() -> None:
    for how, forth, back in (("ROTATE_270", "rotated 90", "rotated 270"), ("ROTATE_90", "rotated 270", "rotated 90")):
        a, b = look(shirt()), look(shirt().transpose(Image.Transpose[how]))
        assert (confirm(a, b).transform, confirm(b, a).transform) == (forth, back)


OTHERS = {
    "another colour": shirt("#3050b0"),
    "another colour of one lightness": shirt("#2c6a2c"),
    "a near colour": shirt("#b05030"),
    "another print": shirt(mark="rings"),
    "no print": shirt(mark="none"),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_another_picture_is_no_copy(kind: str) -> None:
    assert matched(shirt(), OTHERS[kind]) is None
    assert matched(shirt(), ImageOps.mirror(OTHERS[kind])) is None


def pack(seed: int, share: float) -> Image.Image:
    """A pack on white, whose print covers a share of it; another seed is another print."""
    picture = Image.new("RGB", (500, 600), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((100, 60, 400, 540), fill="#2a6f97")
    draw.rectangle((120, 80, 380, 130), fill="#f4d35e")
    rng = np.random.default_rng(seed)
    side = (300 * 480 * share) ** 0.5
    left, top = 250 - side * 0.75, 320 - side / 1.5 / 2
    for row in range(3):
        for column in range(6):
            if rng.random() < 0.5:
                x, y = left + column * side / 4, top + row * side / 4.5
                draw.rectangle((x, y, x + side / 4 - 1, y + side / 4.5 - 1), fill="#f8f9fa")
    return picture


@pytest.mark.parametrize("share", [0.04, 0.06, 0.1])
def test_packs_that_differ_in_their_print_are_different(share: float) -> None:
    differ = [
        np.mean(np.abs(np.asarray(pack(n, share), dtype=int) - np.asarray(pack(0, share))).max(axis=2) > 32)
        for n in range(1, 9)
    ]
    foreground = 300 * 480 / (500 * 600)
    told = [n for n, part in enumerate(differ, 1) if part / foreground >= 0.02]
    for n in told:
        assert matched(pack(0, share), pack(n, share)) is None, f"{differ[n - 1] / foreground:.3f} of the pack differs"


def test_grey_copies_are_matches_only_if_asked_for() -> None:
    grey = shirt().convert("L").convert("RGB")
    assert matched(shirt(), grey) is None
    match = matched(shirt(), grey, grey=True)
    assert match is not None
    assert match.transform == "grey"


def test_blank_pictures_match_only_those_of_their_colour() -> None:
    def plain(colour: str) -> Image.Image:
        return Image.new("RGB", (300, 300), colour)

    assert matched(plain("#80a0c0"), plain("#81a0c0")) is not None
    assert matched(plain("red"), plain("blue")) is None
    assert matched(plain("#808080"), plain("#909090")) is None
    marked = plain("white")
    ImageDraw.Draw(marked).line((150, 0, 150, 300), fill="#404040", width=3)
    assert matched(plain("white"), marked) is None


def test_a_symmetric_picture_has_sure_bits_only_where_it_has_detail() -> None:
    plate = Image.new("RGB", (400, 400), "white")
    ImageDraw.Draw(plate).ellipse((60, 60, 339, 339), fill="#969696")
    plate = plate.filter(ImageFilter.GaussianBlur(20))
    sure = Signatures.unpack([sign(pixels_of(plate))]).sure[0, 0]
    assert np.bitwise_count(sure[0]) > 8
    assert np.bitwise_count(sure[1:]).sum() == 0
    assert matched(plate, ImageEnhance.Brightness(plate).enhance(1.1)) is not None


def test_the_bits_of_the_whole_are_imagehash_s() -> None:
    for picture in (shirt(), shirt("#204060", "rings"), pack(3, 0.1)):
        pixels = pixels_of(picture)
        expected = imagehash.phash(Image.fromarray(pixels), hash_size=16).hash
        words = Signatures.unpack([sign(pixels)]).bits[0, 0]
        got = np.unpackbits(words.astype(">u8").view(np.uint8)).reshape(4, 8, 8)
        parts = [expected[row::2, column::2] for row in (0, 1) for column in (0, 1)]
        assert np.array_equal(got, np.array(parts))


@pytest.mark.parametrize("orientation", range(8))
def test_sure_bits_turn_with_the_picture(orientation: int) -> None:
    pixels = pixels_of(shirt())
    had = Signatures.unpack([sign(pixels)])
    got = Signatures.unpack([sign(np.ascontiguousarray(turn(pixels, orientation)))])
    bits, sure, views = turned(had.bits[0], had.sure[0], orientation)
    both = sure[views] & got.sure[0]
    assert np.bitwise_count(both).sum(axis=1).min() > 150
    assert np.bitwise_count((bits[views] ^ got.bits[0]) & both).sum() <= 2
    assert np.array_equal(turn(turn(pixels, orientation), INVERSE[orientation]), pixels)


def test_a_signature_is_small() -> None:
    assert len(sign(pixels_of(shirt()))) == SIGNATURE_BYTES <= 1200


def test_which_pictures_are_compared_depends_on_these_two_alone() -> None:
    pictures = [shirt(colour, mark) for colour in ("#b03030", "#3050b0", "#309040") for mark in ("star", "rings")]
    pictures += [ImageOps.mirror(each) for each in pictures] + [
        Image.new("RGB", (90, 90), c) for c in ("white", "#fefefe")
    ]
    signatures = [look(each).signature for each in pictures]
    count = len(pictures)
    together = set(zip(*(side.tolist() for side in candidate_pairs(Signatures.joined(signatures))), strict=True))
    alone = {
        (i, j)
        for i in range(count)
        for j in range(i + 1, count)
        if len(candidate_pairs(Signatures.joined([signatures[i], signatures[j]]))[0])
    }
    order = np.random.default_rng(1).permutation(count)
    shuffled = candidate_pairs(Signatures.joined([signatures[n] for n in order]))
    again = {tuple(sorted((int(order[i]), int(order[j])))) for i, j in zip(*shuffled, strict=True)}
    assert together == alone == again
    assert together


def test_a_crowd_of_one_hash_is_compared_within_itself() -> None:
    one = look(shirt()).signature
    white = look(Image.new("RGB", (50, 50), "white")).signature
    i, j = candidate_pairs(Signatures.joined([one] * 300 + [white] * 300))
    assert len(i) == 2 * 300 * 299 // 2
    assert not ((i < 300) & (j >= 300)).any()
