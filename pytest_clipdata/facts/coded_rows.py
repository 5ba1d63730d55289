"""The rows of a whole dataset as integer codes, so that they can be compared without a Python loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pytest_clipdata.findings import Place, Related
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.reading.source import Rows, Source
from pytest_clipdata.settings.labels import normalise_label
from pytest_clipdata.texts.words import normalise

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Measured:
    """What was read of one source: its rows and, by the text of the cell, the files that they name."""

    source: Source
    rows: Rows
    files: Mapping[str, FileFacts]
    labels: Mapping[str, str]  #: ``match`` or ``mismatch`` by normalised spelling
    pairs: bool  #: there is no label column: every row is a match

    def place(self, position: int) -> Place:
        """Where the parsed row at ``position`` of the rows is."""
        name, rows = self.source.name, self.rows
        file = rows.files[position] if rows.files else name
        key = rows.keys[position] if rows.keys else None
        return Place(name, file, rows.lines[position], key, rows.numbers[position])


class CodedRows:
    """All parsed rows of a dataset, as parallel arrays.

    ``split``, ``text`` and ``label`` are integer codes, -1 where missing; ``label`` is 1 for match, 0 for mismatch.
    ``labelled`` is False in the rows of a source without labels, where every row is a match.
    """

    def __init__(self, dataset: Sequence[Measured]) -> None:
        import numpy as np
        import pandas as pd

        self._dataset = dataset
        lengths = [len(measured.rows.lines) for measured in dataset]
        self._ends = np.cumsum([0, *lengths])
        self.slices = [slice(start, end) for start, end in pairwise(self._ends.tolist())]
        self.splits = list(dict.fromkeys(measured.source.split for measured in dataset))
        self.split = np.repeat([self.splits.index(measured.source.split) for measured in dataset], lengths)
        codes, distinct = pd.factorize(objects(text for measured in dataset for text in measured.rows.texts))
        merged, self.texts = pd.factorize(objects(map(normalise, distinct)))
        self.text = np.append(merged, -1)[codes]
        self.label = np.concatenate([np.empty(0, dtype=np.int64), *map(_label_codes, dataset)])
        self.labelled = np.repeat([not measured.pairs for measured in dataset], lengths)

    def __len__(self) -> int:
        return int(self._ends[-1])

    def related(self, position: int) -> Related:
        """The row at ``position``, as findings name it."""
        import numpy as np

        number = int(np.searchsorted(self._ends, position, side="right")) - 1
        measured, within = self._dataset[number], position - int(self._ends[number])
        return Related(measured.place(within), measured.rows.image_paths[within])


def _label_codes(measured: Measured) -> np.ndarray[Any, Any]:
    import numpy as np
    import pandas as pd

    codes, distinct = pd.factorize(objects(measured.rows.labels))
    words = [measured.labels.get(normalise_label(label), "") for label in distinct]
    return np.array([*({"match": 1, "mismatch": 0}.get(word, -1) for word in words), -1])[codes]


#: For the position of a row, those of further rows that are like it.
GroupOf = Callable[[int], Sequence[int]]


@dataclass(frozen=True, slots=True)
class References:
    """For each row of one source the position in ``rows`` of another row, -1 for none.

    ``start`` is the position of the source's first row.
    """

    rows: CodedRows
    positions: np.ndarray[Any, Any]
    group_of: GroupOf | None = None
    start: int = 0

    def __getitem__(self, part: slice) -> Any:
        """``train.csv:17`` for each row of a part as a pandas array, null for none."""
        import numpy as np
        import pandas as pd

        positions = self.positions[part]
        names = np.full(len(positions), None, dtype=object)
        for index in np.flatnonzero(positions >= 0).tolist():
            names[index] = str(self.rows.related(int(positions[index])).place)
        return pd.array(names, dtype="str")

    def related(self, index: int) -> Related | None:
        """The other row of the row at ``index``."""
        position = int(self.positions[index])
        return self.rows.related(position) if position >= 0 else None

    def group(self, index: int) -> tuple[Related, ...]:
        """Further rows that are like the row at ``index``."""
        return tuple(map(self.rows.related, self.group_of(self.start + index))) if self.group_of else ()


def objects(values: Any) -> np.ndarray[Any, Any]:
    """A sequence as an array of objects, of one dimension whatever it holds."""
    import numpy as np

    return np.array([*values, None], dtype=object)[:-1]


def first_with(keys: np.ndarray[Any, Any], chosen: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """For each key code, the first chosen position that has it, -1 if none; ``keys`` are codes >= -1."""
    import numpy as np

    first = np.full(keys.max(initial=-1) + 2, -1)
    positions = np.flatnonzero(chosen & (keys >= 0))[::-1]
    first[keys[positions]] = positions
    return first


def combine(*parts: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """One code for each combination of codes; -1 where any of them is."""
    import numpy as np
    import pandas as pd

    missing = np.logical_or.reduce([part < 0 for part in parts])
    combined = parts[0].astype(np.int64)
    for part in parts[1:]:
        combined = pd.factorize(combined * (part.max(initial=0) + 1) + part)[0]
    return np.where(missing, -1, combined)
