"""How well one blind baseline tells the label."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """The AUC that a baseline reached on rows that it had not seen, and the one from which it is a shortcut."""

    source: str  #: style, words or picture
    auc: float  #: 0..1
    threshold: float  #: from .60; 1 and more: too few rows to tell
    how: str  #: by what, in words; empty if it is none

    @property
    def is_shortcut(self) -> bool:
        return self.auc >= self.threshold

    @property
    def judged(self) -> bool:
        """Whether there were enough texts or pictures of both labels to tell."""
        return self.threshold < 1
