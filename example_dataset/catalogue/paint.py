"""Product pictures from outlines: cloth, pattern, light, background. The same arguments give the same pixels."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .clothes import CLOTHES
from .patterns import PATTERNS, RGB, SIDE
from .shapes import Part, Point, Stroke
from .things import THINGS

COLOURS: dict[str, RGB] = {
    "red": (196, 38, 44), "blue": (42, 92, 186), "green": (44, 132, 78), "yellow": (236, 190, 52),
    "orange": (232, 122, 40), "purple": (118, 66, 158), "pink": (232, 134, 164), "teal": (28, 138, 142),
    "brown": (122, 78, 48), "beige": (212, 188, 150), "navy": (36, 48, 92), "black": (48, 48, 54),
    "grey": (128, 132, 138), "white": (238, 236, 230), "olive": (112, 116, 56), "burgundy": (116, 28, 50),
}  # fmt: skip
_ROLES: dict[str, RGB] = {
    "metal": (172, 176, 184), "brass": (202, 164, 84), "wood": (158, 112, 68), "black": (44, 44, 48),
    "sole": (236, 232, 224), "pearl": (240, 236, 226), "leaf": (70, 126, 72), "stitch": (214, 160, 84),
}  # fmt: skip
_BACKGROUNDS: tuple[RGB, ...] = (
    (226, 222, 214), (206, 214, 220), (224, 208, 190), (198, 210, 194), (214, 202, 214), (188, 182, 172),
    (150, 160, 168), (168, 140, 112), (104, 112, 116), (132, 112, 100), (86, 104, 112),
)  # fmt: skip
_HARD = {"ceramic", "glass", "metal", "steel", "plastic"}


def garment(
    kind: str, colour: str, pattern: str = "plain", size: tuple[int, int] = (256, 256), seed: int | str = 0,
    *, accent: str = "white", material: str = "cotton",
) -> Image.Image:  # fmt: skip
    """One product as a catalogue shows it: RGB, ``size`` = (width, height) in pixels.

    ``kind`` is a key of ``CLOTHES`` or ``THINGS``, ``colour`` and ``accent`` keys of ``COLOURS``, ``pattern`` one of
    ``PATTERNS``. The seed decides pose, background and folds: two colours with one seed are the same cut in the same
    pose. A background too near the product's own colour is passed over, so the two need not share it.
    """
    cloth = random.Random(f"cloth/{kind}/{seed}")
    product = _product(kind, COLOURS[colour], COLOURS[accent], pattern, material, cloth)
    rng = random.Random(f"scene/{kind}/{seed}")
    width, height = 2 * size[0], 2 * size[1]
    flat = kind in CLOTHES
    backdrop = _background(rng, (width, height), COLOURS[colour], flat)
    scale = min(width, height) * rng.uniform(0.88, 1.02) / SIDE
    angle = math.radians(rng.uniform(-16, 16) if flat else rng.uniform(-4, 4))
    flip = -1 if rng.random() < 0.5 else 1
    shift = (rng.uniform(-0.05, 0.05) * width, rng.uniform(-0.04, 0.04) * height)
    cos, sin = math.cos(angle) / scale, math.sin(angle) / scale
    x, y = width / 2 + shift[0], height / 2 + shift[1]
    half = SIDE / 2
    pose = (flip * cos, flip * sin, half - flip * (cos * x + sin * y), -sin, cos, half + sin * x - cos * y)
    posed = product.transform((width, height), Image.Transform.AFFINE, pose, Image.Resampling.BICUBIC)
    alpha = posed.getchannel("A")
    reach = width // 40
    shadow = ImageChops.offset(alpha, reach, reach * (1 if flat else 2)).filter(ImageFilter.GaussianBlur(reach))
    backdrop.paste(_scaled(backdrop, 0.55), mask=shadow.point(lambda v: v * 7 // 10))
    backdrop.paste(posed, mask=alpha)
    picture = backdrop.resize(size, Image.Resampling.LANCZOS)
    return _lit(picture, _noise(rng, size, 1, 1, 5))


def photo(seed: int | str, size: tuple[int, int] = (256, 256)) -> Image.Image:
    """A picture as busy as a photograph, unlike that of any other seed: RGB, ``size`` = (width, height) in pixels."""
    rng = random.Random(f"photo/{seed}")
    channels = [Image.frombytes("L", (6, 6), rng.randbytes(36)).resize(size, Image.Resampling.BICUBIC) for _ in "rgb"]
    picture = Image.merge("RGB", channels)
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y, r = rng.random() * size[0], rng.random() * size[1], rng.uniform(0.05, 0.2) * min(size)
        corners = [(x + r * math.cos(t), y + r * math.sin(t)) for t in sorted(rng.uniform(0, 6.28) for _ in range(7))]
        draw.polygon(corners, fill=tuple(rng.randbytes(3)))
    return _lit(picture.filter(ImageFilter.GaussianBlur(0.7)), _noise(rng, size, 1, 1, 10))


# The product ---------------------------------------------------------------------------------------------------------


def _product(kind: str, colour: RGB, accent: RGB, pattern: str, material: str, rng: random.Random) -> Image.Image:
    """The product alone on a transparent square."""
    layer = Image.new("RGBA", (SIDE, SIDE))
    plain = _lit(Image.new("RGB", (SIDE, SIDE), colour), _texture(material, rng))
    cloth = _lit(PATTERNS[pattern](Image.new("RGB", (SIDE, SIDE), colour), accent, rng), _texture(material, rng))
    fills = {
        "main": cloth, "plain": plain, "dark": _scaled(plain, 0.74), "rib": _scaled(plain, 0.86),
        "inside": _scaled(plain, 0.45), "rim": _lit(plain, Image.new("L", (SIDE, SIDE), 150)),
        "trim": _lit(Image.new("RGB", (SIDE, SIDE), accent), _texture(material, rng)),
    }  # fmt: skip
    hard = material in _HARD
    folds = _cylinder() if hard else _noise(rng, (SIDE, SIDE), 90, 160, 60)
    for element in (CLOTHES | THINGS)[kind]:
        mask = _mask(element)
        if element.role in {"seam", "glint", "fade"}:
            tone, share = {"seam": (20, 0.42), "glint": (255, 0.5), "fade": (255, 0.22)}[element.role]
            if element.role != "seam":
                mask = mask.filter(ImageFilter.GaussianBlur(3 if element.role == "glint" else 14))
            inked = Image.new("RGBA", layer.size, (tone, tone, tone, 255))
            inside = ImageChops.darker(mask.point(lambda v, s=share: int(v * s)), layer.getchannel("A"))
            colours = Image.composite(inked, layer, inside)
            colours.putalpha(layer.getchannel("A"))
            layer = colours
            continue
        fill = fills.get(element.role) or Image.new("RGB", layer.size, _ROLES[element.role])
        shaded = _lit(_lit(fill, _relief(mask, 14 if isinstance(element, Part) else 4)), folds)
        layer.paste(shaded.convert("RGBA"), mask=mask)
    return layer


def _mask(element: Part | Stroke) -> Image.Image:
    """Where the element is, anti-aliased by drawing it at twice the size."""
    grid = 2 * SIDE / 100
    image = Image.new("L", (2 * SIDE, 2 * SIDE))
    draw = ImageDraw.Draw(image)
    if isinstance(element, Part):
        draw.polygon([(x * grid, y * grid) for x, y in _rounded(element.points, element.cut, closed=True)], fill=255)
    else:
        points = [(x * grid, y * grid) for x, y in _rounded(element.points, element.cut, closed=False)]
        draw.line(points, fill=255, width=max(2, round(element.width * grid)), joint="curve")
        radius = element.width * grid / 2
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return image.reduce(2)


def _rounded(points: Sequence[Point], cut: float, *, closed: bool) -> list[Point]:
    """The outline with every corner replaced by a quadratic curve that starts ``cut`` units before it."""
    if cut <= 0 or len(points) < 3:
        return list(points)
    count = len(points)
    path: list[Point] = [] if closed else [points[0]]
    for i in range(count) if closed else range(1, count - 1):
        corner = points[i]
        ends = []
        for other in (points[i - 1], points[(i + 1) % count]):
            length = math.dist(corner, other) or 1.0
            share = min(cut / length, 0.5)
            ends.append((corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share))
        for step in range(9):
            t = step / 8
            a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
            path.append(
                (a * ends[0][0] + b * corner[0] + c * ends[1][0], a * ends[0][1] + b * corner[1] + c * ends[1][1])
            )
    return path if closed else [*path, points[-1]]


# Light: a map of greys, 128 where nothing changes --------------------------------------------------------------------


def _lit(image: Image.Image, light: Image.Image) -> Image.Image:
    return ImageChops.overlay(image, Image.merge("RGB", (light, light, light)))


def _scaled(image: Image.Image, share: float) -> Image.Image:
    return image.point(lambda v: int(v * share))


def _relief(mask: Image.Image, radius: int) -> Image.Image:
    """Edges towards the light, at the upper left, are bright, those away from it dark."""
    soft = mask.resize((SIDE // 2, SIDE // 2)).filter(ImageFilter.GaussianBlur(radius / 2))
    step = radius // 3
    lower, upper = ImageChops.offset(soft, step, step), ImageChops.offset(soft, -step, -step)
    return ImageChops.subtract(upper, lower, scale=2.2, offset=128).resize(mask.size, Image.Resampling.BILINEAR)


def _noise(rng: random.Random, size: tuple[int, int], wide: int, high: int, strength: int) -> Image.Image:
    """Greys around 128, ``strength`` up and down at most, in grains of ``wide`` x ``high`` pixels."""
    grains = (max(2, size[0] // wide), max(2, size[1] // high))
    coarse = Image.frombytes("L", grains, rng.randbytes(grains[0] * grains[1]))
    return coarse.resize(size, Image.Resampling.BICUBIC).point(lambda v: 128 + (v - 128) * strength // 128)


def _cylinder() -> Image.Image:
    """Bright at the left third, dark at the right: what a round hard thing looks like beside a window."""
    row = Image.new("L", (SIDE, 1))
    row.putdata([int(128 + 42 * math.cos(2.6 * (x / SIDE - 0.34))) - 18 for x in range(SIDE)])
    return row.resize((SIDE, SIDE))


def _texture(material: str, rng: random.Random) -> Image.Image:
    wide, high, strength = {
        "denim": (3, 9, 34), "wool": (5, 5, 40), "knit": (4, 7, 44), "linen": (9, 3, 26), "leather": (8, 8, 16),
        "suede": (5, 5, 22), "straw": (14, 4, 52), "wood": (90, 4, 40), "canvas": (4, 4, 24), "silk": (60, 90, 44),
        "velvet": (30, 60, 36), "corduroy": (7, 400, 60),
    }.get(material, (3, 3, 5 if material in _HARD else 16))  # fmt: skip
    return _noise(rng, (SIDE, SIDE), wide, high, strength)


# Backgrounds ---------------------------------------------------------------------------------------------------------


def _luma(colour: RGB) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def _background(rng: random.Random, size: tuple[int, int], product: RGB, flat: bool) -> Image.Image:
    """A table seen from above for what lies flat, a wall and a floor for what stands; never the product's own tone."""
    order = rng.sample(_BACKGROUNDS, len(_BACKGROUNDS))
    apart = [colour for colour in order if sum(abs(a - b) for a, b in zip(colour, product, strict=True)) > 150]
    colour, other = apart[0], apart[1]
    image = Image.new("RGB", size, colour)
    style = rng.choice(("studio", "boards", "linen", "split") if flat else ("studio", "floor", "floor", "boards"))
    if style == "boards":
        draw = ImageDraw.Draw(image)
        image.paste(_lit(image, _noise(rng, size, 240, 8, 34)))
        step = size[1] // rng.choice((4, 5, 6))
        for y in range(rng.randrange(step), size[1], step):
            draw.line((0, y, size[0], y), fill=tuple(v * 6 // 10 for v in colour), width=3)
    elif style == "linen":
        image = _lit(_lit(image, _noise(rng, size, 3, 14, 24)), _noise(rng, size, 14, 3, 24))
    elif style == "split":
        edge = rng.uniform(0.25, 0.75)
        tilt = rng.uniform(-0.25, 0.25)
        corners = [((edge + tilt) * size[0], 0), (size[0], 0), (size[0], size[1]), ((edge - tilt) * size[0], size[1])]
        ImageDraw.Draw(image).polygon(corners, fill=other)
    elif style == "floor":
        image = _lit(image, _noise(rng, size, 6, 6, 10))
        horizon = int(size[1] * rng.uniform(0.66, 0.84))
        floor = _lit(Image.new("RGB", (size[0], size[1] - horizon), tuple(v * 8 // 10 for v in other)),
                     _noise(rng, (size[0], size[1] - horizon), 160, 6, 30))  # fmt: skip
        image.paste(floor, (0, horizon))
    vignette = Image.radial_gradient("L").resize(size).point(lambda v: 150 - v * 60 // 255)
    return _lit(image, vignette)
