"""The engine of a Spark cluster: pictures and texts are measured by its tasks, Great Expectations judges on it.

Rows are read, and compared with each other, on the machine that pytest runs on, by what the local engine does too: so
findings are the same to the byte.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.measured_table import MeasuredTable
from pytest_clipdata.facts.step import Context, Needs, Step
from pytest_clipdata.images.facts import ImageFacts, Limits
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.running.engines.local import LocalEngine
from pytest_clipdata.running.engines.spark.session import find_or_start
from pytest_clipdata.running.engines.spark.table import SparkTable

if TYPE_CHECKING:
    from pytest_clipdata.running.engines.looks import LocalLooks

#: Distinct texts that pay for a job.
_MANY_TEXTS = 2_000


class SparkEngine(LocalEngine):
    """An `engine.Engine` over Spark. A session is found or started when something is to be measured or judged."""

    name = "spark"

    @cached_property
    def _session(self) -> tuple[Any, bool]:
        return find_or_start(self.settings.general["engine"]["master"])

    @cached_property
    def _folder(self) -> Path:
        """Where facts lie while they are judged: beside the cache, which lies where the project does."""
        beside = self.options.cache
        if beside is not None:
            beside.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="facts-", dir=beside)).resolve()

    def table(self, source: str, needs: Needs) -> MeasuredTable:
        facts = self._facts(source, needs)
        return SparkTable(facts, self._session[0], Path(tempfile.mkdtemp(dir=self._folder)))

    def close(self) -> None:
        if "_folder" in vars(self):
            shutil.rmtree(self._folder, ignore_errors=True)
        if "_session" in vars(self):
            spark, ours = self._session
            if ours:
                spark.stop()

    def _measure(
        self, paths: Sequence[Path], files: Mapping[Path, FileFacts], pixels: bool, limits: Limits
    ) -> dict[Path, ImageFacts]:
        from pytest_clipdata.running.engines.spark.pictures import measure_on_spark

        facts: dict[Path, ImageFacts] = {}
        named = {path: blob for path in paths if (blob := files[path].blob) is not None}
        order = list(named)
        with self.options.progress(len(order), "measuring") as progress:
            for measured in measure_on_spark(self._session[0], list(named.values()), pixels=pixels, limits=limits):
                for index, image in measured:
                    facts[order[index]] = image
                    self._known.store(files[order[index]], image, pixels=pixels, limits=limits)
                self._known.flush()  # a run that is killed keeps what was measured
                progress(len(measured))
        self.measured_now = len(facts)
        return facts

    def _looking(self) -> Callable[..., LocalLooks]:
        from pytest_clipdata.running.engines.spark.looks import SparkLooks

        return partial(SparkLooks, self._session[0])

    def _step(self, step: Step, values: Sequence[str], context: Context) -> Sequence[Sequence[Any]]:
        # A label's spellings are told from all labels together, a path's facts are looked up; a checkpoint's tokenizer
        # is on this machine.
        if step.over != "text" or context.model.checkpoint is not None or len(values) < _MANY_TEXTS:
            return super()._step(step, values, context)
        from pytest_clipdata.running.engines.spark.texts import measure_on_spark

        return measure_on_spark(self._session[0], step, values, context)
