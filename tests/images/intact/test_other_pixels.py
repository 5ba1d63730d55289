"""Damage to WebP, AVIF, GIF, TIFF and BMP is found as far as the format can show it; odd but whole files pass."""

from __future__ import annotations

import io
import random
import struct
import tracemalloc
import zlib

import pytest
from helpers import damage
from helpers.scenes import REFUSALS, load, saved, scene, words
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from pytest_clipdata.images.intact.missing import CutShortError
from pytest_clipdata.images.intact.tiff import check_tiff
from pytest_clipdata.images.opening import OPENERS

LOSSY = {"webp": {"quality": 80}, "avif": {"quality": 80, "speed": 9}}
OTHERS = {
    "webp": {"quality": 80}, "lossless webp": {"lossless": True}, "avif": {"quality": 80, "speed": 9}, "gif": {},
    "bmp": {}, "tiff": {}, "lzw tiff": {"compression": "tiff_lzw"},
    "deflate tiff": {"compression": "tiff_adobe_deflate"}, "packbits tiff": {"compression": "packbits"},
    "jpeg tiff": {"compression": "jpeg"},
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("fault", ["half zero", "an eighth zero", "the last byte", "cut"])
def test_another_format_with_zeros_or_too_short_is_found(kind: str, fault: str) -> None:
    name = kind.split()[-1]
    whole = saved(name, **OTHERS[kind])
    load(whole, name)
    damaged = {
        "half zero": damage.zeroed(whole, 0.5),
        "an eighth zero": damage.zeroed(whole, 0.45, 0.575),
        "the last byte": whole[:-1],
        "cut": damage.cut(whole, 0.7),
    }[fault]
    words(damaged, name)


@pytest.mark.parametrize("name", LOSSY)
def test_random_bytes_in_a_lossy_webp_or_avif_are_found(name: str) -> None:
    whole = saved(name, **LOSSY[name])
    missed = 0
    for seed in range(40):
        try:
            load(damage.random_bytes(whole, 600, seed, 700), name)
            missed += 1
        except REFUSALS:
            pass
    assert missed <= 2


def test_the_alpha_plane_of_a_webp_is_judged_too() -> None:
    picture = scene()
    picture.putalpha(scene(1).convert("L"))
    whole = saved("webp", picture, quality=80)
    load(whole, "webp")
    at = whole.index(b"ALPH") + 8
    size = int.from_bytes(whole[at - 4 : at], "little")
    assert "alpha plane" in words(whole[: at + size // 2] + bytes(size - size // 2) + whole[at + size :], "webp")


def test_a_webp_or_avif_of_plain_areas_passes() -> None:
    half = Image.new("RGB", (900, 700))
    half.paste(scene(), (0, 0))
    pictures = [
        Image.new("RGB", size, colour) for size in ((1, 1), (700, 500)) for colour in ("black", "white", "teal")
    ]
    for picture in (*pictures, half, half.convert("RGBA"), Image.new("RGBA", (300, 300))):
        load(saved("avif", picture, speed=9), "avif")
        for options in ({"quality": 80}, {"quality": 2, "method": 0}, {"lossless": True, "method": 0, "quality": 0}):
            load(saved("webp", picture, **options), "webp")


@pytest.mark.parametrize("name", ["bmp", "tiff", "gif"])
def test_black_belongs_into_pictures(name: str) -> None:
    half, box = Image.new("RGB", (300, 200)), Image.new("RGB", (300, 200), "white")
    half.paste(scene(), (0, -100))
    box.paste((0, 0, 0), (40, 50, 90, 150))
    tilted = scene().rotate(2, expand=True)
    for picture in (half, box, tilted, half.transpose(Image.Transpose.ROTATE_180), Image.new("L", (300, 200))):
        load(saved(name, picture), name)


def test_a_gif_without_its_end_mark_is_cut_short_and_trailing_bytes_pass() -> None:
    whole = saved("gif", comment=b"words" * 99)
    with pytest.raises(CutShortError):
        load(whole[:-1], "gif")
    load(whole + b"more", "gif")


def test_a_tiff_without_some_of_its_strips_is_found() -> None:
    whole = bytearray(saved("tiff", compression="tiff_lzw"))
    (at,) = struct.unpack_from("<I", whole, 4)
    (entries,) = struct.unpack_from("<H", whole, at)
    for entry in range(at + 2, at + 2 + 12 * entries, 12):
        tag, _, count = struct.unpack_from("<HHI", whole, entry)
        if tag in (273, 279):
            assert count > 2
            struct.pack_into("<I", whole, entry + 4, count - 1)
    words(bytes(whole), "tiff")


def test_a_deflate_bomb_in_a_tiff_costs_little_memory() -> None:
    whole = saved("tiff", scene(size=(20, 20)), compression="tiff_adobe_deflate")
    tags = TiffImageFile(io.BytesIO(whole)).tag_v2
    bomb = zlib.compress(bytes(50_000_000))
    changed = {tag: tags[tag] for tag in (256, 257, 258, 259, 262, 277, 278)} | {273: 8, 279: len(bomb)}
    tracemalloc.start()
    try:
        check_tiff(bytes(8) + bomb, changed)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


def test_hostile_bytes_raise_nothing_but_what_callers_expect() -> None:
    rng = random.Random(0)
    for kind, options in {**OTHERS, "png": {}, "jpeg": {}}.items():
        name = kind.split()[-1]
        whole = saved(name, scene(size=(64, 48)), **options)
        for _ in range(60):
            data = bytearray(whole)
            for _ in range(4):
                data[rng.randrange(12, min(len(data), 500))] = rng.randrange(256)
            first, second = (_said(bytes(data), name) for _ in range(2))
            assert first == second


def _said(data: bytes, name: str) -> str:
    try:
        load(data, name)
    except Exception as error:
        if not isinstance(error, REFUSALS) and not _pillow_raises(data, name):
            raise
        return type(error).__name__
    return ""


def _pillow_raises(data: bytes, name: str) -> bool:
    try:
        OPENERS[name](io.BytesIO(data)).load()
    except Exception:
        return True
    return False
