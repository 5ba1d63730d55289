"""What a file is by its name. Nothing is imported: a hook asks at every commit."""

from __future__ import annotations

_CONTAINERS = (".tar", ".parquet")
_SOURCES = (".csv", ".tsv", ".jsonl", ".ndjson", *_CONTAINERS)
_TEXTS = (".txt",)  # beside pictures
_IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
SETTINGS = "clipdata.toml"


def is_image(name: str) -> bool:
    """Whether a file's name is that of a picture."""
    return name.lower().endswith(_IMAGES)


def is_picture_or_text(name: str) -> bool:
    """Whether a file's name is that of a picture, or of a text that may lie beside one."""
    return name.lower().endswith((*_IMAGES, *_TEXTS))


def is_container(name: str) -> bool:
    """Whether a file's name is that of a source in which pictures may lie."""
    return name.lower().endswith(_CONTAINERS)


def is_coco(name: str) -> bool:
    """Whether a file's name is that of COCO captions."""
    return name.lower().startswith("captions_") and name.lower().endswith(".json")


def concerns_data(name: str) -> bool:
    """Whether a file's name is that of a source, a picture or our settings."""
    return name.lower().endswith((*_SOURCES, *_IMAGES, *_TEXTS)) or is_coco(name) or name == SETTINGS
