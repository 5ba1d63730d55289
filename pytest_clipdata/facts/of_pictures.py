"""The facts of an image path: of the file that it names, and of the picture in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from pytest_clipdata.facts.step import Context, Fact, Needs, Step
from pytest_clipdata.images.facts import ImageFacts


def _files(paths: Sequence[str], context: Context) -> Sequence[Sequence[Any]]:
    files = [context.files.get(path) for path in paths]
    return (
        [None if file is None else str(file.status) for file in files],
        [None if file is None else file.problem for file in files],
        [None if file is None else file.key for file in files],
    )


def _of_picture(*values: Callable[[ImageFacts], Any]) -> Callable[[Sequence[str], Context], Sequence[Sequence[Any]]]:
    """What measures facts of a picture, null where there is none: one function for each fact."""

    def measure(paths: Sequence[str], context: Context) -> Sequence[Sequence[Any]]:
        images = []
        for path in paths:
            file = context.files.get(path)
            images.append(None if file is None or file.path is None else context.images.get(file.path))
        return [[None if image is None else value(image) for image in images] for value in values]

    return measure


def _short_side(image: ImageFacts) -> int | None:
    return min(image.width, image.height) if image.width and image.height else None


def _aspect_ratio(image: ImageFacts) -> float | None:
    if not (image.width and image.height):
        return None
    return max(image.width, image.height) / min(image.width, image.height)


FILES = Step(
    "image_path",
    Needs.FILES,
    (
        Fact("path_status", "str", "ok, or what is wrong with the path: reading.file_facts.PathStatus"),
        Fact("path_problem", "str", "the same in words"),
        Fact("image_key", "str", "the resolved file relative to the image root; null if there is none to open"),
    ),
    _files,
)
HEADERS = Step(
    "image_path",
    Needs.HEADER,
    (
        Fact("image_format", "str", "jpeg, png, webp, gif, bmp, tiff or avif"),
        Fact("image_mode", "str", "Pillow's mode; its raw mode for samples of more than 8 bits (RGB;16B)"),
        Fact("image_bytes", "Int64", "size of the file in bytes"),
        Fact("image_width", "Int64", "pixels, as displayed (EXIF rotation applied)"),
        Fact("image_height", "Int64", "pixels, as displayed"),
        Fact("image_short_side", "Int64", "min(width, height)"),
        Fact("image_aspect_ratio", "Float64", "long side divided by short side, >= 1"),
        Fact("image_orientation", "Int8", "EXIF orientation 1..8; 1 is upright"),
    ),
    _of_picture(
        attrgetter("format"),
        attrgetter("mode"),
        attrgetter("bytes"),
        attrgetter("width"),
        attrgetter("height"),
        _short_side,
        _aspect_ratio,
        attrgetter("orientation"),
    ),
)
PIXELS = Step(
    "image_path",
    Needs.PIXELS,
    (
        Fact("image_status", "str", "ok, or what stopped the decoder: images.facts.ImageStatus"),
        Fact("image_error", "str", "the same in words"),
        Fact("image_sha256", "str", "of the file's bytes, 64 hex digits"),
        Fact("image_phash", "str", "64-bit perceptual hash as of imagehash.phash, 16 hex digits"),
        Fact("image_transparent", "boolean", "some pixel is not opaque"),
        Fact("image_brightness", "Float64", "mean luma 0..1 at the 224 pixels that CLIP sees"),
        Fact("image_contrast", "Float64", "standard deviation of that luma, 0..0.5"),
        Fact("image_sharpness", "Float64", "variance of the Laplacian of that luma (in 0..255)"),
        Fact("image_white_point", "Float64", "99.5th percentile of that luma, 0..1"),
        Fact("image_tonal_range", "Float64", "99.8th less 0.2nd percentile of that luma, 0..1"),
        Fact("image_overexposure", "Float64", "clipped share of the subject over the unclipped share of the picture"),
        Fact("image_fine_detail", "Float64", "energy of the Laplacian at 112 pixels divided by that at 56"),
        Fact("image_coarse_detail", "Float64", "energy of the Laplacian at 56 pixels divided by that at 28"),
    ),
    _of_picture(
        attrgetter("status"),
        attrgetter("error"),
        attrgetter("sha256"),
        attrgetter("phash"),
        attrgetter("transparent"),
        attrgetter("brightness"),
        attrgetter("contrast"),
        attrgetter("sharpness"),
        attrgetter("white_point"),
        attrgetter("tonal_range"),
        attrgetter("overexposure"),
        attrgetter("fine_detail"),
        attrgetter("coarse_detail"),
    ),
)
