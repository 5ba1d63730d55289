"""Damage that libpng refuses and Pillow does not is found; odd but whole PNGs pass."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from helpers import damage
from helpers.scenes import load, saved, scene, words
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from pytest_clipdata.images.intact import png
from pytest_clipdata.images.intact.png import checked_png


def pngs() -> dict[str, bytes]:
    grey = scene().convert("L")
    interlaced = _interlaced(scene(size=(33, 21)))
    return {
        "RGB": saved("png"), "RGBA": saved("png", scene().convert("RGBA")), "L": saved("png", grey),
        "LA": saved("png", grey.convert("LA")), "P": saved("png", scene().quantize(200)),
        "P4": saved("png", scene().quantize(9)), "1": saved("png", scene().convert("1")),
        "16": saved("png", Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)), "interlaced": interlaced,
    }  # fmt: skip


def _interlaced(picture: Image.Image) -> bytes:
    pixels = np.asarray(picture)
    passes = [pixels[top::dy, left::dx] for left, top, dx, dy in png._PASSES]
    rows = b"".join(b"\0" + row.tobytes() for one in passes if one.size for row in one)
    header = struct.pack(">IIBBBBB", *picture.size, 8, 2, 0, 0, 1)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(damage.png_chunk(*chunk) for chunk in chunks)


@pytest.mark.parametrize("mode", pngs())
def test_a_png_s_rows_are_handed_on_as_they_are(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = pngs()[mode]
    whole = PngImageFile(io.BytesIO(data))
    whole.load()
    for most in (png.MAX_KEPT, 10):
        monkeypatch.setattr(png, "MAX_KEPT", most)
        assert (checked_png(data) == data) == (most == 10)
        shown = load(data, "png")
        assert (shown.mode, shown.tobytes(), shown.getpalette()) == (whole.mode, whole.tobytes(), whole.getpalette())


PNG_DAMAGE: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "IDAT checksum": (damage.png_wrong_checksum, "the checksum of its IDAT chunk is wrong"),
    "unknown critical chunk": (damage.png_unknown_critical, "critical chunk (ZZZZ)"),
    "no Adler": (damage.png_without_adler, "the end of its pixel data is missing"),
    "wrong Adler": (
        lambda d: damage.png_with_data(d, damage.png_stream(d)[:-1] + bytes([damage.png_stream(d)[-1] ^ 1])),
        "the checksum of its pixel data is wrong",
    ),
    "half of its rows": (lambda d: damage.png_rows(d, 0.5), "its pixel data ends at row "),
    "without its last row": (lambda d: damage.png_rows(d, 0.999), "its pixel data ends at row "),
    "closed after a cut": (
        lambda d: damage.png_with_data(d, damage.png_stream(d)[: len(damage.png_stream(d)) // 2]),
        "its pixel data ends at row ",
    ),
    "without its end": (lambda d: d[:-12], "the file ends before the picture does"),
}


@pytest.mark.parametrize("mode", pngs())
@pytest.mark.parametrize("fault", PNG_DAMAGE)
def test_a_damaged_png_is_found(mode: str, fault: str) -> None:
    damaged, told = PNG_DAMAGE[fault]
    assert told in words(damaged(pngs()[mode]), "png")


def test_a_png_without_its_palette_is_found() -> None:
    data = saved("png", scene().quantize(200))
    chunks = [chunk for chunk in damage.png_chunks(data) if chunk[0] != b"PLTE"]
    assert "palette" in words(data[:8] + b"".join(damage.png_chunk(*chunk) for chunk in chunks), "png")


def test_an_odd_but_whole_png_passes() -> None:
    plain = saved("png")
    stream = damage.png_stream(plain)
    raw = zlib.decompress(stream)
    load(plain + b"trailing" * 99, "png")
    load(damage.png_with_data(plain, stream + b"junk"), "png")
    load(damage.png_with_data(plain, zlib.compress(raw + bytes(3000))), "png")
    load(plain[:33] + damage.png_chunk(b"abCd", bytes(999)) + plain[33:], "png")
    at = plain.index(b"IDAT") - 4
    pieces = b"".join(damage.png_chunk(b"IDAT", stream[n : n + 7]) for n in range(0, len(stream), 7))
    load(plain[:at] + damage.png_chunk(b"IDAT", b"") + pieces + damage.png_chunk(b"IEND", b""), "png")
    load(saved("png", Image.new("L", (4096, 4096), 7)), "png")


def test_rows_after_another_chunk_are_not_the_picture_s() -> None:
    plain = saved("png")
    stream, at = damage.png_stream(plain), plain.index(b"IDAT") - 4
    parts = [damage.png_chunk(b"IDAT", part) for part in (stream[: len(stream) // 2], stream[len(stream) // 2 :])]
    split = plain[:at] + damage.png_chunk(b"teXt", b"a").join(parts) + damage.png_chunk(b"IEND", b"")
    assert "ends at row" in words(split, "png")


def test_a_png_bomb_costs_little_memory() -> None:
    bomb = damage.png_with_data(saved("png", scene(size=(20, 20))), zlib.compress(bytes(100_000_000)))
    tracemalloc.start()
    try:
        load(bomb, "png")
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
