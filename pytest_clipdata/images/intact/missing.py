"""What every reader of a picture file raises when pixels are not there."""

from __future__ import annotations


class MissingPixelsError(Exception):
    """The file has not all the pixels that it announces, or they are not the ones that were written.

    ``str(error)`` is stable and made for people: no address, no path, the same for the same bytes.
    """


class CutShortError(MissingPixelsError):
    """The file ends before the picture does."""

    def __init__(self) -> None:
        super().__init__("the file ends before the picture does")
