"""How one picture is the same as another, as plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SamePicture:
    """The settings under ``[same_picture]``."""

    radius: int = 10  #: bits of the 64-bit pHash in which copies may differ, 0..16
    #: Share of its colour, 0..1, by which a copy may differ: the unexplained chroma over the chroma, both root mean
    #: squares over the picture, once a saturation from 0.7 to 1.4 is allowed for. 0.35 is a hue turned by 20 degrees.
    colour_tolerance: float = 0.35
    orientations: bool = True  #: find mirrored and turned copies
    crops: bool = True  #: find copies that lack up to 5 % of a side or have a thin border


@dataclass(frozen=True, slots=True)
class Match:
    """How one picture is the same as another."""

    of: int  #: index of the other picture
    grade: str  #: ``bytes``, ``pixels`` or ``perceptual``
    transform: str | None  #: how the picture differs from the other: ``mirrored``, ``rotated 90, cropped``, ...
    distance: int | None  #: pHash bits in which the two differ once turned and cropped alike; 0 for the same bytes


@dataclass(frozen=True, slots=True)
class Likeness:
    """One content is like another: ``orientation`` is how the later one is turned."""

    distance: int
    orientation: int
    cropped: bool
