"""Pictures are measured where Spark's tasks run, by the same guarded worker processes as on one machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_clipdata.images.facts import ImageFacts, Limits
from pytest_clipdata.images.workers.wire import dumps, loads
from pytest_clipdata.reading.blob import Blob

if TYPE_CHECKING:
    import pyarrow as pa

#: Pictures of one job for each slot: what a killed run loses at most, and what the driver takes in at one time.
_WAVE = 5_000
#: Pictures that pay for a task, and tasks for each slot, so that one slow task does not hold the others up.
_PER_TASK, _TASKS = 64, 4


def measure_on_spark(
    spark: Any,
    blobs: Sequence[Blob],
    *,
    pixels: bool,
    limits: Limits,
    measure: Callable[..., ImageFacts] | None = None,
) -> Iterator[list[tuple[int, ImageFacts]]]:
    """(index into ``blobs``, facts) of each picture, in lists as they are done.

    The files of ``blobs`` must be found under the same paths on every machine of the cluster. A picture that takes its
    decoder with it costs itself and no task. ``measure`` is as in `measure_all`.
    """
    import pyarrow as pa

    slots = spark.sparkContext.defaultParallelism
    task = partial(_measure, pixels=pixels, limits=limits, measure=measure)
    for start in range(0, len(blobs), _WAVE * slots):
        part = range(start, min(start + _WAVE * slots, len(blobs)))
        asked = pa.table({"index": list(part), "blob": [json.dumps(astuple(blobs[index])) for index in part]})
        # Neighbours stay together: a row group of a Parquet is read once.
        tasks = min(slots * _TASKS, -(-len(part) // _PER_TASK))
        frame = spark.createDataFrame(asked).repartitionByRange(tasks, "index").sortWithinPartitions("index")
        answers = frame.mapInArrow(task, "index long, facts string").toArrow()
        indices, facts = answers["index"].to_pylist(), answers["facts"].to_pylist()
        yield [(index, loads(told, ImageFacts)) for index, told in zip(indices, facts, strict=True)]


def _measure(
    batches: Iterator[pa.RecordBatch], *, pixels: bool, limits: Limits, measure: Callable[..., ImageFacts] | None
) -> Iterator[pa.RecordBatch]:
    """What a task does with its pictures. One worker: Spark runs as many tasks as the machine has cores to give."""
    import pyarrow as pa

    from pytest_clipdata.images.workers.pool import measure_all

    indices: list[int] = []
    blobs: list[Blob] = []
    for batch in batches:
        indices += batch["index"].to_pylist()
        blobs += (Blob(*json.loads(told)) for told in batch["blob"].to_pylist())
    measured: list[tuple[int, str]] = []
    if blobs:
        with measure_all(blobs, pixels=pixels, limits=limits, workers=1, measure=measure) as measuring:
            measured = [(indices[at], dumps(image)) for at, image in measuring]
    columns = [
        pa.array([at for at, _ in measured], pa.int64()),
        pa.array([told for _, told in measured], pa.string()),
    ]
    yield pa.RecordBatch.from_arrays(columns, ["index", "facts"])
