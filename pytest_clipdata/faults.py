"""Faults: what kind of thing is wrong, and how badly, as values that can be compared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """On which side of its bound a figure is; further out is worse."""

    BELOW = "below"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class Fault:
    """What kind of thing is wrong and how badly, as values: it tells a known fault from a worse one and from another.

    ``kind`` is the fact that was judged (``image_short_side``), or the expectation where it judges no single fact.
    ``value`` is what was seen instead of what should be (``white space at the end``). ``figure`` is what was measured
    where a bound was broken, in the unit of the fact, and ``side`` says which bound.
    """

    kind: str
    value: str | None = None
    figure: float | None = None
    side: Side | None = None

    def covers(self, other: Fault) -> bool:
        """Whether who knows this fault knows ``other``: the same one, and not worse.

        A fraction may be worse by a hundredth of itself: another version of a decoder measures it a little otherwise.
        """
        if (self.kind, self.value, self.side) != (other.kind, other.value, other.side):
            return False
        if self.figure is None or other.figure is None:
            return self.figure == other.figure
        slack = 0.0 if self.figure.is_integer() and other.figure.is_integer() else abs(self.figure) / 100
        worse = self.figure - other.figure if self.side is Side.BELOW else other.figure - self.figure
        return worse <= slack
