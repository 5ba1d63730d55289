"""Outlines and seams on a 100 x 100 grid, y downwards; a product is cut from them in the order given."""

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


def dial(inner: float, outer: float, width: float) -> tuple[Stroke, ...]:
    """Twelve hour marks around the centre, from radius ``inner`` to ``outer``."""
    turns = [(math.sin(math.tau * i / 12), math.cos(math.tau * i / 12)) for i in range(12)]
    marks = [((50 + inner * x, 50 - inner * y), (50 + outer * x, 50 - outer * y)) for x, y in turns]
    return tuple(Stroke(mark, "black", width) for mark in marks)
