from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from pytest_clipdata.images.visibility import REDUCED_SIDE, visibility_of

SIDE = REDUCED_SIDE
INSIDE = (slice(28, 84), slice(28, 84))  #: a quarter of the picture


def noise(low: int, high: int, side: int = SIDE, seed: int = 1) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(low, high, (side, side), np.uint8)


def on_white(*channels: int | NDArray[np.uint8]) -> Image.Image:
    """A square of these channels, a quarter of the picture, on white."""
    picture = np.full((SIDE, SIDE, 3), 255, np.uint8)
    for number, channel in enumerate(channels):
        picture[(*INSIDE, number)] = channel if isinstance(channel, int) else channel[INSIDE]
    return Image.fromarray(picture)


def overexposure(picture: Image.Image) -> float:
    return visibility_of(picture).overexposure


def test_overexposure_is_the_clipped_share_of_the_subject_over_what_is_left() -> None:
    # The subject is a quarter of the pixels and counts as a hundredth of all more; one of three channels is clipped.
    # A few pixels of noise are flat by chance, hence the tolerance.
    share = 0.25 / 3 / (0.25 + 0.01)
    assert overexposure(on_white(255, noise(40, 200), noise(40, 200))) == pytest.approx(share / 0.02)
    assert overexposure(on_white(noise(40, 200), noise(40, 200, seed=2), noise(40, 200, seed=3))) == 0
    half = np.where(np.arange(SIDE) < SIDE // 2, np.uint8(255), noise(40, 200))
    left = pytest.approx(share / 2 / (0.125 + 0.02), rel=0.02)
    assert overexposure(on_white(half, noise(40, 200, seed=2), noise(40, 200, seed=3))) == left


def test_without_a_white_background_a_tenth_counts_as_left() -> None:
    picture = np.stack([noise(60, 200, seed=seed) for seed in (1, 2, 3)], 2)
    picture[INSIDE] = 255
    assert overexposure(Image.fromarray(picture)) == pytest.approx(0.25 / 1.01 / 0.1, rel=0.02)


@pytest.mark.parametrize("turn", [None, *Image.Transpose])
def test_a_white_that_reaches_the_border_is_background_and_an_enclosed_one_is_not(turn: Image.Transpose | None) -> None:
    hollow, notched = noise(60, 200), noise(60, 200)
    hollow[44:68, 44:68] = notched[44:, 44:68] = 255
    seen = [on_white(levels, levels, levels) for levels in (hollow, notched)]
    seen = [picture if turn is None else picture.transpose(turn) for picture in seen]
    assert overexposure(seen[0]) > 0
    assert overexposure(seen[1]) == 0


@pytest.mark.parametrize("channel", [0, 128])
def test_black_and_flat_things_are_not_overexposed(channel: int) -> None:
    picture = on_white(255, noise(40, 200), noise(40, 200))
    assert overexposure(picture) > 2
    ImageDraw.Draw(picture).rectangle((40, 40, 70, 70), (channel, channel, channel))
    assert overexposure(picture) == 0


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (3, 3), (5, 90), (112, 112), (113, 400)])
@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("level", [0, 127, 255])
def test_blank_pictures_of_every_size_are_measured(size: tuple[int, int], mode: str, level: int) -> None:
    seen = visibility_of(Image.new("L", size, level).convert(mode))
    assert (seen.brightness, seen.white_point) == (level / 255, level / 255)
    assert (seen.contrast, seen.sharpness, seen.tonal_range) == (0, 0, 0)
    assert (seen.fine_detail, seen.coarse_detail) == (1, 1)


def test_a_grey_picture_is_measured_alike_in_colour() -> None:
    grey = Image.fromarray(noise(0, 256, 200))
    assert visibility_of(grey) == visibility_of(grey.convert("RGB"))


def test_percentiles_and_moments_are_numpy_s() -> None:
    levels = noise(0, 256)
    seen, exact = visibility_of(Image.fromarray(levels)), np.sort(levels.ravel())
    assert seen.brightness == pytest.approx(levels.mean() / 255)
    assert seen.contrast == pytest.approx(levels.std() / 255)
    assert seen.white_point == np.percentile(exact, 99.5, method="inverted_cdf") / 255
    ends = np.percentile(exact, [0.2, 99.8], method="inverted_cdf")
    assert seen.tonal_range == pytest.approx((ends[1] - ends[0]) / 255)


def test_blur_takes_fine_detail_and_a_mirror_takes_nothing() -> None:
    picture = Image.fromarray(noise(0, 256, 224))
    seen, soft = visibility_of(picture), visibility_of(picture.filter(ImageFilter.GaussianBlur(4)))
    assert soft.fine_detail < seen.fine_detail / 2
    mirrored = visibility_of(picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT))
    assert replace(mirrored, fine_detail=0, coarse_detail=0) == replace(seen, fine_detail=0, coarse_detail=0)
    assert mirrored.fine_detail == pytest.approx(seen.fine_detail)
