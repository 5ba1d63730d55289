"""Captions as COCO has them: one JSON with ``images`` (``id``, ``file_name``) and ``annotations`` (``image_id``,
``caption``), each annotation a row, counted from 1."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_clipdata.reading.columns import Columns
from pytest_clipdata.reading.containers import Gathered
from pytest_clipdata.reading.head import Head
from pytest_clipdata.reading.json_text import kind_of, parsed_json, text_of
from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.source import Rows
from pytest_clipdata.reading.splits import split_in_stem, split_of
from pytest_clipdata.reading.strict_text import BOM, flaw_of, quoted

MAX_BYTES = 512 * 1024 * 1024  #: of one file, which is read whole; COCO's own has 92 MB


@dataclass(frozen=True, slots=True)
class CocoSource:
    """One file of COCO captions: see `source.Source`."""

    path: Path  #: absolute
    name: str
    split: str

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.path,)

    @property
    def roots(self) -> tuple[Path, ...]:
        """Where the pictures may lie: beside the file, in the folder above, or in a folder named like the split."""
        word = self.path.stem[len("captions_") :]
        beside = [self.path.parent, self.path.parent.parent]
        names = [*dict.fromkeys((word, self.split)), "images", *(os.path.join("images", n) for n in (word, self.split))]  # noqa: PTH118
        return (*beside, *(folder / name for name in names for folder in reversed(beside)))

    def head(self) -> Head:
        return Head(("file_name", "caption"), own={"image_path": "file_name", "text": "caption"})

    def rows(self, columns: Columns) -> Rows:
        gathered = Gathered()
        found = columns.problem or self._read()
        if isinstance(found, str):
            gathered.wrong(self.name, 1, None, [found])
            return gathered.rows(judgeable=columns.problem is None, keyed=False, warning=None)
        images = _Images(found.get("images"))
        annotations = found.get("annotations")
        if images.problem is not None or not isinstance(annotations, list):
            gathered.wrong(self.name, 1, None, [images.problem or f"annotations is {kind_of(annotations)}, not a list"])
            return gathered.rows(judgeable=True, keyed=False, warning=None)
        for number, annotation in enumerate(annotations, 1):
            if gathered.full:
                break
            path, text, problem = images.row(annotation)
            if problem is None:
                gathered.add(self.name, number, None, path, text, "match")
            else:
                gathered.wrong(self.name, number, None, [problem])
        if not annotations:
            gathered.wrong(self.name, 1, None, ["there are no annotations"])
        return gathered.rows(judgeable=True, keyed=False, warning=None)

    def _read(self) -> Mapping[str, Any] | str:
        """What the file holds, or why it cannot be read."""
        try:
            with open_regular(self.path) as file:
                data = file.read(MAX_BYTES + 1)
        except OSError as error:
            return f"the file cannot be read: {error.strerror or error}"
        if len(data) > MAX_BYTES:
            return f"the file is larger than {MAX_BYTES:,} bytes"
        text = data.decode("utf-8", "surrogateescape")
        del data
        if not text.strip():
            return "the file is empty"
        if text.startswith(BOM):
            return "the file begins with a byte order mark, which JSON does not have: save it without"
        return flaw_of(text) or parsed_json(text)


class _Images:
    """The file names of the pictures by their ids."""

    def __init__(self, images: Any) -> None:
        self.problem = None if isinstance(images, list) else f"images is {kind_of(images)}, not a list"
        self._paths: dict[str, Any] = {}
        self._several: set[str] = set()
        for image in images if isinstance(images, list) else []:
            name = str(image.get("id")) if isinstance(image, dict) else ""
            if name in self._paths:
                self._several.add(name)
            elif name:
                self._paths[name] = image.get("file_name")

    def row(self, annotation: Any) -> tuple[str | None, str | None, str | None]:
        """The path and the text of an annotation, and why it has none."""
        if not isinstance(annotation, dict):
            return None, None, f"is {kind_of(annotation)}, not an object"
        image = annotation.get("image_id")
        name = str(image)
        if image is None or isinstance(image, (dict, list)):
            return None, None, f"'image_id' is {kind_of(image)}, not the id of a picture"
        if name not in self._paths:
            return None, None, f"no picture has the id {quoted(name)}"
        if name in self._several:
            return None, None, f"several pictures have the id {quoted(name)}"
        path, wrong_path = text_of("file_name", self._paths[name])
        text, wrong_text = text_of("caption", annotation.get("caption"))
        return path, text, wrong_path or wrong_text


def coco_split(path: Path) -> str:
    """The split that the name of a file of COCO captions says: ``captions_train2017.json`` is ``train``."""
    words = re.sub(r"(?<=[^\W\d_])\d+", "", path.stem)
    return split_in_stem(words) or split_of(path.stem, path.parent.name)
