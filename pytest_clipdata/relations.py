"""What rows have to do with each other: repeats, contradictions, shared texts, copies of pictures, leaks.

Everything here is a column of the facts table that takes more than one row to fill. Rows are compared over the whole
dataset; "first" is the order of `Dataset.csvs` (the training split leads) and then of lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts import Measured, normalise_label
from pytest_clipdata.images.facts import ImageFacts, ImageStatus
from pytest_clipdata.texts import normalise

if TYPE_CHECKING:
    import numpy as np

    from pytest_clipdata.similarity import Match, SamePicture


def relate(
    dataset: Sequence[Measured],
    training: str | None,
    images: Mapping[Path, ImageFacts] | None,
    rules: SamePicture | None,
    labels: Mapping[str, str],
) -> dict[str, dict[str, Any]]:
    """The relational columns of every CSV, by CSV name and column, parallel to its parsed rows.

    Without ``images`` (the run needs no similarity) only the columns that compare texts and counts are there.
    """
    rows = _Rows(dataset, labels)
    columns = {"text_leaks_from": _text_leaks(rows, training), **_shares(rows, training)}
    if images is not None and rules is not None:
        columns |= _picture_columns(rows, dataset, training, images, rules)
    return {
        measured.csv.name: {name: values[rows.slices[number]] for name, values in columns.items()}
        for number, measured in enumerate(dataset)
    }


class _Rows:
    """All parsed rows of a dataset, as parallel arrays.

    ``split``, ``text`` and ``label`` are integer codes, -1 where missing; ``label`` is 1 for match, 0 for mismatch.
    """

    def __init__(self, dataset: Sequence[Measured], labels: Mapping[str, str]) -> None:
        import numpy as np
        import pandas as pd

        self.csvs = [measured.csv.name for measured in dataset]
        lengths = [len(measured.rows.lines) for measured in dataset]
        ends = np.cumsum([0, *lengths])
        self.slices = [slice(start, end) for start, end in pairwise(ends)]
        self.csv = np.repeat(np.arange(len(dataset)), lengths)
        self.line = np.concatenate([np.array(measured.rows.lines, dtype=np.int64) for measured in dataset])
        self.splits = list(dict.fromkeys(measured.csv.split for measured in dataset))
        self.split = np.repeat([self.splits.index(measured.csv.split) for measured in dataset], lengths)
        codes, distinct = pd.factorize(_objects(text for measured in dataset for text in measured.rows.texts))
        merged, self.texts = pd.factorize(_objects(map(normalise, distinct)))
        self.text = np.append(merged, -1)[codes]
        codes, distinct = pd.factorize(_objects(label for measured in dataset for label in measured.rows.labels))
        known = [{"match": 1, "mismatch": 0}.get(labels.get(normalise_label(label), ""), -1) for label in distinct]
        self.label = np.array([*known, -1])[codes]

    def refer(self, positions: np.ndarray[Any, Any]) -> Any:
        """``csv:line`` of the row at each position, null for -1."""
        import numpy as np
        import pandas as pd

        refs = np.full(len(positions), None, dtype=object)
        for index in np.flatnonzero(positions >= 0):
            other = positions[index]
            refs[index] = f"{self.csvs[self.csv[other]]}:{self.line[other]}"
        return pd.array(refs, dtype="str")


def _objects(values: Any) -> np.ndarray[Any, Any]:
    import numpy as np

    return np.array([*values, None], dtype=object)[:-1]


def _first_with(keys: np.ndarray[Any, Any], chosen: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """For each key code, the first chosen position that has it, -1 if none; ``keys`` are codes >= -1."""
    import numpy as np

    first = np.full(keys.max(initial=-1) + 2, -1)
    positions = np.flatnonzero(chosen & (keys >= 0))[::-1]
    first[keys[positions]] = positions
    return first


def _combine(*parts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """One code for each combination of codes; -1 where any of them is."""
    import numpy as np
    import pandas as pd

    missing = np.logical_or.reduce([part < 0 for part in parts])
    combined = parts[0].astype(np.int64)
    for part in parts[1:]:
        combined = pd.factorize(combined * (part.max(initial=0) + 1) + part)[0]
    return np.where(missing, -1, combined)


def _text_leaks(rows: _Rows, training: str | None) -> Any:
    import numpy as np

    if training is None:
        return rows.refer(np.full(len(rows.line), -1))
    trained = rows.split == rows.splits.index(training)
    first = _first_with(rows.text, trained & (rows.label == 1))
    return rows.refer(np.where(~trained & (rows.label == 1), first[rows.text], -1))


def _shares(rows: _Rows, training: str | None) -> dict[str, Any]:
    """``training_share`` and ``label_share_gap``: one value for the dataset, null where it has but one split."""
    import numpy as np
    import pandas as pd

    share = gap = None
    if training is not None and len(rows.splits) > 1 and len(rows.line):
        share = float(np.mean(rows.split == rows.splits.index(training)))
        judged = [rows.label[(rows.split == split) & (rows.label >= 0)] for split in range(len(rows.splits))]
        means = [float(labels.mean()) for labels in judged if len(labels)]
        gap = max(means) - min(means) if len(means) > 1 else None
    values = {"training_share": share, "label_share_gap": gap}
    everywhere = np.zeros(len(rows.line), dtype=np.intp)
    return {name: pd.array([value], dtype="Float64").take(everywhere) for name, value in values.items()}


def _picture_columns(
    rows: _Rows,
    dataset: Sequence[Measured],
    training: str | None,
    images: Mapping[Path, ImageFacts],
    rules: SamePicture,
) -> dict[str, Any]:
    import numpy as np

    from pytest_clipdata.similarity import same_pictures

    unit, pictures, splits = _units(rows, dataset, images)
    duplicates, leaks = same_pictures(pictures, splits, training, rules)
    content = np.array([*_content_groups(pictures, duplicates, leaks), -1])[unit]
    first_row = _first_with(unit, np.ones(len(unit), dtype=bool))
    columns = {
        **_match_columns(rows, unit, first_row, duplicates, ("duplicate_of", "duplicate")),
        **_match_columns(rows, unit, first_row, leaks, ("leaks_from", "leak")),
    }
    pair = _combine(content, rows.text)
    repeated = _combine(rows.split, pair, rows.label)
    first = _first_with(repeated, np.ones(len(unit), dtype=bool))[repeated]
    columns["duplicate_row_of"] = rows.refer(np.where(first == np.arange(len(first)), -1, first))
    opposite = [_first_with(pair, rows.label == label)[pair] for label in (1, 0)]
    columns["contradicts"] = rows.refer(np.where(rows.label < 0, -1, np.where(rows.label == 0, *opposite)))
    columns["text_images"] = _images_per_text(rows, content)
    columns["pair_key"] = _pair_keys(pair, content, rows, pictures)
    return columns


def _units(
    rows: _Rows, dataset: Sequence[Measured], images: Mapping[Path, ImageFacts]
) -> tuple[np.ndarray[Any, Any], list[ImageFacts], list[str]]:
    """The distinct (split, file) of the rows in order of first use, each row's number among them (-1: no picture)."""
    import numpy as np
    import pandas as pd

    numbers: dict[tuple[str, Path], int] = {}
    parts = []
    for measured in dataset:
        codes, distinct = pd.factorize(_objects(measured.rows.image_paths))
        unit_of = []
        for cell in distinct:
            file = measured.files.get(cell)
            usable = file is not None and file.path is not None and file.path in images
            usable = usable and images[file.path].status is ImageStatus.OK  # type: ignore[union-attr,index]
            key = (measured.csv.split, file.path) if usable else None  # type: ignore[union-attr]
            unit_of.append(-1 if key is None else numbers.setdefault(key, len(numbers)))  # type: ignore[arg-type]
        parts.append(np.array([*unit_of, -1])[codes])
    pictures = [images[path] for _, path in numbers]
    return np.concatenate(parts), pictures, [split for split, _ in numbers]


def _content_groups(
    pictures: Sequence[ImageFacts], duplicates: Sequence[Match | None], leaks: Sequence[Match | None]
) -> list[int]:
    """The representative of each picture over all splits: through its leak into training, else its duplicate.

    Held-out splits are not searched against each other: of their pictures those with equal bytes or pixels are one.
    """
    groups: list[int] = []
    known: dict[str, int] = {}
    for number, (picture, duplicate, leak) in enumerate(zip(pictures, duplicates, leaks, strict=True)):
        match, keys = leak or duplicate, [key for key in (picture.sha256, picture.pixel_digest) if key is not None]
        equal = next((known[key] for key in keys if key in known), number)
        groups.append(equal if match is None else groups[match.of])
        for key in keys:
            known.setdefault(key, groups[-1])
    return groups


def _match_columns(
    rows: _Rows,
    unit: np.ndarray[Any, Any],
    first_row: np.ndarray[Any, Any],
    matches: Sequence[Match | None],
    names: tuple[str, str],
) -> dict[str, Any]:
    """``duplicate_of`` or ``leaks_from`` and the figures of the match."""
    import numpy as np
    import pandas as pd

    other = np.array([first_row[match.of] if match else -1 for match in matches] + [-1])
    columns = {names[0]: rows.refer(other[unit])}
    for part, dtype in (("grade", "str"), ("transform", "str"), ("distance", "Int64")):
        values = pd.array([getattr(match, part) if match else None for match in matches], dtype=dtype)  # type: ignore[call-overload]
        columns[f"{names[1]}_{part}"] = values.take(unit, allow_fill=True)
    return columns


def _images_per_text(rows: _Rows, content: np.ndarray[Any, Any]) -> Any:
    """For a match row, how many different pictures of its split its text is the match of."""
    import numpy as np
    import pandas as pd

    judged = (rows.label == 1) & (content >= 0) & (rows.text >= 0)
    key = _combine(rows.split, rows.text)
    pairs = pd.DataFrame({"key": key[judged], "content": content[judged]}).drop_duplicates()
    counts = np.bincount(pairs["key"].to_numpy(), minlength=key.max(initial=0) + 2)
    values = pd.array(counts[key], dtype="Int64")
    values[~judged] = pd.NA
    return values


def _pair_keys(
    pair: np.ndarray[Any, Any], content: np.ndarray[Any, Any], rows: _Rows, pictures: Sequence[ImageFacts]
) -> Any:
    """A name for each picture and text that does not depend on the order of rows: a hash of both contents."""
    import numpy as np
    import pandas as pd

    first = _first_with(pair, np.ones(len(pair), dtype=bool))[:-1]
    texts = pd.util.hash_array(rows.texts, categorize=False)[rows.text[first]]
    shown = np.array([int(str(picture.sha256)[:16], 16) for picture in pictures], dtype=np.uint64)[content[first]]
    # Multiplied by an odd constant (2**64 over the golden ratio), so that picture and text do not cancel out.
    keys = (texts ^ shown) * np.uint64(0x9E3779B97F4A7C15) + texts
    digits = keys.astype(">u8").tobytes().hex()
    names = [digits[start : start + 16] for start in range(0, len(digits), 16)]
    return pd.array(names, dtype="str").take(pair, allow_fill=True)
