"""What is printed on cloth: each pattern draws with the second colour on a square of the first."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable

from PIL import Image, ImageDraw

RGB = tuple[int, int, int]
SIDE = 640  #: pixels of the square on which a product is painted before it is posed


def _plain(image: Image.Image, accent: RGB, rng: random.Random) -> Image.Image:
    return image


def _bands(image: Image.Image, accent: RGB, boxes: Iterable[tuple[float, float, float, float]]) -> Image.Image:
    draw = ImageDraw.Draw(image)
    for box in boxes:
        draw.rectangle(box, fill=accent)
    return image


def _striped(image: Image.Image, accent: RGB, rng: random.Random) -> Image.Image:
    step = rng.choice((44, 54, 66))
    return _bands(image, accent, ((0, y, SIDE, y + step * 0.42) for y in range(step // 2, SIDE, step)))


def _pinstriped(image: Image.Image, accent: RGB, rng: random.Random) -> Image.Image:
    step = rng.choice((28, 34))
    return _bands(image, accent, ((x, 0, x + 6, SIDE) for x in range(step // 2, SIDE, step)))


def _checked(image: Image.Image, accent: RGB, rng: random.Random) -> Image.Image:
    step = rng.choice((56, 68))
    across = _bands(image.copy(), accent, ((0, y, SIDE, y + step // 2) for y in range(0, SIDE, step)))
    along = _bands(image, accent, ((x, 0, x + step // 2, SIDE) for x in range(0, SIDE, step)))
    return Image.blend(across, along, 0.5)


def _dotted(image: Image.Image, accent: RGB, rng: random.Random) -> Image.Image:
    step = rng.choice((44, 54))
    draw = ImageDraw.Draw(image)
    for row in range(SIDE // step + 1):
        for column in range(SIDE // step + 1):
            x, y = column * step + row % 2 * step / 2, row * step
            draw.ellipse((x - step / 5, y - step / 5, x + step / 5, y + step / 5), fill=accent)
    return image


def _floral(image: Image.Image, accent: RGB, rng: random.Random) -> Image.Image:
    draw = ImageDraw.Draw(image)
    for row in range(9):
        for column in range(9):
            x, y = column * 78 + row % 2 * 39 + rng.uniform(-9, 9), row * 78 + rng.uniform(-9, 9)
            turn, r = rng.uniform(0, 1.2), rng.uniform(9, 12)
            for petal in range(5):
                a = turn + petal * math.tau / 5
                px, py = x + 1.25 * r * math.cos(a), y + 1.25 * r * math.sin(a)
                draw.ellipse((px - r, py - r, px + r, py + r), fill=accent)
            draw.ellipse((x - 7, y - 7, x + 7, y + 7), fill=(232, 180, 60))
    return image


def _zigzag(image: Image.Image, accent: RGB, rng: random.Random) -> Image.Image:
    draw = ImageDraw.Draw(image)
    step = rng.choice((70, 84))
    for y in range(-step, SIDE + step, step):
        line = [(x * 40, y + (x % 2) * 40) for x in range(SIDE // 40 + 2)]
        draw.line(line, fill=accent, width=step // 3, joint="curve")
    return image


def _two_tone(image: Image.Image, accent: RGB, rng: random.Random) -> Image.Image:
    return _bands(image, accent, [(0, SIDE * 0.56, SIDE, SIDE)])


PATTERNS = {
    "plain": _plain, "striped": _striped, "pinstriped": _pinstriped, "checked": _checked, "dotted": _dotted,
    "floral": _floral, "zigzag": _zigzag, "two-tone": _two_tone,
}  # fmt: skip
