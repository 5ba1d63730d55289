"""A facts table that lies in files of Parquet and is judged by Great Expectations on Spark."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.measured_table import MeasuredFacts, MeasuredTable

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

#: Rows of one file: as many as are made into a frame, or are read back, at one time.
_PART = 50_000


class SparkTable(MeasuredTable):
    """The facts in ``folder``, an empty one that every machine of the cluster finds under the same path.

    The file of a row follows from its number: rows are numbered from 0 without a gap.
    """

    #: The rows are found by the conditions of Great Expectations; it would hand over each as a mapping of its own.
    result_format = "BASIC"

    def __init__(self, facts: MeasuredFacts, spark: Any, folder: Path) -> None:
        import pyarrow.parquet as pq

        super().__init__(facts)
        self._spark, self._folder, self._length = spark, folder, len(facts)
        self._held: Any = None
        self._files: list[Path] = []
        schema = None
        for start in range(0, self._length or 1, _PART):
            frame = facts.frame(start, start + _PART)
            self._dtypes = frame.dtypes
            schema = schema or _schema(frame)
            self._files.append(folder / f"{start:012}.parquet")
            pq.write_table(_arrow(frame).cast(schema), self._files[-1])
        assert schema is not None
        self._names = list(schema.names)

    @property
    def frame(self) -> pd.DataFrame:
        import pandas as pd
        import pyarrow as pa
        import pyarrow.parquet as pq

        # Integers beside nulls would else become floats.
        nullable = {pa.int64(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype(), pa.bool_(): pd.BooleanDtype()}
        parts = [pq.read_table(file).to_pandas(types_mapper=nullable.get) for file in self._files]
        frame: pd.DataFrame = pd.concat([part.astype(dict(self._dtypes)) for part in parts])
        frame.index = pd.Index(frame["row"].to_numpy())
        return frame

    @property
    def names(self) -> list[str]:
        return self._names

    def __len__(self) -> int:
        return self._length

    def batch(self, context: Any, columns: Sequence[str]) -> Any:
        self.release()
        named = ["`{}`".format(name.replace("`", "``")) for name in self._names if name in columns]
        # Each metric of Great Expectations is a job of its own that would read the files anew.
        self._held = self._spark.read.parquet(self._folder.as_uri()).select(*named).persist()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return (
                context.data_sources.add_spark("clipdata", persist=False)
                .add_dataframe_asset("facts")
                .add_batch_definition_whole_dataframe("csv")
                .get_batch({"dataframe": self._held})
            )

    def release(self) -> None:
        if self._held is not None:
            self._held.unpersist()
            self._held = None

    def judged(self, columns: Sequence[str]) -> int:
        import pyarrow.compute as pc

        count = 0
        for table in self._parts(columns):
            there = None
            for column in table.columns:
                there = column.is_valid() if there is None else pc.and_(there, column.is_valid())
            count += pc.sum(there).as_py() or 0
        return count

    def unexpected(self, result: Mapping[str, Any], wrong: Callable[[], Any]) -> list[int]:
        if not result.get("unexpected_count") or "element_count" not in result:  # it counts values, and of no row
            return []
        numbers: list[int] = wrong().select("row").toArrow()["row"].sort().to_pylist()
        return numbers

    def rows(self, numbers: Sequence[int]) -> Iterator[dict[str, Any]]:
        import pyarrow.parquet as pq

        for part, some in groupby(numbers, lambda number: number // _PART):
            table = pq.read_table(self._files[part])
            yield from table.take([number - part * _PART for number in some]).to_pylist()

    def columns(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        for table in self._parts(names):
            yield from zip(*(table[name].to_pylist() for name in names), strict=True)

    def _parts(self, names: Sequence[str]) -> Iterator[pa.Table]:
        import pyarrow.parquet as pq

        for file in self._files:
            yield pq.read_table(file, columns=list(names))


def _arrow(frame: pd.DataFrame) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()


def _schema(frame: pd.DataFrame) -> pa.Schema:
    """How the columns of a frame are kept, whatever values a part of it holds.

    Integers are wider than a byte, which Great Expectations takes for text.
    """
    import pandas as pd
    import pyarrow as pa

    fields = []
    for field in _arrow(frame).schema:
        kind = frame.dtypes[field.name]
        if pd.api.types.is_string_dtype(kind):
            fields.append((field.name, pa.large_string()))
        else:
            fields.append((field.name, pa.int64() if pa.types.is_integer(field.type) else field.type))
    return pa.schema(fields)
