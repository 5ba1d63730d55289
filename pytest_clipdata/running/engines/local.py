"""The engine of one machine: each thing is measured once, pictures by worker processes, and only as far as needed.

Data goes one way: rows and files (`read_dataset`) -> image facts -> similarity -> facts table.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.facts.coded_rows import CodedRows, GroupOf, Measured, References
from pytest_clipdata.facts.columns import COLUMNS, REFERENCES, Column
from pytest_clipdata.facts.measured_table import MeasuredFacts, MeasuredTable
from pytest_clipdata.facts.plugged import Pictures, plugged_facts
from pytest_clipdata.facts.relations import shared_columns
from pytest_clipdata.facts.step import Context, Needs, Plugged, Step
from pytest_clipdata.findings import counted
from pytest_clipdata.images.facts import ImageFacts, Limits
from pytest_clipdata.reading.dataset import Dataset
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.running.engines.read_dataset import ReadDataset
from pytest_clipdata.running.memory.cache import Cache
from pytest_clipdata.running.memory.pictures import TRANSIENT
from pytest_clipdata.settings.declared import Settings
from pytest_clipdata.settings.options import RunOptions

if TYPE_CHECKING:
    from pytest_clipdata.running.engines.looks import LocalLooks


class LocalEngine(ReadDataset):
    """An `engine.Engine` over pandas.

    ``memory`` is what earlier runs measured and looked at. ``meanwhile`` is called while worker processes decode and
    this process has nothing to do. ``plugged`` are the steps of plugins that are measured, ``columns`` all columns that
    a table has.
    """

    name = "local"  #: what the header calls it

    def __init__(
        self,
        dataset: Dataset,
        settings: Settings,
        options: RunOptions,
        memory: Cache,
        meanwhile: Callable[[], object],
        plugged: Sequence[Plugged] = (),
        columns: Mapping[str, Column] = COLUMNS,
    ) -> None:
        super().__init__(dataset, settings, options)
        self._memory, self._known = memory, memory.pictures
        self._meanwhile = meanwhile
        self._plugged = plugged
        self._further = {name: column for name, column in columns.items() if name not in COLUMNS}
        self._asked: dict[str, Pictures] = {}  # by the first fact of the step
        self._images: dict[bool, dict[Path, ImageFacts]] = {}  # by whether pixels were measured
        self._relations: dict[bool, dict[str, Any]] = {}  # by whether pictures were compared
        #: Pictures that this run measured, and those that it knew already.
        self.measured_now = self.remembered = 0

    @cached_property
    def limits(self) -> Limits:
        return Limits(
            max_pixels=self.settings.checks["decodable"].options["max_pixels"],
            max_bytes=self.settings.general["image_max_bytes"],
            timeout=self.settings.general["image_timeout"],
        )

    @property
    def _pictures_found(self) -> dict[Path, FileFacts]:
        """The files of all sources that are there, each once."""
        return {f.path: f for located in self.files.values() for f in located.values() if f.path is not None}

    def images(self, needs: Needs) -> dict[Path, ImageFacts]:
        """The facts of every picture, from the cache or measured now; none if ``needs`` takes no picture."""
        if needs < Needs.HEADER:
            return {}
        pixels = needs >= Needs.PIXELS
        if pixels not in self._images:
            self._images[pixels] = self._measure_all(pixels)
        return self._images[pixels]

    def _measure_all(self, pixels: bool) -> dict[Path, ImageFacts]:
        files, limits = self._pictures_found, self.limits
        known = self._known.lookup(files.values(), pixels=pixels, limits=limits)
        self.remembered = len(known)
        missing = [path for path in files if path not in known]
        if missing:
            known |= self._measure(missing, files, pixels, limits)
        if lost := len(files) - len(known):  # its rows would be left out of every check, and pass
            raise RuntimeError(f"{counted(lost, 'image')} neither measured nor refused")
        return known

    def _measure(
        self, paths: Sequence[Path], files: Mapping[Path, FileFacts], pixels: bool, limits: Limits
    ) -> dict[Path, ImageFacts]:
        from pytest_clipdata.images.workers.pool import measure_all

        facts: dict[Path, ImageFacts] = {}
        blobs = [blob for path in paths if (blob := files[path].blob) is not None]
        importing = threading.Thread(target=self._meanwhile, daemon=True)
        importing.start()
        try:
            with (
                self.options.progress(len(paths), "measuring") as progress,
                measure_all(blobs, pixels=pixels, limits=limits, workers=self.options.workers) as measuring,
            ):
                for index, image in measuring:
                    facts[paths[index]] = image
                    self._known.store(files[paths[index]], image, pixels=pixels, limits=limits)
                    progress(1)
        finally:
            self._known.flush()  # an interrupted run keeps what was measured
        importing.join()
        self.measured_now = len(facts)
        return facts

    def table(self, source: str, needs: Needs) -> MeasuredTable:
        from pytest_clipdata.facts.pandas_table import PandasTable

        return PandasTable(self._facts(source, needs))

    def _facts(self, source: str, needs: Needs) -> MeasuredFacts:
        """What is known of every row of a source."""
        (measured,) = (measured for measured in self._measured(needs) if measured.source.name == source)
        checks = self.settings.checks
        context = Context(
            labels=measured.labels,
            files=measured.files,
            images=self.images(needs),
            allowed=checks["text_style"].options["allowed"],
            languages=checks["language"].options["languages"],
            model=self.settings.model,
            most_tokens=checks["token_length"].options["max"],
        )
        plugged = plugged_facts(measured, self._plugged, self._further, context, needs, self._pictures)
        return MeasuredFacts(measured, self._relate(needs)[source], context, needs, plugged, self._step)

    def _step(self, step: Step, values: Sequence[str], context: Context) -> Sequence[Sequence[Any]]:
        """What a step measures of distinct cells."""
        return step.measure(values, context)

    def close(self) -> None:
        pass

    def _pictures(self, plugged: Plugged) -> Pictures:
        """What the step of a plugin says of every picture, asked once."""
        from pytest_clipdata.running.engines.asked import ask_pictures

        name = plugged.step.facts[0].name
        if name not in self._asked:
            images, answers = self.images(plugged.step.needs), self._memory.answers
            self._asked[name] = ask_pictures(plugged, self._pictures_found, images, self.limits, self.options, answers)
        return self._asked[name]

    def lasting(self, needs: Needs) -> bool:
        return not any(image.status in TRANSIENT for image in self.images(needs).values())

    def _measured(self, needs: Needs) -> list[Measured]:
        """What was read of each source, in the order of the dataset."""
        files: Mapping[str, Mapping[str, FileFacts]] = self.files if needs >= Needs.FILES else {}
        return [
            Measured(
                source,
                self.rows[source.name],
                files.get(source.name, {}),
                self.labels[source.name],
                pairs=self.columns[source.name].label is None,
            )
            for source in self.dataset.sources
        ]

    def _relate(self, needs: Needs) -> dict[str, dict[str, Any]]:
        """The columns that compare rows with each other, by source."""
        compared = needs >= Needs.SIMILARITY
        if compared not in self._relations:
            dataset, training = self._measured(needs), self.dataset.training_split
            rows = CodedRows(dataset)
            columns = shared_columns(rows, training)
            groups: dict[str, GroupOf] = {}
            if compared:
                from pytest_clipdata.facts.copies import picture_columns

                apart = self.dataset.apart(held_out=self.settings.checks["leakage"].options["held_out"])
                copies, groups = picture_columns(rows, dataset, apart, self.images(needs), self._looks(needs))
                columns |= copies
            self._relations[compared] = {
                measured.source.name: {
                    name: References(rows, values[part], groups.get(name), part.start)
                    if name in REFERENCES
                    else values[part]
                    for name, values in columns.items()
                }
                for measured, part in zip(dataset, rows.slices, strict=True)
            }
        return self._relations[compared]

    def _looks(self, needs: Needs) -> LocalLooks:
        """How copies are told: by looks at two pictures."""
        from pytest_clipdata.similarity.match import SamePicture

        images = self.images(needs)
        blobs = {
            str(images[file.path].sha256): file.blob
            for located in self.files.values()
            for file in located.values()
            if file.path in images and file.blob is not None
        }
        rules = SamePicture(**self.settings.same_picture)
        return self._looking()(blobs, rules, self.limits, self._memory.looks, self.options.workers)

    def _looking(self) -> Callable[..., LocalLooks]:
        """What makes looks of what `LocalLooks` takes."""
        from pytest_clipdata.running.engines.looks import LocalLooks

        return LocalLooks
