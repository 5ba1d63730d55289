"""Which split a name says that something is."""

from __future__ import annotations

import re

_SPLITS = {
    "train": "train", "training": "train",
    "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test", "holdout": "test", "eval": "test",
}  # fmt: skip


def split_of(stem: str, folder: str) -> str:
    """The split that a source's stem names, else its folder, else the stem itself."""
    return split_in_stem(stem) or split_of_folder(folder) or stem


def split_of_folder(name: str) -> str | None:
    """``train``, ``val`` or ``test`` if a folder has the name of a split."""
    return _SPLITS.get(name.casefold())


def split_in_stem(stem: str) -> str | None:
    """``train``, ``val`` or ``test`` if the stem is such a word, or has exactly one among its words."""
    words = re.split(r"[\W_]+", stem.casefold())
    splits = [_SPLITS[word] for word in words if word in _SPLITS]
    return splits[0] if len(splits) == 1 else None
