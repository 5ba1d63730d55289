"""How one picture is the same as another, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_clipdata.settings.declared import SAME_PICTURE

#: Raise it whenever a second look says something else of two pictures, so that what was said before is not believed.
LOOK_VERSION = 2


@dataclass(frozen=True, slots=True)
class SamePicture:
    """The settings under ``[same_picture]``."""

    grey: bool = SAME_PICTURE.options["grey"].default  #: a grey copy of a coloured picture is the same picture


@dataclass(frozen=True, slots=True)
class Copy:
    """How one picture is a copy of another to the eye."""

    transform: str | None  #: how it differs from the other: ``mirrored``, ``rotated 90, cropped``, ``grey``, ...
    distance: int  #: of 255 sign bits those that differ once both are turned and cropped alike


@dataclass(frozen=True, slots=True)
class Match:
    """How one picture is the same as another."""

    of: int  #: index of the other picture
    grade: str  #: ``bytes``, ``pixels`` or ``perceptual``
    transform: str | None  #: see `Copy`
    distance: int | None  #: see `Copy`; 0 for the same bytes or pixels
