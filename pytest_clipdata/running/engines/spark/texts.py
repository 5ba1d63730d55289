"""Distinct texts are measured where Spark's tasks run, by the same steps as on one machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.step import Context, Step

if TYPE_CHECKING:
    import pyarrow as pa

#: Texts of one task; their vocabulary is loaded once for each.
_PER_TASK = 10_000


def measure_on_spark(spark: Any, step: Step, values: Sequence[str], context: Context) -> list[list[Any]]:
    """What ``step`` measures of each value, as its own ``measure`` gives it.

    For steps of ours that look at each value by itself and take nothing of files and pictures from the context.
    """
    import pyarrow as pa

    asked = pa.table({"index": range(len(values)), "value": pa.array(values, pa.string())})
    tasks = -(-len(values) // _PER_TASK)
    frame = spark.createDataFrame(asked).repartitionByRange(tasks, "index").sortWithinPartitions("index")
    measure = partial(_measure, step=step, context=replace(context, labels={}, files={}, images={}))
    answers = frame.mapInArrow(measure, "start long, columns string").toArrow()
    found = dict(zip(answers["start"].to_pylist(), answers["columns"].to_pylist(), strict=True))
    parts = [json.loads(found[start]) for start in sorted(found)]
    columns = [list(chain.from_iterable(part[at] for part in parts)) for at in range(len(step.facts))]
    if any(len(column) != len(values) for column in columns):
        raise RuntimeError(f"Spark measured {[*map(len, columns)]} of {len(values)} texts")
    return columns


def _measure(batches: Iterator[pa.RecordBatch], *, step: Step, context: Context) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for batch in batches:
        if batch.num_rows:
            measured = step.measure(batch["value"].to_pylist(), context)
            columns = [column.tolist() if hasattr(column, "tolist") else list(column) for column in measured]
            start, packed = batch["index"].slice(0, 1).cast(pa.int64()), pa.array([json.dumps(columns)], pa.string())
            yield pa.RecordBatch.from_arrays([start, packed], ["start", "columns"])
