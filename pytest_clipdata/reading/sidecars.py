"""Sidecars: a folder of pictures with a text file of the same name beside each, ``shirt_041.jpg`` and ``.txt``.

A picture without one is a row without a text, a text without a picture a row whose picture is missing. A text is all
that its file holds but the line ends behind it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from pytest_clipdata.reading.columns import Columns
from pytest_clipdata.reading.containers import Gathered
from pytest_clipdata.reading.head import Head
from pytest_clipdata.reading.kinds import is_image
from pytest_clipdata.reading.regular import open_regular
from pytest_clipdata.reading.source import Rows
from pytest_clipdata.reading.splits import split_of_folder
from pytest_clipdata.reading.strict_text import MAX_CELL, flaw_of

#: The name of the source in its folder: ``#`` stands for the pictures' names.
NAME = "#.txt"
_ENDING = ".txt"
#: Texts beside pictures that belong to none of them.
_OTHER_TEXTS = frozenset({
    "readme", "license", "licence", "copying", "notice", "changelog", "classes", "labels", "requirements", "credits",
    "attribution", "attributions", "sources", "metadata", "info", "notes", "todo", "captions", "filelist", "files",
})  # fmt: skip


def are_sidecars(names: Iterable[str]) -> bool:
    """Whether the files of a folder, by their names, are pictures of which at least half have a text of their own."""
    names = list(names)
    texts = {name[: -len(_ENDING)] for name in names if name.lower().endswith(_ENDING)}
    pictures = [os.path.splitext(name)[0] for name in names if is_image(name)] if texts else []  # noqa: PTH122
    return bool(pictures) and 2 * sum(stem in texts for stem in pictures) >= len(pictures)


@dataclass(frozen=True, slots=True)
class SidecarSource:
    """One folder of pictures with texts: see `source.Source`. ``path`` is the folder's and `NAME`."""

    path: Path  #: absolute
    name: str
    split: str

    @property
    def files(self) -> tuple[Path, ...]:
        """The source itself: its texts are as many as its pictures, and nobody names them one by one."""
        return (self.path,)

    def head(self) -> Head:
        return Head(("image", "txt"), own={"image_path": "image", "text": "txt"})

    def rows(self, columns: Columns) -> Rows:
        gathered = Gathered()
        folder = self.name[: -len(NAME)]
        if columns.problem is not None:
            gathered.wrong(self.name, 1, None, [columns.problem])
            return gathered.rows(judgeable=False, keyed=False, warning=None)
        try:
            rows = pictures_and_texts(self._names())
        except OSError as error:
            gathered.wrong(self.name, 1, None, [f"the folder cannot be read: {error.strerror}"])
            rows = []
        for picture, text_file in rows:
            if gathered.full:
                break
            text, problem = (None, None) if text_file is None else _text(self.path.parent / text_file)
            place = folder + (picture if text_file is None else text_file)
            if problem is None:
                gathered.add(place, 1, None, picture, text, "match")
            else:
                gathered.wrong(place, 1, None, [problem])
        return gathered.rows(judgeable=True, keyed=False, warning=None)

    def texts(self) -> list[Path]:
        """The texts. Raises OSError if the folder cannot be listed."""
        return [self.path.parent / name for name in self._names() if name.lower().endswith(_ENDING)]

    def _names(self) -> list[str]:
        with os.scandir(self.path.parent) as entries:
            return sorted(entry.name for entry in entries if not entry.name.startswith("."))


def pictures_and_texts(names: Collection[str]) -> list[tuple[str, str | None]]:
    """Each picture with the text of its name, in the order of the names. A text alone has the name of the picture that
    is missing, with the ending that most others have."""
    texts = {name[: -len(_ENDING)]: name for name in names if name.lower().endswith(_ENDING)}
    pictures = {name: os.path.splitext(name)[0] for name in names if is_image(name)}  # noqa: PTH122
    endings = Counter(name[len(stem) :] for name, stem in pictures.items())
    ending = min(endings, key=lambda ending: (-endings[ending], ending), default="")
    rows = [(name, texts.get(stem)) for name, stem in pictures.items()]
    stems = set(pictures.values())
    rows += [(stem + ending, name) for stem, name in texts.items() if stem not in stems and _named(stem)]
    return sorted(rows, key=lambda row: row[0])


def _named(stem: str) -> bool:
    """Whether a text is named like one of a picture."""
    return stem.casefold() not in _OTHER_TEXTS and split_of_folder(stem) is None


def _text(path: Path) -> tuple[str | None, str | None]:
    """What a text file holds, and why it cannot be read."""
    try:
        with open_regular(path) as file:
            data = file.read(4 * MAX_CELL + 1)
    except OSError as error:
        return None, f"the text cannot be read: {error.strerror or error}"
    text = data.decode("utf-8", "surrogateescape").rstrip("\r\n")
    if len(text) > MAX_CELL:
        return None, f"the text is longer than {MAX_CELL:,} characters"
    return text, flaw_of(text)
