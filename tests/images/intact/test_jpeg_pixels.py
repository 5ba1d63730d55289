"""Damage that libjpeg only warns of is found; odd but whole JPEGs pass."""

from __future__ import annotations

import io
import random
import struct
from collections.abc import Callable

import pytest
from helpers import damage
from helpers.scenes import REFUSALS, load, saved, scene, words
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from pytest_clipdata.images.intact.jpeg import decode_jpeg
from pytest_clipdata.images.intact.missing import CutShortError

JPEGS = {
    "baseline": {}, "progressive": {"progressive": True}, "optimised": {"optimize": True},
    "restart": {"restart_marker_rows": 2}, "444": {"subsampling": "4:4:4"},
}  # fmt: skip
JPEG_DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    **{f"cut at {n} %": lambda d, n=n: damage.jpeg_cut(d, n / 100) for n in range(30, 100, 10)},
    "second half zero": lambda d: damage.jpeg_zeroed(d, 0.5),
    "an eighth zero": lambda d: damage.jpeg_zeroed(d, 0.45, 0.575),
    "an eighth missing": lambda d: damage.jpeg_without(d, 0.3, 0.425),
    "twice the rows": lambda d: damage.jpeg_taller(d, 2),
    "eight times the rows": lambda d: damage.jpeg_taller(d, 8),
    "half the rows": lambda d: damage.jpeg_taller(d, 0.5),
}


@pytest.mark.parametrize("kind", JPEGS)
@pytest.mark.parametrize("fault", JPEG_DAMAGE)
def test_a_damaged_jpeg_is_found(kind: str, fault: str) -> None:
    for mode in ("RGB", "L", "CMYK"):
        whole = saved("jpeg", scene().convert(mode), quality=90, **JPEGS[kind])
        load(whole, "jpeg")
        damaged = JPEG_DAMAGE[fault](whole)
        assert words(damaged, "jpeg") == words(damaged, "jpeg")


@pytest.mark.parametrize("kind", JPEGS)
def test_random_bytes_in_a_jpeg_are_found(kind: str) -> None:
    whole = saved("jpeg", quality=90, **JPEGS[kind])
    missed = 0
    for seed in range(100):
        try:
            load(damage.jpeg_random(whole, 600, seed), "jpeg")
            missed += 1
        except REFUSALS:
            pass
    assert missed <= 2


def test_a_progressive_jpeg_without_its_last_scans_is_found() -> None:
    whole = saved("jpeg", quality=90, progressive=True)
    for count in (1, 3, 6):
        assert "last scans" in words(damage.jpeg_without_last_scans(whole, count), "jpeg")


def test_the_words_for_a_jpeg_are_libjpeg_s_and_a_file_that_ends_is_cut_short() -> None:
    whole = saved("jpeg", quality=90)
    assert words(damage.jpeg_cut(whole, 0.5), "jpeg") == "libjpeg: Corrupt JPEG data: premature end of data segment"
    for cut in (damage.cut(whole, 0.6), whole[:-2], whole[:-2] + b"junk" * 99):
        with pytest.raises(CutShortError):
            load(cut, "jpeg")


def odd_jpegs() -> dict[str, bytes]:
    plain = saved("jpeg", quality=90)
    thumbnail = b"Exif\0\0" + saved("jpeg", scene().resize((160, 120)))
    return {
        "trailing bytes": plain + random.Random(0).randbytes(5000),
        "trailing zeros": plain + bytes(5000),
        "two pictures": plain + plain,
        "thumbnail": plain[:2] + b"\xff\xe1" + struct.pack(">H", len(thumbnail) + 2) + thumbnail + plain[2:],
        "zeros in the metadata": plain[:2] + b"\xff\xe1\x10\x02" + bytes(4096) + plain[2:],
        "bad colour profile": plain[:20] + b"\xff\xe2\0\x12ICC_PROFILE\0\5\2ab" + plain[20:],
        "stray bytes before a segment": plain[:20] + b"abc" + plain[20:],
        "fill bytes": plain[:20] + b"\xff\xff\xff" + plain[20:],
        "JFIF of the future": plain.replace(b"JFIF\0\1\1", b"JFIF\0\x09\x09"),
        "padding before the end": plain[:-2] + bytes(12) + plain[-2:],
        "one pixel": saved("jpeg", scene(size=(1, 1))),
        "flat": saved("jpeg", Image.new("RGB", (900, 700), (200, 30, 30)), optimize=True),
        "black": saved("jpeg", Image.new("L", (900, 700)), optimize=True),
    }


@pytest.mark.parametrize("kind", odd_jpegs())
def test_an_odd_but_whole_jpeg_passes(kind: str) -> None:
    load(odd_jpegs()[kind], "jpeg")


def test_what_concerns_no_pixel_does_not_hide_what_does() -> None:
    plain = saved("jpeg", quality=90)
    for start in (b"abc", b"\xff\xe2\0\x12ICC_PROFILE\0\5\2ab"):
        cut = damage.jpeg_cut(plain, 0.5)
        assert "premature end" in words(cut[:20] + start + cut[20:], "jpeg")


def test_a_jpeg_is_decoded_like_pillow_does() -> None:
    for mode in ("RGB", "L", "CMYK"):
        for size in ((320, 261), (1201, 903), (113, 999)):
            data = saved("jpeg", scene(size=size).convert(mode), quality=90)
            shown, box = decode_jpeg(data, mode, size, 112)
            factor = round(size[0] / box[2])
            picture = JpegImageFile(io.BytesIO(data))
            picture.draft(None, (size[0] // factor, size[1] // factor))
            assert min(shown.size) >= 112
            assert (shown.mode, shown.size) == (picture.mode, picture.size)
            assert shown.tobytes() == picture.tobytes()
