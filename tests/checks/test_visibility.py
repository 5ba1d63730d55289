from __future__ import annotations

import numpy as np
from helpers.drawn import encoded, photo, shirt
from helpers.pictures import blurred, dark, overexposed
from helpers.tools import RED, finds, judge, passes
from PIL import Image


def rows(*paths: str) -> list[tuple[str, str, str]]:
    return [(path, RED, "match") for path in paths]


def test_products_on_white_and_photos_pass() -> None:
    files = {
        "shirt.png": encoded(shirt("red"), "png"),
        "photo.jpg": encoded(photo(1)),
        "black.jpg": encoded(shirt("black")),
    }
    passes(rows(*files), "visibility", files=files)


def test_what_nobody_could_see_is_found() -> None:
    files = {
        "blank.png": encoded(Image.new("RGB", (256, 256), "grey"), "png"),
        "dark.png": encoded(dark(photo(2)), "png"),
        "bright.png": encoded(overexposed(photo(2)), "png"),
        "blurred.png": encoded(blurred(photo(3)), "png"),
    }
    seen = finds_causes(files)
    assert seen == {
        "blank.png": "is blank",
        "dark.png": "is too dark",
        "bright.png": "is overexposed",
        "blurred.png": "is blurred",
    }


def finds_causes(files: dict[str, bytes], *settings: str) -> dict[str, str]:
    result = judge(rows(*files), "visibility", *settings, files=files)["train.csv"]
    assert all(finding.message.endswith("at the 224 pixels that CLIP sees") for finding in result.findings)
    return {
        str(finding.value): finding.message.removeprefix(f"{finding.value} ").split(" (")[0]
        for finding in result.findings
    }


def test_the_bounds_are_settings() -> None:
    files = {"blank.png": encoded(Image.new("RGB", (256, 256), "grey"), "png")}
    passes(rows(*files), "visibility", "min_contrast=0", "min_sharpness=0", "min_tonal_range=0", files=files)
    finds(
        rows(*files),
        "visibility",
        {2: "blank.png is too dark (brightness 0.502) at the 224 pixels that CLIP sees"},
        "min_contrast=0",
        "min_sharpness=0",
        "min_tonal_range=0",
        "min_brightness=0.6",
        files=files,
    )


def test_each_damage_to_a_photo_is_told_by_its_own_measure() -> None:
    sharp = photo(3, (400, 400))
    faded = sharp.point(lambda level: 110 + level // 10)
    enlarged = sharp.resize((50, 50)).resize((400, 400), Image.Resampling.BICUBIC)
    files = {
        "sharp.png": encoded(sharp, "png"),
        "dim.png": encoded(sharp.point(lambda level: level * 3 // 10), "png"),
        "faded.png": encoded(faded, "png"),
        "enlarged.png": encoded(enlarged, "png"),
    }
    told = finds_causes(files)
    assert "sharp.png" not in told
    assert told["dim.png"] == "is too dark"
    assert told["faded.png"] in ("is faded", "is blank")
    assert "blurred" in told["enlarged.png"]


def test_the_message_names_what_is_broken_most() -> None:
    files = {f"x{share:03}.png": encoded(lit(share / 100), "png") for share in (5, 15, 30)}
    assert set(finds_causes(files).values()) == {"is too dark"}
    pale = photo(5, (400, 400)).point(lambda level: 246 + level // 28)
    white = photo(5, (400, 400)).point(lambda level: 254 + level // 250)
    assert finds_causes({"pale.png": encoded(pale, "png")}) == {"pale.png": "is faded"}
    assert finds_causes({"white.png": encoded(white, "png")}) == {"white.png": "is overexposed"}


def test_five_times_the_light_is_overexposed_but_white_and_vivid_goods_are_not() -> None:
    told = finds_causes({f"{seed}.jpg": encoded(lit(5, seed)) for seed in range(4)})
    assert told == {f"{seed}.jpg": "is overexposed" for seed in range(4)}
    passes(rows("white.jpg", "red.jpg"), "visibility", files={"white.jpg": on_white(232), "red.jpg": on_white(255)})


def lit(times: float, seed: int = 5) -> Image.Image:
    return photo(seed, (400, 400)).point(lambda level: min(255, int(level * times)))


def on_white(red: int) -> bytes:
    """A vest: shaded by folds, a few of which are white, or vivid red."""
    rng = np.random.default_rng(3)
    picture = np.full((400, 400, 3), 255, np.uint8)
    folds = 232 + 14 * np.sin(np.arange(240) / 9) + rng.normal(0, 6, (240, 240))
    for channel, level in enumerate((red - 232, 0, 0) if red < 255 else (12, -190, -180)):
        picture[80:320, 80:320, channel] = np.clip(folds + level, 0, 255)
    picture[80:86, 80:320] = picture[314:320, 80:320] = (120, 60, 60)
    return encoded(Image.fromarray(picture))
