"""The columns that say which rows show the same picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.coded_rows import CodedRows, GroupOf, Measured, combine, first_with, objects
from pytest_clipdata.facts.spread import as_array
from pytest_clipdata.facts.step import Fact, Needs, Relation
from pytest_clipdata.images.facts import ImageFacts, ImageStatus

if TYPE_CHECKING:
    import numpy as np

    from pytest_clipdata.similarity.match import Match
    from pytest_clipdata.similarity.stars import Looks

_NAMED = 20  #: pictures of a group that a finding lists beside the one that it names in its words

COPIES = Relation(
    Needs.SIMILARITY,
    (
        Fact("text_images", "Int64", "different pictures of the split for which the text is a match"),
        Fact("pair_key", "str", "equal for rows with the same picture and text, 16 hex digits"),
        Fact("duplicate_row_of", "str", "file:line of the first row of the split with this pair and label"),
        Fact("contradicts", "str", "file:line of the first row with this pair and the other label"),
        Fact("duplicate_of", "str", "file:line of the first row of the split with the same picture"),
        Fact("duplicate_grade", "str", "bytes, pixels or perceptual"),
        Fact("duplicate_transform", "str", "how the copy is turned: mirrored, rotated 90, ..."),
        Fact("duplicate_distance", "Int64", "of 255 bits of the perceptual hashes those that differ"),
        Fact("leaks_from", "str", "file:line of the row of training or an earlier held-out split with the picture"),
        Fact("leak_grade", "str", "bytes, pixels or perceptual"),
        Fact("leak_transform", "str", "how the copy is turned"),
        Fact("leak_distance", "Int64", "of 255 bits of the perceptual hashes those that differ"),
    ),
    references=frozenset({"duplicate_row_of", "contradicts", "duplicate_of", "leaks_from"}),
)


def picture_columns(
    rows: CodedRows,
    dataset: Sequence[Measured],
    apart: Mapping[str, Sequence[str]],
    images: Mapping[Path, ImageFacts],
    looks: Looks,
) -> tuple[dict[str, Any], dict[str, GroupOf]]:
    """The columns of ``COPIES`` over all rows of a dataset; a reference as the position of the other row, or -1.

    And for two of the references, the rest of the group in which a row's picture is. ``apart`` gives, for a split,
    those with which it may share no picture.
    """
    import numpy as np

    from pytest_clipdata.similarity.stars import contents_of, same_pictures

    unit, pictures, splits = _units(dataset, images)
    duplicates, leaks = same_pictures(pictures, splits, apart, looks)
    # Whether two rows say the same of one picture is asked of equal pictures alone: a look may be wrong.
    contents = contents_of(pictures, range(len(pictures)))
    content = np.array([*(contents[n] for n in range(len(pictures))), -1])[unit]
    first_row = first_with(unit, np.ones(len(unit), dtype=bool))
    columns = {
        **_match_columns(unit, first_row, duplicates, ("duplicate_of", "duplicate")),
        **_match_columns(unit, first_row, leaks, ("leaks_from", "leak")),
    }
    pair = combine(content, rows.text)
    repeated = combine(rows.split, pair, rows.label)
    first = first_with(repeated, np.ones(len(unit), dtype=bool))[repeated]
    columns["duplicate_row_of"] = np.where(first == np.arange(len(first)), -1, first)
    opposite = [first_with(pair, rows.label == label)[pair] for label in (1, 0)]
    columns["contradicts"] = np.where(rows.label < 0, -1, np.where(rows.label == 0, *opposite))
    columns["text_images"] = _images_per_text(rows, content)
    columns["pair_key"] = _pair_keys(pair, content, rows, pictures)
    groups = _Groups(unit, first_row, duplicates)
    rest: dict[str, GroupOf] = {
        "duplicate_of": partial(groups.rest, matches=duplicates),
        "leaks_from": partial(groups.rest, matches=leaks),
    }
    return columns, rest


class _Groups:
    """The pictures of each star, by their first rows."""

    def __init__(
        self, unit: np.ndarray[Any, Any], first_row: np.ndarray[Any, Any], duplicates: Sequence[Match | None]
    ) -> None:
        self._unit, self._first_row, self._duplicates = unit, first_row, duplicates
        self._members: dict[int, list[int]] = {}  # of stars with copies alone: most pictures have none
        for n, match in enumerate(duplicates):
            if match is None:
                continue
            star = self._star(n)
            members = self._members.setdefault(star, [star])  # which comes before all its copies
            if len(members) < _NAMED + 2:  # those that a finding is of and that it names in its words, and the rest
                members.append(n)

    def rest(self, position: int, matches: Sequence[Match | None]) -> list[int]:
        """The first rows of the other pictures of the group of a row's match, the first few of them."""
        n = int(self._unit[position])
        match = matches[n] if n >= 0 else None
        if match is None:
            return []
        members = self._members.get(self._star(match.of), ())
        others = (other for other in members if other not in (n, match.of))
        return [int(self._first_row[other]) for other in islice(others, _NAMED)]

    def _star(self, n: int) -> int:
        match = self._duplicates[n]
        while match is not None:  # an equal picture's first one may be a copy itself
            n, match = match.of, self._duplicates[match.of]
        return n


def _units(
    dataset: Sequence[Measured], images: Mapping[Path, ImageFacts]
) -> tuple[np.ndarray[Any, Any], list[ImageFacts], list[str]]:
    """The distinct (split, file) of the rows in order of first use, each row's number among them (-1: no picture)."""
    import numpy as np
    import pandas as pd

    numbers: dict[tuple[str, Path], int] = {}
    parts = []
    for measured in dataset:
        codes, distinct = pd.factorize(objects(measured.rows.image_paths))
        unit_of = []
        for cell in distinct:
            file = measured.files.get(cell)
            path = None if file is None else file.path
            image = None if path is None else images.get(path)
            if path is None or image is None or image.status is not ImageStatus.OK:
                unit_of.append(-1)
            else:
                unit_of.append(numbers.setdefault((measured.source.split, path), len(numbers)))
        parts.append(np.array([*unit_of, -1])[codes])
    pictures = [images[path] for _, path in numbers]
    return np.concatenate(parts), pictures, [split for split, _ in numbers]


def _match_columns(
    unit: np.ndarray[Any, Any],
    first_row: np.ndarray[Any, Any],
    matches: Sequence[Match | None],
    names: tuple[str, str],
) -> dict[str, Any]:
    """``duplicate_of`` or ``leaks_from`` and the figures of the match."""
    import numpy as np

    other = np.array([first_row[match.of] if match else -1 for match in matches] + [-1])
    columns: dict[str, Any] = {names[0]: other[unit]}
    for part, dtype in (("grade", "str"), ("transform", "str"), ("distance", "Int64")):
        values = as_array([getattr(match, part) if match else None for match in matches], dtype)
        columns[f"{names[1]}_{part}"] = values.take(unit, allow_fill=True)
    return columns


def _images_per_text(rows: CodedRows, content: np.ndarray[Any, Any]) -> Any:
    """For a match row, how many different pictures of its split its text is the match of."""
    import numpy as np
    import pandas as pd

    judged = (rows.label == 1) & (content >= 0) & (rows.text >= 0)
    key = combine(rows.split, rows.text)
    pairs = pd.DataFrame({"key": key[judged], "content": content[judged]}).drop_duplicates()
    counts = np.bincount(pairs["key"].to_numpy(), minlength=key.max(initial=0) + 2)
    values = pd.array(counts[key], dtype="Int64")
    values[~judged] = pd.NA
    return values


def _pair_keys(
    pair: np.ndarray[Any, Any], content: np.ndarray[Any, Any], rows: CodedRows, pictures: Sequence[ImageFacts]
) -> Any:
    """A name for each picture and text that does not depend on the order of rows: a hash of both contents."""
    import numpy as np
    import pandas as pd

    first = first_with(pair, np.ones(len(pair), dtype=bool))[:-1]
    texts = pd.util.hash_array(rows.texts, categorize=False)[rows.text[first]]
    shown = np.array([int(str(picture.sha256)[:16], 16) for picture in pictures], dtype=np.uint64)[content[first]]
    # Multiplied by an odd constant (2**64 over the golden ratio), so that picture and text do not cancel out.
    keys = (texts ^ shown) * np.uint64(0x9E3779B97F4A7C15) + texts
    digits = keys.astype(">u8").tobytes().hex()
    names = [digits[start : start + 16] for start in range(0, len(digits), 16)]
    return pd.array(names, dtype="str").take(pair, allow_fill=True)
