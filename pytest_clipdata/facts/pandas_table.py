"""The facts table on this machine: a pandas frame, measured from the rows of one source."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.coded_rows import Measured, References
from pytest_clipdata.facts.columns import COLUMNS, STEPS
from pytest_clipdata.facts.of_sources import source_columns
from pytest_clipdata.facts.plugged import NONE_PLUGGED, PluggedFacts
from pytest_clipdata.facts.spread import Measuring, as_array, here, spread
from pytest_clipdata.facts.step import Context, Needs
from pytest_clipdata.findings import Related

if TYPE_CHECKING:
    import pandas as pd


class PandasTable:
    """A `table.Table` over ``frame``, whose index is unnamed and equals the column ``row``.

    ``needs`` says how far the rows were measured, ``failed`` why a plugin could not measure a column, by its name.
    ``numbers`` are those of the parsed rows, which ``references`` are parallel to.
    """

    named_by: Sequence[str] = ()

    def __init__(
        self,
        frame: pd.DataFrame,
        needs: Needs,
        references: Mapping[str, References],
        numbers: Sequence[int],
        failed: Mapping[str, str] | None = None,
    ) -> None:
        self.frame = frame
        self.needs = needs
        self.failed = failed or {}
        self.references, self.numbers = references, numbers
        self._related: dict[str, Mapping[int, Related]] = {}

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def names(self) -> list[str]:
        return [str(name) for name in self.frame.columns]

    def batch(self, context: Any, columns: Sequence[str]) -> Any:
        # Great Expectations hashes the whole frame at every turn, so it is given what the suite names and no more.
        return (
            context.data_sources.add_pandas("clipdata")
            .add_dataframe_asset("facts")
            .add_batch_definition_whole_dataframe("csv")
            .get_batch({"dataframe": self.frame[[name for name in self.frame.columns if name in columns]]})
        )

    def release(self) -> None:
        pass

    def judged(self, columns: Sequence[str]) -> int:
        return int(self.frame[list(columns)].notna().all(axis=1).sum())

    def unexpected(self, result: Mapping[str, Any]) -> list[int]:
        return [int(row) for row in result.get("unexpected_index_list") or []]

    def rows(self, numbers: Sequence[int]) -> Iterator[dict[str, Any]]:
        rows = self.frame.loc[list(numbers)]
        for row in rows.astype(object).where(rows.notna(), None).to_dict("records"):
            yield {str(name): value for name, value in row.items()}

    def columns(self, names: Sequence[str]) -> list[tuple[Any, ...]]:
        some = (self.frame[name] for name in names)
        return list(zip(*(column.astype(object).where(column.notna(), None).tolist() for column in some), strict=True))

    def related(self, reference: str) -> Mapping[int, Related]:
        if reference not in self._related:
            found = self.references[reference].related() if reference in self.references else ()
            self._related[reference] = {self.numbers[at]: other for at, other in found}
        return self._related[reference]

    def group(self, reference: str, number: int) -> Sequence[Related]:
        if reference not in self.references:
            return ()
        return self.references[reference].group(bisect_left(self.numbers, number))


def pandas_table(
    measured: Measured,
    relations: Mapping[str, Any],
    context: Context,
    needs: Needs,
    plugged: PluggedFacts = NONE_PLUGGED,
    measuring: Measuring = here,
) -> PandasTable:
    """The facts of one source as far as ``needs`` says; the columns of later steps are null.

    ``relations`` holds the columns that compare rows, parallel to the parsed rows; those that name another row as
    `coded_rows.References`. ``plugged`` are the columns of plugins, which stand last. ``measuring`` is who
    measures distinct cells.
    """
    import numpy as np
    import pandas as pd

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
    named = {key: value for key, value in relations.items() if isinstance(value, References)}
    columns |= {key: value for key, value in relations.items() if key not in named}
    columns |= {key: references.named() for key, references in named.items()}
    columns |= plugged.values
    index = pd.Index(np.array(rows.numbers, dtype=np.int64))
    places = ("row", "file", "line", "key", "row_problem")
    series = {
        key: pd.Series(as_array(columns[key], column.dtype) if key in columns else None, index, column.dtype)
        for key, column in {**COLUMNS, **plugged.columns}.items()
        if key not in places
    }
    frame = pd.DataFrame(series, index=index)
    values = _places(measured)
    if rows.problems:
        frame = frame.reindex(values.index)
    for number, key in enumerate(places):
        dtype: Any = COLUMNS[key].dtype
        frame.insert(number, key, values[key].astype(dtype))
    if rows.warning is not None:
        frame["source_warning"] = pd.Series(rows.warning, frame.index, "str")
    return PandasTable(frame, needs, named, rows.numbers, plugged.failed)


def _places(measured: Measured) -> pd.DataFrame:
    """Where each row is, also those that could not be read, by its number."""
    import numpy as np
    import pandas as pd

    rows, name = measured.rows, measured.source.name
    index = pd.Index(np.array(rows.numbers, dtype=np.int64))
    columns = {"row": index, "file": rows.files or name, "line": rows.lines, "key": rows.keys or None}
    frame = pd.DataFrame({**columns, "row_problem": None}, index=index)
    if rows.problems:
        broken = [(p.row, p.file or name, p.line, p.key, p.words) for p in rows.problems]
        others = pd.DataFrame(broken, [problem.row for problem in rows.problems], frame.columns)
        frame = pd.concat([frame.astype(object), others.astype(object)]).sort_index()
    return frame


def facts_parquet(tables: Mapping[str, PandasTable]) -> bytes:
    """The facts of the sources of one dataset, by name, as one Parquet file, the column ``csv`` first."""
    import pandas as pd

    frames = [table.frame.assign(csv=source) for source, table in sorted(tables.items())]
    facts = pd.concat(frames, ignore_index=True)
    content: bytes = facts[["csv", *facts.columns.drop("csv")]].to_parquet(index=False)
    return content
