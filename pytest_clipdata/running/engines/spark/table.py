"""A facts table that Great Expectations judges on Spark."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.pandas_table import PandasTable

if TYPE_CHECKING:
    import pyarrow as pa


class SparkTable(PandasTable):
    """The same facts as ``table``; what is asked of Great Expectations is asked of its engine for ``spark``."""

    #: Spark's frames have no index.
    named_by: Sequence[str] = ("row",)

    def __init__(self, table: PandasTable, spark: Any) -> None:
        super().__init__(table.frame, table.needs, table.references, table.numbers, table.failed)
        self._spark = spark
        self._held: Any = None

    def batch(self, context: Any, columns: Sequence[str]) -> Any:
        self.release()
        # Each metric of Great Expectations is a job of its own that would read the frame anew.
        self._held = self._spark.createDataFrame(self._arrow(columns)).persist()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return (
                context.data_sources.add_spark("clipdata", persist=False)
                .add_dataframe_asset("facts")
                .add_batch_definition_whole_dataframe("csv")
                .get_batch({"dataframe": self._held})
            )

    def unexpected(self, result: Mapping[str, Any]) -> list[int]:
        return sorted({int(named["row"]) for named in result.get("unexpected_index_list") or []})

    def release(self) -> None:
        if self._held is not None:
            self._held.unpersist()
            self._held = None

    def _arrow(self, columns: Sequence[str]) -> pa.Table:
        """The columns for Spark: missing values as nulls, never as NaN, and integers wider than a byte."""
        import pyarrow as pa

        frame = self.frame[[name for name in self.frame.columns if name in columns]]
        table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
        wide = {name: pa.int64() for name in table.column_names if pa.types.is_integer(table.schema.field(name).type)}
        return table.cast(pa.schema([(field.name, wide.get(field.name, field.type)) for field in table.schema]))
