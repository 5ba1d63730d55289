"""What ``measure`` says of good, odd and hostile files."""

from __future__ import annotations

import hashlib
import io
import os
import struct
import zlib
from pathlib import Path

import imagehash
import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from pytest_clipdata.images import measure as measuring
from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits
from pytest_clipdata.reading.blob import Blob

LIMITS = Limits()
HEADER = ("format", "mode", "width", "height", "orientation", "bytes")
SAVED = {
    "jpg": {"quality": 90},
    "progressive.jpg": {"quality": 90, "progressive": True},
    "png": {},
    "webp": {"lossless": True},
    "gif": {},
    "bmp": {},
    "tif": {},
    "lzw.tif": {"compression": "tiff_lzw"},
    "avif": {"quality": 80},
}


def scene(seed: int = 0, size: tuple[int, int] = (320, 260)) -> Image.Image:
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (7, 7, 3), dtype=np.uint8)).resize(size, Image.Resampling.BICUBIC)
    grain = np.asarray(coarse) + rng.normal(0, 6, (size[1], size[0], 3))
    return Image.fromarray(grain.clip(0, 255).astype(np.uint8))


def saved(path: Path, picture: Image.Image, **options: object) -> Path:
    picture.save(path, **options)
    return path


def measure(path: Path, limits: Limits, *, pixels: bool) -> ImageFacts:
    return measuring.measure(Blob.of(path), limits, pixels=pixels)


def header(facts: ImageFacts) -> list[object]:
    return [getattr(facts, name) for name in HEADER]


@pytest.mark.parametrize("suffix", SAVED)
def test_a_good_file_gives_every_fact_and_the_header_alone_the_same_header(tmp_path: Path, suffix: str) -> None:
    path = saved(tmp_path / f"a.{suffix}", scene(), **SAVED[suffix])
    facts, head = measure(path, LIMITS, pixels=True), measure(path, LIMITS, pixels=False)
    assert (facts.status, facts.error, facts.width, facts.height) == (ImageStatus.OK, None, 320, 260)
    assert facts.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert None not in (facts.phash, facts.pixel_digest, facts.brightness, facts.signature)
    assert header(facts) == header(head)
    assert head.status is ImageStatus.OK
    assert (head.sha256, head.phash) == (None, None)
    with Image.open(path) as picture:
        assert int(imagehash.phash(picture) - imagehash.hex_to_hash(str(facts.phash))) <= 2


@pytest.mark.parametrize("suffix", SAVED)
@pytest.mark.parametrize("share", [0.6, 0.99])
def test_a_cut_file_is_truncated(tmp_path: Path, suffix: str, share: float) -> None:
    path = saved(tmp_path / f"a.{suffix}", scene(), **SAVED[suffix])
    whole = measure(path, LIMITS, pixels=True)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    facts = measure(path, LIMITS, pixels=True)
    assert (facts.status, facts.phash) == (ImageStatus.TRUNCATED, None)
    assert facts.error == "the file ends before the picture does"
    assert facts.format == whole.format


@pytest.mark.parametrize(("suffix", "end"), [("jpg", 2), ("png", 12)])
def test_a_file_without_its_end_mark_is_truncated(tmp_path: Path, suffix: str, end: int) -> None:
    path = saved(tmp_path / f"a.{suffix}", scene())
    path.write_bytes(path.read_bytes()[:-end])
    facts = measure(path, LIMITS, pixels=True)
    assert (facts.status, facts.width) == (ImageStatus.TRUNCATED, 320)


def test_a_large_jpeg_hashes_like_the_whole_picture(tmp_path: Path) -> None:
    for seed in range(4):
        path = saved(tmp_path / "a.jpg", scene(seed, (1100, 900)), quality=85)
        with Image.open(path) as picture:
            whole = imagehash.phash(picture)
        assert int(whole - imagehash.hex_to_hash(str(measure(path, LIMITS, pixels=True).phash))) <= 2


def test_what_is_no_picture_is_not_allowed(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    for content, words in ((b"<html>", "an HTML page"), (b"%PDF-1.7", "a PDF"), (b"\0" * 99, "of an unknown format")):
        path.write_bytes(content)
        facts = measure(path, LIMITS, pixels=True)
        assert facts.status is ImageStatus.NOT_ALLOWED
        assert str(facts.error).startswith(words)
    path.write_bytes(b"")
    assert measure(path, LIMITS, pixels=True).status is ImageStatus.EMPTY
    saved(tmp_path / "a.ppm", scene())
    assert measure(tmp_path / "a.ppm", LIMITS, pixels=True).status is ImageStatus.NOT_ALLOWED


@pytest.mark.posix
def test_what_is_no_regular_file_is_unreadable_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", ".", "missing", "a\0b"):
        assert measure(tmp_path / name, LIMITS, pixels=True).status is ImageStatus.UNREADABLE


def test_limits_hold_before_decoding_and_the_header_is_told(tmp_path: Path) -> None:
    small = Limits(max_pixels=1000)
    for suffix, options in SAVED.items():
        facts = measure(saved(tmp_path / f"a.{suffix}", scene(), **options), small, pixels=True)
        assert (facts.status, facts.width, facts.height) == (ImageStatus.TOO_LARGE, 320, 260)
    facts = measure(tmp_path / "a.bmp", Limits(max_bytes=1000), pixels=True)
    assert (facts.status, facts.bytes, facts.sha256) == (
        ImageStatus.TOO_LARGE,
        (tmp_path / "a.bmp").stat().st_size,
        None,
    )


def test_a_decompression_bomb_raises_no_warning_of_pillow(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    path = tmp_path / "bomb.png"
    size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(b"\0" * 9)) + chunk(b"IEND", b"")
    )
    facts = measure(path, LIMITS, pixels=True)
    assert (facts.status, facts.width) == (ImageStatus.TOO_LARGE, 60_000)


def test_a_text_bomb_is_too_large(tmp_path: Path) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("a", "x" * 3_000_000, zip=True)
    facts = measure(saved(tmp_path / "a.png", scene(), pnginfo=notes), LIMITS, pixels=True)
    assert facts.status is ImageStatus.TOO_LARGE
    assert "metadata" in str(facts.error)


def test_more_than_one_frame_is_animated(tmp_path: Path) -> None:
    for suffix in ("gif", "webp", "png", "tif", "avif"):
        path = saved(tmp_path / f"a.{suffix}", scene(), save_all=True, append_images=[scene(1)])
        for pixels in (True, False):
            facts = measure(path, LIMITS, pixels=pixels)
            assert (facts.status, facts.width) == (ImageStatus.ANIMATED, 320), suffix


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tif"])
def test_exif_rotation_is_applied_before_measuring(tmp_path: Path, suffix: str) -> None:
    upright = measure(saved(tmp_path / "upright.png", scene()), LIMITS, pixels=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # shown turned clockwise by 90
    turned = scene().transpose(Image.Transpose.ROTATE_90)
    options = {"quality": 95} if suffix == "jpg" else {"lossless": True} if suffix == "webp" else {}
    path = saved(tmp_path / f"a.{suffix}", turned, exif=exif, **options)
    facts = measure(path, LIMITS, pixels=True)
    assert (facts.width, facts.height, facts.orientation) == (320, 260, 6)
    assert header(facts) == header(measure(path, LIMITS, pixels=False))
    assert (int(str(facts.phash), 16) ^ int(str(upright.phash), 16)).bit_count() <= 2
    if suffix != "jpg":
        assert facts.pixel_digest == upright.pixel_digest


def test_equal_pixels_have_equal_digests_and_others_do_not(tmp_path: Path) -> None:
    paths = [
        saved(tmp_path / "a.png", scene(), compress_level=1),
        saved(tmp_path / "b.png", scene(), compress_level=9),
        saved(tmp_path / "c.bmp", scene()),
        saved(tmp_path / "d.webp", scene(), lossless=True),
    ]
    assert len({measure(path, LIMITS, pixels=True).pixel_digest for path in paths}) == 1
    other = scene()
    other.putpixel((5, 5), (1, 2, 3))
    assert (
        measure(saved(paths[0], other), LIMITS, pixels=True).pixel_digest
        != measure(paths[1], LIMITS, pixels=True).pixel_digest
    )


def test_a_jpeg_stripped_of_its_metadata_keeps_its_digest(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "a description"
    plain = saved(tmp_path / "a.jpg", scene(), quality=90)
    noted = saved(tmp_path / "b.jpg", scene(), quality=90, exif=exif, comment=b"words")
    other = saved(tmp_path / "c.jpg", scene(), quality=91)
    a, b, c = (measure(path, LIMITS, pixels=True) for path in (plain, noted, other))
    assert a.sha256 != b.sha256
    assert a.pixel_digest == b.pixel_digest != c.pixel_digest
    dense = saved(tmp_path / "d.jpg", scene(), quality=90, dpi=(300, 300))
    assert measure(dense, LIMITS, pixels=True).pixel_digest == a.pixel_digest


def test_what_tells_a_jpeg_s_colours_counts_as_its_pixels(tmp_path: Path) -> None:
    """Without JFIF and Adobe, components named R, G, B are taken for colours as they are."""
    jfif = saved(tmp_path / "a.jpg", scene(), quality=90).read_bytes()
    without = tmp_path / "b.jpg"
    without.write_bytes(jfif[:2] + jfif[20:])
    adobe = tmp_path / "c.jpg"
    adobe.write_bytes(jfif[:2] + b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0" + jfif[20:])
    digests = {measure(path, LIMITS, pixels=True).pixel_digest for path in (tmp_path / "a.jpg", without, adobe)}
    assert len(digests) == 3


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    rgba = scene().convert("RGBA")
    rgba.putalpha(Image.linear_gradient("L").resize(rgba.size))
    white = Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")
    seen = measure(saved(tmp_path / "a.png", rgba), LIMITS, pixels=True)
    assert seen.transparent is True
    assert seen.pixel_digest == measure(saved(tmp_path / "b.png", white), LIMITS, pixels=True).pixel_digest
    palette = scene().quantize(16)
    clear = measure(saved(tmp_path / "c.png", palette, transparency=palette.getpixel((0, 0))), LIMITS, pixels=True)
    assert (clear.transparent, clear.mode) == (True, "P")
    opaque = scene().convert("RGBA")
    assert measure(saved(tmp_path / "d.png", opaque), LIMITS, pixels=True).transparent is False


def test_odd_modes_hash_like_the_picture_they_show(tmp_path: Path) -> None:
    grey = scene().convert("L")
    plain = int(str(measure(saved(tmp_path / "a.png", grey), LIMITS, pixels=True).phash), 16)
    samples = np.asarray(grey)
    odd = {
        "i16.png": Image.fromarray(samples.astype(np.uint16) * 257),
        "f.tif": Image.fromarray(samples.astype(np.float32) / 255),
        "i.tif": Image.fromarray(samples.astype(np.int32)),
        "cmyk.jpg": scene().convert("CMYK"),
        "cmyk.tif": scene().convert("CMYK"),
        "la.png": grey.convert("LA"),
    }
    for name, picture in odd.items():
        facts = measure(saved(tmp_path / name, picture), LIMITS, pixels=True)
        assert facts.status is ImageStatus.OK, name
        assert (int(str(facts.phash), 16) ^ plain).bit_count() <= 4, name
    nothing = measure(
        saved(tmp_path / "nan.tif", Image.fromarray(np.full((64, 64), np.nan, np.float32))), LIMITS, pixels=True
    )
    assert nothing.status is ImageStatus.OK


def test_sixteen_bit_colour_is_told_by_its_raw_mode(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes(range(6)) * 32 for _ in range(32))
    ihdr = struct.pack(">IIBBBBB", 32, 32, 16, 2, 0, 0, 0)
    path = tmp_path / "a.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    for pixels in (True, False):
        facts = measure(path, LIMITS, pixels=pixels)
        assert (facts.status, facts.mode) == (ImageStatus.OK, "RGB;16B")


def test_visibility_tells_dark_bright_blank_and_blurred(tmp_path: Path) -> None:
    def seen(picture: Image.Image) -> ImageFacts:
        return measure(saved(tmp_path / "a.png", picture), LIMITS, pixels=True)

    black, white = (seen(Image.new("RGB", (300, 300), colour)) for colour in ("black", "white"))
    assert (black.brightness, white.brightness) == (0.0, 1.0)
    assert (black.contrast, white.sharpness) == (0.0, 0.0)
    sharp = seen(scene())
    blurred = seen(scene().resize((20, 16)).resize((320, 260), Image.Resampling.BICUBIC))
    assert float(sharp.sharpness or 0) > 5 * float(blurred.sharpness or 0)


def test_hostile_bytes_never_raise_and_their_words_are_stable(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    path = tmp_path / "a"
    for suffix, options in SAVED.items():
        out = io.BytesIO()
        scene(size=(64, 48)).save(
            out, format=suffix.split(".")[-1].replace("jpg", "jpeg").replace("tif", "tiff"), **options
        )
        for _ in range(12):
            data = bytearray(out.getvalue())
            for at in rng.integers(4, min(len(data), 400), 6):
                data[at] = rng.integers(256)
            path.write_bytes(data)
            facts = measure(path, LIMITS, pixels=True)
            assert facts == measure(path, LIMITS, pixels=True)
            assert not any(word in str(facts.error) for word in (" 0x", "<", str(tmp_path)))


def test_a_tiff_directory_that_names_gigabytes_is_refused(tmp_path: Path) -> None:
    entries = b"".join(struct.pack("<HHII", 40_000 + n, 1, 60_000_000, 8) for n in range(100))
    path = tmp_path / "a.tif"
    path.write_bytes(b"II*\0" + struct.pack("<IH", 8, 100) + entries + b"\0" * 64)
    assert measure(path, LIMITS, pixels=True).status is ImageStatus.TOO_LARGE


def test_an_offset_of_64_bits_is_a_file_cut_short(tmp_path: Path) -> None:
    """Found in Pillow's own test images (seek_too_large.tif): more than an index or a seek of Python takes."""
    box = (1).to_bytes(4, "big") + b"ftyp" + (2**64 - 1).to_bytes(8, "big") + b"avif"
    for name, data in {
        "big.tif": b"II+\0\x08\0\0\0" + (2**64 - 1).to_bytes(8, "little") + b"\0" * 32,
        "far.tif": b"MM\0+\0\x08\0\0" + (2**63).to_bytes(8, "big") + b"\0" * 32,
        "far.avif": b"\0\0\0\x10ftypavif\0\0\0\0" + box,
    }.items():
        path = tmp_path / name
        path.write_bytes(data)
        for pixels in (True, False):
            facts = measure(path, Limits(), pixels=pixels)
            assert (facts.status, facts.error) == (ImageStatus.TRUNCATED, "the file ends before the picture does")


def test_a_machine_short_of_memory_says_nothing_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker makes CRASHED of it, which no cache remembers."""

    def starved(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("pytest_clipdata.images.opening.PngImageFile.load", starved)
    with pytest.raises(MemoryError):
        measure(saved(tmp_path / "a.png", scene()), Limits(), pixels=True)


@pytest.mark.parametrize("pixels", [True, False])
def test_a_picture_within_a_file_is_measured_as_if_it_stood_alone(tmp_path: Path, pixels: bool) -> None:
    for suffix, options in SAVED.items():
        alone = saved(tmp_path / f"a.{suffix}", scene(), **options)
        data = alone.read_bytes()
        shard = tmp_path / "shard"
        shard.write_bytes(b"before" + data + b"after" * 99)
        part = Blob(str(shard), 6, len(data))
        assert measuring.measure(part, LIMITS, pixels=pixels) == measure(alone, LIMITS, pixels=pixels)
        for beyond in (Blob(str(shard), 9999999), Blob(str(shard), 9999999, 7), Blob(str(shard), 6, 0)):
            assert measuring.measure(beyond, LIMITS, pixels=pixels).status is ImageStatus.EMPTY
        large = measuring.measure(part, Limits(max_bytes=len(data) - 1), pixels=pixels)
        assert large.status is ImageStatus.TOO_LARGE


def test_a_picture_whose_file_ends_within_it_is_cut_short(tmp_path: Path) -> None:
    data = saved(tmp_path / "a.png", scene()).read_bytes()
    (tmp_path / "shard").write_bytes(b"before" + data[: len(data) // 2])
    facts = measuring.measure(Blob(str(tmp_path / "shard"), 6, len(data)), LIMITS, pixels=True)
    assert (facts.status, facts.bytes) == (ImageStatus.TRUNCATED, len(data) // 2)
