"""The rows of a whole dataset as integer codes, so that they can be compared without a Python loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.labels import normalise_label
from pytest_clipdata.facts.table import Measured
from pytest_clipdata.texts.words import normalise

if TYPE_CHECKING:
    import numpy as np


class CodedRows:
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
        codes, distinct = pd.factorize(objects(text for measured in dataset for text in measured.rows.texts))
        merged, self.texts = pd.factorize(objects(map(normalise, distinct)))
        self.text = np.append(merged, -1)[codes]
        codes, distinct = pd.factorize(objects(label for measured in dataset for label in measured.rows.labels))
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


def objects(values: Any) -> np.ndarray[Any, Any]:
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
