"""The facts of an image path: of the file that it names, and of the picture in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.images.facts import ImageFacts
from pytest_clipdata.reading.file_facts import FileFacts

if TYPE_CHECKING:
    pass
from pytest_clipdata.facts.columns import COLUMNS
from pytest_clipdata.facts.spread import by_distinct

#: Columns that are fields of ImageFacts under another name.
_IMAGE_FIELDS = {
    name: name.removeprefix("image_")
    for name in COLUMNS
    if name.removeprefix("image_") in ImageFacts.__dataclass_fields__ and name.startswith("image_")
}


def image_columns(
    paths: Sequence[str | None], files: Mapping[str, FileFacts], images: Mapping[Path, ImageFacts]
) -> dict[str, Any]:
    names = ("path_status", "path_problem", "image_key", "image_short_side", "image_aspect_ratio", *_IMAGE_FIELDS)

    def facts(path: str) -> tuple[Any, ...]:
        file = files.get(path)
        if file is None:
            return (None,) * len(names)
        image = images.get(file.path) if file.path is not None else None
        if image is None:
            return (str(file.status), file.problem, file.key, *(None,) * (len(names) - 3))
        short = ratio = None
        if image.width and image.height:
            short = min(image.width, image.height)
            ratio = max(image.width, image.height) / short
        fields = [getattr(image, field) for field in _IMAGE_FIELDS.values()]
        return (str(file.status), file.problem, file.key, short, ratio, *fields)

    return by_distinct(paths, names, lambda distinct: zip(*map(facts, distinct), strict=True))
