"""The formats of pictures that are ever given to a decoder."""

from __future__ import annotations

#: As ``ImageFacts.format`` and the check ``decodable`` name them; told by the first bytes of a file.
FORMATS = ("jpeg", "png", "webp", "gif", "bmp", "tiff", "avif")
