"""The facts table on this machine: a pandas frame, measured from the rows of one source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.measured_table import MeasuredFacts, MeasuredTable

if TYPE_CHECKING:
    import pandas as pd

#: Rows that are Python objects at one time.
_BATCH = 10_000


class PandasTable(MeasuredTable):
    """A `table.Table` over a frame, whose index is unnamed and equals the column ``row``."""

    result_format = "COMPLETE"

    def __init__(self, facts: MeasuredFacts) -> None:
        super().__init__(facts)
        self._frame = facts.frame(0, len(facts))

    @property
    def frame(self) -> pd.DataFrame:
        return self._frame

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

    def unexpected(self, result: Mapping[str, Any], wrong: Callable[[], Any]) -> list[int]:
        return [int(row) for row in result.get("unexpected_index_list") or []]

    def rows(self, numbers: Sequence[int]) -> Iterator[dict[str, Any]]:
        for start in range(0, len(numbers), _BATCH):
            rows = self.frame.loc[list(numbers[start : start + _BATCH])]
            for row in rows.astype(object).where(rows.notna(), None).to_dict("records"):
                yield {str(name): value for name, value in row.items()}

    def columns(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        for start in range(0, len(self), _BATCH):
            some = (self.frame[name].iloc[start : start + _BATCH] for name in names)
            values = (column.astype(object).where(column.notna(), None).tolist() for column in some)
            yield from zip(*values, strict=True)


def facts_parquet(tables: Mapping[str, MeasuredTable]) -> bytes:
    """The facts of the sources of one dataset, by name, as one Parquet file, the column ``csv`` first."""
    import pandas as pd

    frames = [table.frame.assign(csv=source) for source, table in sorted(tables.items())]
    facts = pd.concat(frames, ignore_index=True)
    content: bytes = facts[["csv", *facts.columns.drop("csv")]].to_parquet(index=False)
    return content
