"""Hugging Face's imagefolder: ``metadata.csv``, ``.jsonl`` or ``.parquet`` beside the pictures, one in each folder.

The paths in it start from its own folder, and the split is that of the folder.
"""

from __future__ import annotations

from pathlib import Path


def is_imagefolder(path: Path) -> bool:
    """Whether a table is the metadata of the pictures in its own folder."""
    return path.stem == "metadata"
