"""The cuts of the products: outlines and seams on a 100 x 100 grid, y downwards, painted in the order given."""

from __future__ import annotations

import math
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """A filled outline whose corners are rounded by ``cut`` units; ``role`` names its paint (see paint.py)."""

    points: tuple[Point, ...]
    role: str = "main"
    cut: float = 3.0


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line of ``width`` units: a seam, a handle, a lace."""

    points: tuple[Point, ...]
    role: str = "seam"
    width: float = 0.9
    cut: float = 6.0


Cut = tuple[Part | Stroke, ...]


def both(*half: Point) -> tuple[Point, ...]:
    """A symmetric outline from its left half, given from the top of the axis x = 50 to its bottom."""
    return half + tuple((100 - x, y) for x, y in reversed(half) if x != 50)


def oval(x: float, y: float, rx: float, ry: float) -> tuple[Point, ...]:
    turns = [math.tau * i / 48 for i in range(48)]
    return tuple((x + rx * math.cos(t), y + ry * math.sin(t)) for t in turns)


def seam(*points: Point, role: str = "seam", width: float = 0.9, cut: float = 6.0) -> Stroke:
    return Stroke(points, role, width, cut)


def seams(*points: Point, role: str = "seam", width: float = 0.9, cut: float = 6.0) -> tuple[Stroke, Stroke]:
    """A line and its mirror image."""
    return Stroke(points, role, width, cut), Stroke(tuple((100 - x, y) for x, y in points), role, width, cut)


def parts(*points: Point, role: str = "main", cut: float = 2.0) -> tuple[Part, Part]:
    """A part and its mirror image."""
    return Part(points, role, cut), Part(tuple((100 - x, y) for x, y in points), role, cut)


def buttons(x: float, *heights: float, role: str = "pearl", radius: float = 1.2) -> tuple[Part, ...]:
    return tuple(Part(oval(x, y, radius, radius), role, 0) for y in heights)


_SLEEVED = both((50, 24), (43, 21), (39, 14), (25, 19), (16, 45), (8, 78), (18, 82), (28, 46), (28, 68), (27, 88), (50, 89))
_FROM_NECK = both((50, 15), (39, 14), (25, 19), (16, 45), (8, 78), (18, 82), (28, 46), (28, 68), (27, 88), (50, 89))
_TROUSERS_LEG = ((50, 8), (31, 8), (28, 28), (25, 94), (43, 95), (49, 40), (50, 38))

CLOTHES: dict[str, Cut] = {
    "tshirt": (
        Part(oval(50, 17, 10.5, 4.5), "inside", 0),
        Part(both((50, 26), (43, 23), (39, 14), (25, 19), (5, 43), (19, 52), (27, 41), (27, 60), (26, 88), (50, 89))),
        seam((39, 14.5), (43, 24.5), (50, 28), (57, 24.5), (61, 14.5), role="rib", width=2.2),
        *seams((7, 39.5), (21.5, 49)),
        *seams((27, 41), (29.5, 28), (26, 19.5)),
        seam((26, 85), (50, 86), (74, 85)),
    ),
    "polo": (
        Part(oval(50, 16, 10, 4), "inside", 0),
        Part(both((50, 24), (43, 22), (39, 14), (25, 19), (8, 46), (22, 54), (28, 42), (28, 60), (27, 88), (50, 89))),
        Part(((47, 22), (53, 22), (53, 42), (47, 42)), "plain", 1),
        *buttons(50, 27, 32, 37),
        *parts((50, 24), (41, 12), (36, 17), (43, 28), role="trim"),
        *seams((9.5, 43.5), (23.5, 51.5), role="trim", width=2.4),
        seam((27, 85), (50, 86), (73, 85)),
    ),
    "sweater": (
        Part(oval(50, 16, 11, 4.5), "inside", 0),
        Part(_SLEEVED),
        seam((39, 14.5), (43, 22.5), (50, 26), (57, 22.5), (61, 14.5), role="rib", width=3),
        *seams((9, 75.5), (19, 79), role="rib", width=3.4),
        *seams((28, 46), (30, 30), (26, 19.5)),
        seam((27.6, 86), (50, 87), (72.4, 86), role="rib", width=3.6),
    ),
    "hoodie": (
        Part(both((50, 4), (37, 7), (34, 20), (39, 27), (50, 29)), "dark", 6),
        Part(oval(50, 20, 9, 7), "inside", 0),
        Part(both((50, 30), (43, 27), (36, 17), (25, 20), (16, 45), (8, 78), (18, 82), (28, 46), (28, 88), (50, 89))),
        Part(both((50, 58), (38, 58), (32, 74), (32, 79), (50, 79)), "dark", 2),
        *seams((46, 29), (45, 46), role="pearl", width=1.1),
        *seams((9, 75.5), (19, 79), role="rib", width=3),
        seam((28, 86), (50, 87), (72, 86), role="rib", width=3),
    ),
    "shirt": (
        Part(oval(50, 14, 9, 4), "inside", 0),
        Part(_FROM_NECK),
        seam((50, 24), (50, 89), width=1.2),
        *buttons(50, 32, 43, 54, 65, 76),
        *parts((50, 25), (41, 9), (35, 16), (41, 29), role="plain"),
        Part(((57, 38), (68, 38), (68, 50), (62.5, 53), (57, 50)), "plain", 1),
        *seams((9, 74.5), (19, 78)),
    ),
    "dress": (
        Part(both((50, 16), (43, 15), (42, 7), (50, 9)), "inside", 1),
        Part(both((50, 25), (44, 20), (43, 6), (37, 6), (34, 26), (37, 42), (30, 58), (19, 91), (50, 95)), cut=5),
        Part(both((50, 41), (36.6, 41), (36, 46), (50, 46.5)), "trim", 1),
        *seams((42, 48), (35, 92)),
        seam((50, 48), (50, 94)),
    ),
    "skirt": (
        Part(both((50, 22), (35, 22), (31, 32), (13, 84), (50, 90)), cut=5),
        Part(both((50, 17), (34.5, 17), (33, 25), (50, 26)), "dark", 1.5),
        *seams((43, 27), (34, 88)),
        *seams((37, 27), (22, 85)),
        seam((50, 27), (50, 89)),
    ),
    "jeans": (
        Part(both(*_TROUSERS_LEG), cut=1.5),
        *seams((38, 46), (35, 74), role="fade", width=9),
        seam((31, 13), (69, 13)),
        seam((50, 13), (50, 38)),
        seam((50, 30), (55, 27), (55, 13), role="stitch"),
        *seams((32, 22), (39, 21), (41, 13), role="stitch"),
        *seams((26, 90), (43, 91), role="stitch"),
        *seams((36, 8), (36, 13), width=1.8),
        *buttons(50, 10.5, role="brass", radius=1.4),
    ),
    "shorts": (
        Part(both((50, 22), (29, 22), (25, 40), (19, 74), (46, 78), (49, 50), (50, 47)), cut=2),
        Part(both((50, 19), (29, 19), (28, 26), (50, 26)), "dark", 1.5),
        *seams((46, 25), (44, 42), role="pearl", width=1.1),
        *seams((28.5, 33), (35, 33), (37, 26)),
        *seams((20, 70), (46, 74)),
    ),
    "jacket": (
        Part(oval(50, 15, 10, 5), "inside", 0),
        Part(_FROM_NECK),
        *parts((50, 24), (40, 10), (34, 16), (38, 30), (49, 40), role="dark"),
        seam((50, 27), (50, 89), role="metal", width=1.7),
        *seams((33, 64), (42, 56), width=1.4),
        *seams((9, 75), (19, 78.5), role="rib", width=2.6),
        seam((28, 86.5), (50, 87.5), (72, 86.5), role="rib", width=3.4),
    ),
    "coat": (
        Part(oval(50, 12, 8, 4), "inside", 0),
        Part(both((50, 12), (41, 8), (29, 14), (19, 44), (13, 70), (23, 73), (31, 44), (31, 56), (25, 96), (50, 97))),
        *parts((50, 42), (41, 7), (35, 18), (38, 25), (36, 28), role="dark"),
        seam((52, 42), (52, 97), width=1.2),
        *buttons(46, 50, 60, 70, role="black", radius=1.6),
        Part(both((50, 54), (31, 54), (30.6, 58.5), (50, 58.5)), "plain", 1),
        *seams((32, 68), (41, 67), width=1.4),
    ),
    "sunhat": (
        Part(oval(50, 62, 46, 17), "main", 0),
        Part(oval(50, 60, 28, 9), "inside", 0),
        Part(both((50, 22), (36, 24), (28, 40), (26, 60), (50, 68)), cut=8),
        Part(both((50, 58), (27, 51), (26, 60), (50, 68)), "trim", 5),
    ),
    "beanie": (
        Part(oval(50, 17, 10, 9), "trim", 0),
        Part(both((50, 20), (30, 24), (18, 48), (17, 72), (50, 74)), cut=14),
        Part(both((50, 66), (16, 64), (15, 84), (50, 87)), "dark", 4),
        *seams((28, 66), (27, 85)),
        *seams((39, 66), (38.5, 86)),
        seam((50, 66), (50, 87)),
    ),
    "cap": (
        Part(((52, 60), (84, 58), (98, 68), (88, 75), (60, 72)), "trim", 8),
        Part(((14, 68), (15, 44), (32, 27), (56, 26), (74, 42), (79, 64), (46, 70)), "main", 12),
        seam((47, 27), (52, 46), (50, 69)),
        seam((30, 33), (26, 50), (30, 69)),
        Part(oval(46, 26.5, 3, 1.8), "trim", 0),
    ),
    "scarf": (
        Part(((26, 10), (74, 10), (70, 30), (60, 40), (36, 38), (27, 28)), "main", 10),
        Part(((34, 30), (56, 34), (52, 90), (28, 88)), "main", 3),
        Part(((52, 34), (68, 26), (80, 78), (60, 84)), "dark", 3),
        *(seam((x, 88 + x / 40), (x - 1, 95), role="plain", width=1.2) for x in (30, 35, 40, 45, 50)),
        *(seam((x, 84 - (x - 61) / 4), (x + 2, 91 - (x - 61) / 4), role="dark", width=1.2) for x in (63, 68, 73, 78)),
    ),
    "sock": (
        Part(((34, 8), (60, 8), (60, 48), (66, 60), (88, 74), (86, 88), (66, 90), (42, 76), (33, 58)), "main", 8),
        Part(((34, 6), (60, 6), (60, 18), (34, 18)), "trim", 2),
        Part(((76, 67), (90, 76), (87, 89), (70, 90)), "trim", 6),
        Part(((33, 56), (46, 60), (48, 78), (40, 75)), "trim", 5),
    ),
    "sneaker": (
        Part(((6, 70), (8, 38), (24, 34), (34, 44), (56, 50), (84, 62), (95, 70), (94, 76), (8, 77)), "main", 6),
        Part(((78, 60), (92, 64), (96, 72), (94, 77), (74, 77)), "pearl", 5),
        Part(((6, 38), (22, 32), (26, 40), (14, 52), (8, 54)), "trim", 4),
        Part(((4, 74), (96, 74), (97, 82), (90, 86), (10, 86), (4, 82)), "sole", 4),
        *(seam((x, 45 + (x - 38) / 3), (x - 6, 54 + (x - 38) / 3), role="pearl", width=1.5) for x in (38, 45, 52, 59)),
        seam((22, 66), (40, 60), (60, 70), role="trim", width=3.4, cut=12),
    ),
    "boot": (
        Part(((26, 8), (58, 8), (59, 50), (70, 60), (90, 68), (94, 84), (24, 86), (23, 60)), "main", 7),
        Part(((22, 84), (95, 82), (95, 90), (50, 90), (48, 94), (22, 94)), "black", 1.5),
        seam((26, 16), (58, 16), role="dark", width=2),
        *(seam((56, y), (46, y + 3), role="pearl", width=1.3) for y in (26, 34, 42, 50)),
        seam((59, 52), (50, 60), (46, 84), cut=8),
    ),
    "pump": (
        Part(((8, 40), (22, 34), (34, 52), (54, 64), (84, 68), (96, 76), (90, 81), (60, 80), (38, 70), (24, 60), (16, 62), (14, 88), (10, 88)), "main", 5),
        Part(((20, 38), (24, 37), (36, 54), (54, 65), (64, 67), (48, 67), (32, 58)), "inside", 3),
        Part(oval(70, 69, 4, 2.4), "brass", 0),
    ),
}

THINGS: dict[str, Cut] = {
    "handbag": (
        seam((32, 44), (36, 14), (64, 14), (68, 44), role="dark", width=4, cut=16),
        Part(((22, 42), (78, 42), (88, 88), (12, 88)), "main", 6),
        Part(((22, 41), (78, 41), (76, 60), (50, 68), (24, 60)), "dark", 5),
        Part(((46, 62), (54, 62), (54, 71), (46, 71)), "brass", 1.5),
    ),
    "tote": (
        seam((36, 40), (37, 10), (63, 10), (64, 40), role="trim", width=3.4, cut=12),
        Part(((19, 36), (81, 36), (84, 92), (16, 92)), "main", 3),
        seam((19, 40), (81, 40)),
        *seams((36, 38), (36, 50), role="trim", width=3.4),
    ),
    "backpack": (
        seam((42, 14), (44, 6), (56, 6), (58, 14), role="black", width=2.6),
        *parts((20, 40), (13, 50), (14, 80), (22, 86), role="dark", cut=4),
        Part(both((50, 9), (30, 11), (20, 30), (18, 90), (50, 93)), cut=11),
        Part(both((50, 54), (26, 54), (25, 86), (50, 87)), "trim", 5),
        seam((27, 36), (50, 31), (73, 36), role="metal", width=1.3, cut=12),
        seam((28, 60), (72, 60), role="metal", width=1.3),
    ),
    "umbrella": (
        seam((50, 16), (50, 84), (54, 92), (62, 90), (62, 84), role="wood", width=2.2, cut=5),
        Part(both((50, 14), (30, 20), (13, 36), (5, 56), (20, 52), (35, 57), (50, 52)), cut=5),
        *seams((50, 15), (40, 28), (35, 56), cut=12),
        seam((50, 9), (50, 15), role="metal", width=1.4),
    ),
    "watch": (
        Part(((39, 3), (61, 3), (63, 34), (37, 34)), "main", 3),
        Part(((37, 66), (63, 66), (60, 98), (40, 98)), "main", 3),
        Part(oval(50, 50, 24, 24), "metal", 0),
        Part(oval(50, 50, 19.5, 19.5), "sole", 0),
        *(seam((50 + 15 * math.sin(t), 50 - 15 * math.cos(t)), (50 + 18 * math.sin(t), 50 - 18 * math.cos(t)), role="black", width=1)
          for t in (math.tau * i / 12 for i in range(12))),
        seam((50, 50), (50, 37), role="black", width=1.4),
        seam((50, 50), (59, 55), role="black", width=1.8),
    ),
    "mug": (
        seam((66, 36), (92, 38), (90, 70), (64, 72), role="plain", width=6, cut=14),
        Part(((16, 24), (72, 24), (70, 84), (60, 89), (28, 89), (18, 84)), "main", 5),
        Part(oval(44, 24, 28, 7), "rim", 0),
        Part(oval(44, 24.6, 25, 5.4), "inside", 0),
        seam((24, 36), (26, 76), role="glint", width=4),
    ),
    "teapot": (
        seam((76, 44), (96, 44), (94, 76), (74, 72), role="dark", width=5, cut=13),
        Part(((30, 62), (14, 40), (4, 36), (8, 32), (20, 36), (36, 48)), "plain", 5),
        Part(oval(52, 60, 30, 26), "main", 0),
        Part(both((50, 30), (38, 32), (34, 40), (50, 43)), "dark", 5),
        Part(oval(50, 27, 4.5, 4.5), "brass", 0),
        seam((34, 52), (32, 66), role="glint", width=3.6),
    ),
    "bottle": (
        Part(both((50, 16), (43, 16), (43, 28), (32, 42), (32, 92), (36, 95), (50, 95)), cut=5),
        Part(both((50, 5), (42, 5), (42, 17), (50, 17)), "metal", 1.5),
        Part(both((50, 54), (32, 54), (32, 76), (50, 76)), "sole", 0.5),
        seam((40, 61), (60, 61), role="black", width=1.4),
        seam((43, 67), (57, 67), role="seam", width=1.2),
        seam((36.5, 44), (36.5, 88), role="glint", width=2.4),
    ),
    "vase": (
        Part(both((50, 10), (40, 10), (42, 26), (24, 48), (28, 76), (38, 92), (50, 92)), cut=12),
        Part(oval(50, 11.5, 10, 3), "rim", 0),
        Part(oval(50, 11.8, 8, 2), "inside", 0),
        seam((34, 44), (34, 66), role="glint", width=3),
    ),
    "lamp": (
        seam((50, 46), (50, 84), role="brass", width=3),
        Part(oval(50, 88, 20, 5), "brass", 0),
        Part(both((50, 9), (35, 9), (18, 52), (50, 54)), cut=2.5),
        seam((35.5, 11), (64.5, 11), role="trim", width=2),
        seam((19, 50.5), (81, 50.5), role="trim", width=2.4),
    ),
    "chair": (
        seam((27, 60), (22, 96), role="wood", width=4),
        seam((73, 60), (78, 96), role="wood", width=4),
        seam((36, 60), (35, 86), role="wood", width=3),
        seam((64, 60), (65, 86), role="wood", width=3),
        seam((31, 8), (31, 60), role="wood", width=4),
        seam((69, 8), (69, 60), role="wood", width=4),
        Part(((29, 10), (71, 10), (71, 34), (29, 34)), "main", 4),
        Part(((28, 52), (72, 52), (80, 64), (20, 64)), "main", 3),
        Part(((20, 62), (80, 62), (80, 67), (20, 67)), "dark", 2),
    ),
    "armchair": (
        *seams((26, 84), (22, 96), role="wood", width=4),
        Part(both((50, 14), (28, 15), (24, 40), (26, 64), (50, 66)), cut=9),
        Part(both((50, 56), (24, 56), (24, 72), (50, 72)), "plain", 5),
        Part(both((50, 70), (22, 70), (22, 86), (50, 86)), "dark", 3),
        *parts((10, 44), (24, 42), (28, 52), (28, 87), (12, 87), cut=7),
    ),
    "stool": (
        *seams((36, 40), (24, 95), role="wood", width=4.4),
        *seams((45, 40), (42, 88), role="wood", width=3.2),
        seam((30, 70), (70, 70), role="wood", width=2.6),
        Part(((18, 30), (82, 30), (84, 42), (16, 42)), "main", 5),
        Part(oval(50, 30, 32, 7), "rim", 0),
    ),
    "clock": (
        Part(oval(50, 50, 43, 43), "main", 0),
        Part(oval(50, 50, 34, 34), "sole", 0),
        *(seam((50 + 27 * math.sin(t), 50 - 27 * math.cos(t)), (50 + 31.5 * math.sin(t), 50 - 31.5 * math.cos(t)), role="black", width=1.8)
          for t in (math.tau * i / 12 for i in range(12))),
        seam((50, 50), (38, 34), role="black", width=2.6),
        seam((50, 50), (66, 28), role="black", width=1.8),
        Part(oval(50, 50, 2.6, 2.6), "trim", 0),
    ),
    "cushion": (
        Part(both((50, 15), (14, 9), (10, 14), (15, 50), (10, 86), (14, 91), (50, 85)), cut=7),
        seam((16, 15), (20, 50), (16, 85), width=0.7, cut=20),
        seam((84, 15), (80, 50), (84, 85), width=0.7, cut=20),
    ),
    "bowl": (
        Part(both((50, 40), (6, 40), (14, 62), (32, 80), (50, 81)), cut=9),
        Part(((36, 79), (64, 79), (62, 86), (38, 86)), "dark", 1.5),
        Part(oval(50, 40, 44, 11), "rim", 0),
        Part(oval(50, 41, 40, 8.5), "inside", 0),
        seam((20, 56), (32, 70), role="glint", width=3),
    ),
    "planter": (
        *(Part(((50, 62), (50 + dx - 7, y + 12), (50 + dx, y), (50 + dx + 6, y + 14)), "leaf", 6)
          for dx, y in ((-30, 26), (30, 24), (-17, 10), (16, 8), (0, 4), (-36, 44), (36, 42))),
        Part(((24, 58), (76, 58), (69, 94), (31, 94)), "main", 3),
        Part(((21, 55), (79, 55), (78, 64), (22, 64)), "dark", 2),
    ),
    "book": (
        Part(((24, 10), (80, 10), (80, 90), (24, 90)), "sole", 1),
        Part(((20, 8), (76, 8), (76, 88), (20, 88)), "main", 1.5),
        Part(((20, 8), (28, 8), (28, 88), (20, 88)), "dark", 1),
        Part(((37, 22), (68, 22), (68, 42), (37, 42)), "trim", 1),
        seam((41, 29), (64, 29), role="black", width=1.6),
        seam((45, 35), (60, 35), role="black", width=1.2),
    ),
}

CUTS: dict[str, Cut] = CLOTHES | THINGS
