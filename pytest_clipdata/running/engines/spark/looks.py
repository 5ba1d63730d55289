"""Second looks at pictures that may be copies are made where Spark's tasks run, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_clipdata.images.facts import Drawn, Limits
from pytest_clipdata.images.workers.wire import dumps, loads
from pytest_clipdata.running.engines.looks import LocalLooks, drawn_by_workers
from pytest_clipdata.running.engines.spark.failure import told

if TYPE_CHECKING:
    import pyarrow as pa

#: Messages that pay for a job: some 600 looks of 2 ms each.
_MANY = 50
#: Tasks for each slot: a message whose pictures are large takes longer than others.
_TASKS = 4


class SparkLooks(LocalLooks):
    """The looks of one machine; where they are many, Spark's tasks make them. Which are made, in which order, and what
    is remembered is as there."""

    def __init__(self, spark: Any, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._spark = spark

    def _by_workers(self, messages: Sequence[bytes], limits: Limits) -> Sequence[Drawn]:
        if len(messages) < _MANY:
            return super()._by_workers(messages, limits)
        import pyarrow as pa

        asked = pa.table({"index": list(range(len(messages))), "message": pa.array(messages, pa.binary())})
        tasks = min(self._spark.sparkContext.defaultParallelism * _TASKS, len(messages))
        frame = self._spark.createDataFrame(asked).repartitionByRange(tasks, "index")
        with told("compare pictures"):
            answers = frame.mapInArrow(partial(_look, limits=limits), "index long, drawn string").toArrow()
        drawn = dict(zip(answers["index"].to_pylist(), answers["drawn"].to_pylist(), strict=True))
        return [loads(drawn[index], Drawn) for index in range(len(messages))]


def _look(batches: Iterator[pa.RecordBatch], *, limits: Limits) -> Iterator[pa.RecordBatch]:
    """What a task does with its messages. One worker: Spark runs as many tasks as the machine has cores to give."""
    import pyarrow as pa

    for batch in batches:
        if batch.num_rows:
            drawn = drawn_by_workers(batch["message"].to_pylist(), limits, 1)
            packed = pa.array([dumps(answer) for answer in drawn], pa.string())
            yield pa.RecordBatch.from_arrays([batch["index"].cast(pa.int64()), packed], ["index", "drawn"])
