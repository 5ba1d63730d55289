"""Hugging Face's imagefolder: ``metadata.csv``, ``.jsonl`` or ``.parquet`` beside the pictures, one in each folder.

The paths in it start from its own folder, and the split is that of the folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_PLAIN, _NAMED = "file_name", "_file_name"


def is_imagefolder(path: Path) -> bool:
    """Whether a table is the metadata of the pictures in its own folder."""
    return path.stem == "metadata"


def own_columns(path: Path, names: Sequence[str]) -> dict[str, str]:
    """The column of the pictures in an imagefolder's metadata, by role: ``file_name``, else the one ``*_file_name``.

    That is how `datasets` names a picture, or one of several. None of a table that is no imagefolder's, or that has our
    own name.
    """
    if not is_imagefolder(path) or "image_path" in names:
        return {}
    named = [name for name in names if name == _PLAIN or name.endswith(_NAMED)]
    if _PLAIN in named:
        return {"image_path": _PLAIN}
    return {"image_path": named[0]} if len(named) == 1 else {}
