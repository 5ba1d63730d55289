"""The facts of one source, of which frames are made part by part, and what every table of them has."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.coded_rows import Measured, References
from pytest_clipdata.facts.columns import COLUMNS, STEPS
from pytest_clipdata.facts.of_sources import source_columns
from pytest_clipdata.facts.plugged import NONE_PLUGGED, PluggedFacts
from pytest_clipdata.facts.spread import Measuring, as_array, here, spread
from pytest_clipdata.facts.step import Context, Needs
from pytest_clipdata.facts.table import Table
from pytest_clipdata.findings import Related

if TYPE_CHECKING:
    import pandas as pd


class MeasuredFacts:
    """The facts of one source as far as ``needs`` says; the columns of later steps are null.

    ``relations`` holds the columns that compare rows, parallel to the parsed rows; those that name another row as
    `coded_rows.References`. ``plugged`` are the columns of plugins, which stand last. ``measuring`` is who
    measures distinct cells.
    """

    def __init__(
        self,
        measured: Measured,
        relations: Mapping[str, Any],
        context: Context,
        needs: Needs,
        plugged: PluggedFacts = NONE_PLUGGED,
        measuring: Measuring = here,
    ) -> None:
        rows = measured.rows
        columns: dict[str, Any] = {
            "image_path": rows.image_paths,
            "text": rows.texts,
            "label": rows.labels,
            "split": [measured.source.split] * len(rows.lines),
        }
        for over in ("label", "image_path", "text"):
            steps = [step for step in STEPS if step.over == over and step.needs <= needs]
            columns |= spread(columns[over], steps, context, measuring)
        columns |= source_columns(measured, context, needs)
        #: By name what can be sliced: lists, pandas arrays, and what makes an array of a slice.
        self._columns = {**columns, **relations, **plugged.values}
        self._measured = measured
        self._dtypes = {name: column.dtype for name, column in {**COLUMNS, **plugged.columns}.items()}
        self.needs, self.failed, self.numbers = needs, plugged.failed, rows.numbers
        self.references = {name: value for name, value in relations.items() if isinstance(value, References)}

    def __len__(self) -> int:
        return len(self.numbers) + len(self._measured.rows.problems)

    def frame(self, start: int, stop: int) -> pd.DataFrame:
        """The rows with the numbers from ``start`` up to ``stop``, in order; the index is their number."""
        import numpy as np
        import pandas as pd

        rows = self._measured.rows
        part = slice(bisect_left(rows.numbers, start), bisect_left(rows.numbers, stop))
        index = pd.Index(np.array(rows.numbers[part], dtype=np.int64))
        series = {
            key: pd.Series(as_array(self._columns[key][part], dtype) if key in self._columns else None, index, dtype)
            for key, dtype in self._dtypes.items()
            if key not in _PLACES
        }
        frame = pd.DataFrame(series, index=index)
        values = self._places(part, index, start, stop)
        if len(values) > len(frame):
            frame = frame.reindex(values.index)
        for number, key in enumerate(_PLACES):
            dtype: Any = self._dtypes[key]
            frame.insert(number, key, values[key].astype(dtype))
        if rows.warning is not None:
            frame["source_warning"] = pd.Series(rows.warning, frame.index, "str")
        return frame

    def _places(self, part: slice, index: Any, start: int, stop: int) -> pd.DataFrame:
        """Where each row is, also those that could not be read, by its number."""
        import pandas as pd

        rows, name = self._measured.rows, self._measured.source.name
        files, keys = rows.files[part] if rows.files else name, rows.keys[part] if rows.keys else None
        columns = {"row": index, "file": files, "line": rows.lines[part], "key": keys}
        frame = pd.DataFrame({**columns, "row_problem": None}, index=index)
        problems = [problem for problem in rows.problems if start <= problem.row < stop]
        if problems:
            broken = [(p.row, p.file or name, p.line, p.key, p.words) for p in problems]
            others = pd.DataFrame(broken, [problem.row for problem in problems], frame.columns)
            frame = pd.concat([frame.astype(object), others.astype(object)]).sort_index()
        return frame


_PLACES = ("row", "file", "line", "key", "row_problem")


class MeasuredTable(Table):
    """A `table.Table` over facts that were measured here, wherever they are kept.

    ``needs`` says how far the rows were measured, ``failed`` why a plugin could not measure a column, by its name.
    """

    def __init__(self, facts: MeasuredFacts) -> None:
        self.needs, self.failed = facts.needs, facts.failed
        self._references, self._numbers = facts.references, facts.numbers

    @property
    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """All facts; the index is unnamed and equals the column ``row``."""

    def related(self, reference: str, number: int) -> Related | None:
        at = bisect_left(self._numbers, number)
        parsed = at < len(self._numbers) and self._numbers[at] == number
        return self._references[reference].related(at) if parsed and reference in self._references else None

    def group(self, reference: str, number: int) -> Sequence[Related]:
        if reference not in self._references:
            return ()
        return self._references[reference].group(bisect_left(self._numbers, number))
