from __future__ import annotations

from helpers import damage, drawn
from helpers.drawn import encoded, photo
from helpers.tools import RED, finds, judge, passes, skips


def rows(*paths: str) -> list[tuple[str, str, str]]:
    return [(path, RED, "match") for path in paths]


def test_every_allowed_format_passes() -> None:
    small = photo(1, (64, 64))
    files = {f"a.{kind}": encoded(small, kind) for kind in ("jpeg", "png", "webp", "gif", "bmp", "tiff", "avif")}
    passes(rows(*files), "decodable", files=files)


def test_what_does_not_decode_is_found() -> None:
    whole = encoded(photo(1))
    files = {
        "good.jpg": whole,
        "cut.jpg": drawn.cut_off(whole),
        "empty.jpg": b"",
        "text.jpg": b"not a picture, but some text",
        "bomb.png": drawn.bomb(),
        "moving.gif": drawn.animated(),
        "doc.jpg": encoded(photo(1, (32, 32)), "ppm"),
    }
    assert len(files["bomb.png"]) < 2_000_000
    finds(
        rows(*files),
        "decodable",
        {
            3: "cut.jpg does not decode: the file ends before the picture does",
            4: "empty.jpg does not decode: the file is empty",
            5: "text.jpg does not decode: of an unknown format, not one of jpeg png webp gif bmp tiff avif",
            6: "bomb.png does not decode: 20000x20000 pixels, the limit is 128000000",
            7: "moving.gif does not decode: it holds more than one frame",
            8: "doc.jpg does not decode: of an unknown format, not one of jpeg png webp gif bmp tiff avif",
        },
        files=files,
    )


def test_pixels_that_pillow_fills_in_are_missing() -> None:
    jpeg, png = encoded(photo(1)), encoded(photo(1), "png")
    files = {
        "half.jpg": damage.jpeg_cut(jpeg, 0.5),
        "zeros.jpg": damage.jpeg_zeroed(jpeg, 0.5),
        "half.png": damage.png_rows(png, 0.5),
        "sum.png": damage.png_wrong_checksum(png),
    }
    ended = "does not decode: libjpeg: Corrupt JPEG data: premature end of data segment"
    finds(
        rows(*files),
        "decodable",
        {
            2: f"half.jpg {ended}",
            3: f"zeros.jpg {ended}",
            4: "half.png does not decode: its pixel data ends at row 128 of 256",
            5: "sum.png does not decode: the checksum of its IDAT chunk is wrong",
        },
        files=files,
    )


def test_formats_and_pixels_are_settings() -> None:
    files = {"a.jpg": encoded(photo(1)), "b.png": encoded(photo(2, (64, 64)), "png")}
    finds(rows(*files), "decodable", {3: "b.png is a png file, allowed are jpeg"}, 'formats=["jpeg"]', files=files)
    finds(
        rows(*files),
        "decodable",
        {2: "a.jpg does not decode: 256x256 pixels, the limit is 65535"},
        "max_pixels=65535",
        files=files,
    )
    passes(rows(*files), "decodable", "max_pixels=65536", files=files)


def test_a_missing_file_is_not_judged() -> None:
    skips(rows("gone.jpg"), "decodable", "no row could be judged: paths reports 1")


def test_odd_but_sound_pictures_decode() -> None:
    files = {
        "cmyk.jpg": drawn.cmyk(),
        "deep.png": drawn.deep(),
        "alpha.png": drawn.see_through(),
        "turned.jpg": drawn.turned(),
    }
    assert judge(rows(*files), "decodable", files=files)["train.csv"].unexpected == 0
