"""Pictures drawn by seeded code: garments and other things as a shop shows them, and photo-like noise."""

from __future__ import annotations

import colorsys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIDE = 512

#: Outlines in a unit square; drawn with a little jitter, so that two shirts have different cuts.
_OUTLINES = {
    "shirt": "30,12 42,17 58,17 70,12 92,30 82,46 73,40 73,90 27,90 27,40 18,46 8,30",
    "dress": "38,8 44,14 56,14 62,8 68,30 62,45 82,92 18,92 38,45 32,30",
    "trousers": "30,8 70,8 78,94 58,94 50,38 42,94 22,94",
    "bag": "15,40 30,40 33,18 67,18 70,40 85,40 80,90 20,90",
    "boot": "34,8 62,8 62,58 88,74 90,90 32,90",
    "hat": "10,68 28,62 34,26 66,26 72,62 90,68 76,78 24,78",
    "mug": "20,18 68,18 68,34 86,34 86,66 68,66 68,86 20,86",
}
_PRINTS = ("stripes", "dots", "star", "rings", "check", "words")


def photo_like(seed: int, side: int = 1000) -> Image.Image:
    """Noise of many scales with correlated colours: compresses like a photograph (about 260 kB at quality 86)."""
    rng = np.random.default_rng(seed)
    out = np.full((side, side, 3), 128.0, dtype=np.float32)
    for cells, level in ((4, 60), (16, 40), (64, 25), (250, 13), (side, 6)):
        grey = rng.normal(size=(cells, cells, 1))
        noise = (0.9 * grey + 0.4 * rng.normal(size=(cells, cells, 3))).astype(np.float32)
        for band in range(3):
            layer = Image.fromarray(noise[..., band]).resize((side, side), Image.Resampling.BICUBIC)
            out[..., band] += level * np.asarray(layer)
    return Image.fromarray(out.clip(0, 255).astype(np.uint8))


def product(seed: int, *, thing: int | None = None, mark: int | None = None) -> Image.Image:
    """A thing with a print on a shop's background, ``SIDE`` square.

    ``seed`` fixes cut, colour, place and background; ``thing`` draws another thing on the same background, ``mark``
    another print on the same thing.
    """
    rng = np.random.default_rng([seed, 1])
    ground = _ground(np.random.default_rng([seed, 2]))
    kind = list(_OUTLINES)[(seed if thing is None else seed + thing) % len(_OUTLINES)]
    shape = np.random.default_rng([seed, 3] if thing is None else [seed, 3, thing])
    colour = _colour(shape)
    points = np.array([[float(v) for v in pair.split(",")] for pair in _OUTLINES[kind].split()])
    points = 50 + (points - 50) * shape.uniform(0.75, 0.95, size=2) + shape.normal(0, 1.5, size=points.shape)
    polygon = [(float(x * SIDE / 100), float(y * SIDE / 100)) for x, y in points]
    mask = Image.new("L", (SIDE, SIDE))
    ImageDraw.Draw(mask).polygon(polygon, fill=255)
    cloth = Image.new("RGB", (SIDE, SIDE), colour)
    _print(cloth, np.random.default_rng([seed, 4, mark or 0]), (seed + (mark or 0)) % len(_PRINTS))
    folds = photo_like(int(shape.integers(1 << 30)), SIDE).convert("L").filter(ImageFilter.GaussianBlur(9))
    shade = 0.75 + 0.5 * np.asarray(folds, dtype=np.float32)[..., None] / 255
    shaded = Image.fromarray((np.asarray(cloth) * shade).clip(0, 255).astype(np.uint8))
    ground.paste(shaded, (0, 0), mask.filter(ImageFilter.GaussianBlur(1)))
    grain = rng.normal(0, 2, size=(SIDE, SIDE, 1))
    return Image.fromarray((np.asarray(ground) + grain).clip(0, 255).astype(np.uint8))


def emblem(seed: int, side: int) -> Image.Image:
    """A print on transparent ground, to lay on any picture."""
    rng = np.random.default_rng([seed, 5])
    cloth = Image.new("RGB", (SIDE, SIDE), _colour(rng))
    _print(cloth, rng, seed % len(_PRINTS))
    inner = cloth.crop((SIDE // 3, SIDE // 3, 2 * SIDE // 3, 2 * SIDE // 3)).resize((side, side))
    inner.putalpha(_disc(side))
    return inner


def cut_out(picture: Image.Image, side: int) -> Image.Image:
    """The middle of a picture as a round object on transparent ground."""
    edge = min(picture.size) // 4
    middle = picture.convert("RGB").crop((edge, edge, picture.width - edge, picture.height - edge)).resize((side, side))
    middle.putalpha(_disc(side))
    return middle


def _disc(side: int) -> Image.Image:
    mask = Image.new("L", (side, side))
    ImageDraw.Draw(mask).ellipse((1, 1, side - 2, side - 2), fill=255)
    return mask


def _colour(rng: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(rng.uniform(), rng.uniform(0.35, 0.95), rng.uniform(0.35, 0.95))
    return round(255 * red), round(255 * green), round(255 * blue)


def _ground(rng: np.random.Generator) -> Image.Image:
    kind = rng.integers(4)
    if kind == 0:
        return Image.new("RGB", (SIDE, SIDE), (255, 255, 255))
    if kind == 1:
        return Image.new("RGB", (SIDE, SIDE), (int(rng.integers(200, 245)),) * 3)
    if kind == 2:
        ramp = np.linspace(rng.uniform(150, 200), 250, SIDE, dtype=np.float32)[:, None, None]
        return Image.fromarray(np.broadcast_to(ramp, (SIDE, SIDE, 3)).astype(np.uint8))
    return photo_like(int(rng.integers(1 << 30)), SIDE).filter(ImageFilter.GaussianBlur(6))


def _print(cloth: Image.Image, rng: np.random.Generator, kind: int) -> None:
    draw, ink, side = ImageDraw.Draw(cloth), _colour(rng), SIDE
    name = _PRINTS[kind]
    step = int(rng.integers(36, 64))
    if name == "stripes":
        for at in range(0, side, step):
            draw.rectangle((0, at, side, at + step // 2), fill=ink)
    elif name == "dots":
        for x in range(0, side, step):
            for y in range(0, side, step):
                draw.ellipse((x, y, x + step * 0.6, y + step * 0.6), fill=ink)
    elif name == "check":
        for at in range(0, side, step):
            draw.rectangle((0, at, side, at + step // 3), fill=ink)
            draw.rectangle((at, 0, at + step // 3, side), fill=ink)
    elif name == "rings":
        for radius in range(110, 10, -28):
            draw.ellipse((256 - radius, 270 - radius, 256 + radius, 270 + radius), outline=ink, width=12)
    elif name == "star":
        corners = [
            (256 + r * np.sin(a), 270 - r * np.cos(a))
            for a, r in zip(np.arange(10) * np.pi / 5, [110, 45] * 5, strict=True)
        ]
        draw.polygon([(float(x), float(y)) for x, y in corners], fill=ink)
    else:
        for line in range(4):
            width = int(rng.integers(60, 110))
            draw.rectangle((256 - width, 200 + 40 * line, 256 + width, 222 + 40 * line), fill=ink)
