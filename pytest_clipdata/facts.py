"""The facts table: everything measured about a row is a column, nothing is judged.

`COLUMNS` documents every column and its dtype; users write expectations on them. A value that could not be measured
(the file is missing, the picture does not decode, the cell is empty) is null, and Great Expectations leaves nulls out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.dataset import Csv
from pytest_clipdata.images.facts import FileFacts, ImageFacts
from pytest_clipdata.rows import CsvRows

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class Needs(IntEnum):
    """How far a row must be measured for a fact; each step includes those before it."""

    TEXT = 1  #: the cells of the CSVs
    FILES = 2  #: which files exist
    HEADER = 3  #: format and size, from the first bytes of each picture
    PIXELS = 4  #: decoded pictures
    SIMILARITY = 5  #: which pictures are the same


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the facts table: its pandas dtype, what it takes to measure it, what it says."""

    dtype: str
    needs: Needs
    help: str


_TEXT, _FILES, _HEADER, _PIXELS, _SIMILARITY = Needs

COLUMNS: Mapping[str, Column] = {
    "line": Column("int64", _TEXT, "physical line on which the row starts; the header is line 1"),
    "row_problem": Column("str", _TEXT, "why the row did not parse; such a row has no other facts"),
    "image_path": Column("str", _TEXT, "the cell as it stands; null if empty or blank"),
    "text": Column("str", _TEXT, "the cell as it stands; null if empty or blank"),
    "label": Column("str", _TEXT, "the cell as it stands; null if empty or blank"),
    "split": Column("str", _TEXT, "train, val, test, or the name of the CSV"),
    "label_norm": Column("str", _TEXT, "match, mismatch, or the unknown label trimmed and case-folded"),
    "is_match": Column("Int8", _TEXT, "1 for match, 0 for mismatch, null for any other label"),
    "path_status": Column("str", _FILES, "ok, or what is wrong with the path: images.facts.PathStatus"),
    "path_problem": Column("str", _FILES, "the same in words"),
    "image_key": Column("str", _FILES, "the resolved file relative to the image root; null if there is none to open"),
    "image_status": Column("str", _PIXELS, "ok, or what stopped the decoder: images.facts.ImageStatus"),
    "image_error": Column("str", _PIXELS, "the same in words"),
    "image_format": Column("str", _HEADER, "jpeg, png, webp, gif, bmp, tiff or avif"),
    "image_mode": Column("str", _HEADER, "Pillow's mode; its raw mode for samples of more than 8 bits (RGB;16B)"),
    "image_bytes": Column("Int64", _HEADER, "size of the file in bytes"),
    "image_width": Column("Int64", _HEADER, "pixels, as displayed (EXIF rotation applied)"),
    "image_height": Column("Int64", _HEADER, "pixels, as displayed"),
    "image_short_side": Column("Int64", _HEADER, "min(width, height)"),
    "image_aspect_ratio": Column("Float64", _HEADER, "long side divided by short side, >= 1"),
    "image_orientation": Column("Int8", _HEADER, "EXIF orientation 1..8; 1 is upright"),
    "image_sha256": Column("str", _PIXELS, "of the file's bytes, 64 hex digits"),
    "image_phash": Column("str", _PIXELS, "64-bit perceptual hash as of imagehash.phash, 16 hex digits"),
    "image_transparent": Column("boolean", _PIXELS, "some pixel is not opaque"),
    "image_brightness": Column("Float64", _PIXELS, "mean luma 0..1 at the 224 pixels that CLIP sees"),
    "image_contrast": Column("Float64", _PIXELS, "standard deviation of that luma, 0..0.5"),
    "image_sharpness": Column("Float64", _PIXELS, "variance of the Laplacian of that luma (in 0..255)"),
    "word_count": Column("Int64", _TEXT, "words of the text"),
    "token_count": Column(
        "Int64", _TEXT, "CLIP tokens with both end marks; a lower bound if no tokenizer is installed"
    ),
    "text_problem": Column("str", _TEXT, "what is unclean in the text, in words; null if nothing"),
    "text_images": Column("Int64", _SIMILARITY, "different pictures of the split for which the text is a match"),
    "pair_key": Column("str", _SIMILARITY, "equal for rows with the same picture and text, 16 hex digits"),
    "duplicate_row_of": Column("str", _SIMILARITY, "csv:line of the first row of the split with this pair and label"),
    "contradicts": Column("str", _SIMILARITY, "csv:line of the first row with this pair and the other label"),
    "duplicate_of": Column("str", _SIMILARITY, "csv:line of the first row of the split with the same picture"),
    "duplicate_grade": Column("str", _SIMILARITY, "bytes, pixels or perceptual"),
    "duplicate_transform": Column("str", _SIMILARITY, "how the copy is turned: mirrored, rotated 90, ..."),
    "duplicate_distance": Column("Int64", _SIMILARITY, "Hamming distance of the perceptual hashes"),
    "leaks_from": Column("str", _SIMILARITY, "csv:line of the training row with the same picture"),
    "leak_grade": Column("str", _SIMILARITY, "bytes, pixels or perceptual"),
    "leak_transform": Column("str", _SIMILARITY, "how the copy is turned"),
    "leak_distance": Column("Int64", _SIMILARITY, "Hamming distance of the perceptual hashes"),
    "text_leaks_from": Column("str", _TEXT, "csv:line of the training row with the same match text"),
    "training_share": Column("Float64", _TEXT, "share of the dataset's rows that the training split holds"),
    "label_share_gap": Column("Float64", _TEXT, "largest gap between the splits' shares of match rows"),
}


@dataclass(frozen=True, slots=True)
class Measured:
    """What was read of one CSV: its rows and, by the text of the cell, the files that they name."""

    csv: Csv
    rows: CsvRows
    files: Mapping[str, FileFacts]


def label_words(options: Mapping[str, Any]) -> dict[str, str]:
    """The normalised spellings of each label, from the options of the check ``labels``."""
    words = {normalise_label(word): "mismatch" for word in options["mismatch"]}
    return words | {normalise_label(word): "match" for word in options["match"]}


def normalise_label(label: str) -> str:
    """Labels compare case-insensitively and trimmed."""
    return label.strip().casefold()


def table(
    measured: Measured,
    images: Mapping[Path, ImageFacts],
    relations: Mapping[str, Sequence[Any] | np.ndarray[Any, Any]],
    labels: Mapping[str, str],
) -> pd.DataFrame:
    """The facts of one CSV; the index is unnamed and equals the column ``line``.

    ``relations`` holds the columns that compare rows (see `pytest_clipdata.relations`), parallel to the parsed rows.
    """
    import pandas as pd

    rows = measured.rows
    columns: dict[str, Any] = {
        "image_path": rows.image_paths,
        "text": rows.texts,
        "label": rows.labels,
        "split": [measured.csv.split] * len(rows.lines),
        **_label_columns(rows.labels, labels),
        **_text_columns(rows.texts),
        **_image_columns(rows.image_paths, measured.files, images),
        **relations,
    }
    index = pd.Index(rows.lines, dtype="int64")
    series = {
        name: pd.Series(_array(columns[name], column.dtype) if name in columns else None, index, column.dtype)
        for name, column in COLUMNS.items()
        if name not in ("line", "row_problem")
    }
    frame = pd.DataFrame(series, index=index)
    problems = dict(rows.problems)
    if problems:
        frame = frame.reindex(sorted({*rows.lines, *problems}))
    frame.insert(0, "line", frame.index.to_numpy(dtype="int64"))
    frame.insert(1, "row_problem", pd.Series(problems, frame.index, COLUMNS["row_problem"].dtype))
    return frame


def _array(values: Any, dtype: str) -> Any:
    import pandas as pd

    return values if isinstance(values, pd.api.extensions.ExtensionArray) else pd.array(values, dtype=dtype)


def _label_columns(labels: Sequence[str | None], words: Mapping[str, str]) -> dict[str, Any]:
    def measure(label: str) -> tuple[str, int | None]:
        norm = normalise_label(label)
        known = words.get(norm)
        return (known, int(known == "match")) if known else (norm, None)

    return _by_distinct(labels, ("label_norm", "is_match"), lambda distinct: zip(*map(measure, distinct), strict=True))


def _text_columns(texts: Sequence[str | None]) -> dict[str, Any]:
    import numpy as np

    from pytest_clipdata.texts import TokenCounter, count_words, text_problem

    def facts(distinct: list[str]) -> tuple[Any, ...]:
        tokens = TokenCounter().count(distinct)
        words = [count_words(text) for text in distinct]
        # Counts as arrays: pandas looks at each number of a list by itself.
        return np.array(words, dtype=np.int64), np.array(tokens, dtype=np.int64), list(map(text_problem, distinct))

    return _by_distinct(texts, ("word_count", "token_count", "text_problem"), facts)


#: Columns that are fields of ImageFacts under another name.
_IMAGE_FIELDS = {
    name: name.removeprefix("image_")
    for name in COLUMNS
    if name.removeprefix("image_") in ImageFacts.__dataclass_fields__ and name.startswith("image_")
}


def _image_columns(
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

    return _by_distinct(paths, names, lambda distinct: zip(*map(facts, distinct), strict=True))


def _by_distinct(
    values: Sequence[str | None], names: Sequence[str], measure: Callable[[list[str]], Iterable[Sequence[Any]]]
) -> dict[str, Any]:
    """Measure each distinct value once, column by column, and spread the results over the rows; null stays null."""
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(np.array(values, dtype=object))
    columns = measure(list(distinct)) if len(distinct) else [()] * len(names)
    return {
        name: _array(column, COLUMNS[name].dtype).take(codes, allow_fill=True)
        for name, column in zip(names, columns, strict=True)
    }
