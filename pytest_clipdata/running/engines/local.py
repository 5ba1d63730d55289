"""What is measured of one dataset, each thing once and only as far as it is needed.

Data goes one way: CSVs -> rows -> files -> image facts -> similarity -> facts table.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata import __version__
from pytest_clipdata.facts.columns import Needs
from pytest_clipdata.facts.labels import label_words
from pytest_clipdata.facts.table import Measured, table
from pytest_clipdata.findings import Related, SplitSummary
from pytest_clipdata.images.facts import MEASURE_VERSION, ImageFacts, Limits
from pytest_clipdata.reading.csv_source import read_rows
from pytest_clipdata.reading.dataset import Dataset
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.reading.image_root import choose_image_root
from pytest_clipdata.reading.local_files import locate
from pytest_clipdata.reading.source import CsvRows
from pytest_clipdata.running.memory.cache import Cache
from pytest_clipdata.settings.declared import Settings
from pytest_clipdata.settings.options import RunOptions

if TYPE_CHECKING:
    import pandas as pd


class Measurements:
    """The measures of one dataset.

    ``needs`` says how far to measure; raise it before anything is asked for. ``meanwhile`` is called while worker
    processes decode and this one has nothing to do.
    """

    def __init__(
        self, dataset: Dataset, settings: Settings, options: RunOptions, meanwhile: Callable[[], object]
    ) -> None:
        self.dataset = dataset
        self.settings = settings
        self.options = options
        self.needs = Needs.TEXT
        self._meanwhile = meanwhile
        self.measured_now = self.remembered = 0

    @cached_property
    def rows(self) -> dict[str, CsvRows]:
        """The rows of every CSV of the dataset, by its name."""
        columns = self.settings.checks["columns"].options
        return {csv.name: read_rows(csv.path, columns) for csv in self.dataset.csvs}

    @cached_property
    def image_roots(self) -> dict[str, Path]:
        """The folder that the relative image paths of each CSV start from."""
        explicit = self.settings.general["image_root"]
        if explicit:
            return dict.fromkeys(self.rows, self.dataset.root / explicit)
        paths = {name: {path for path in rows.image_paths if path is not None} for name, rows in self.rows.items()}
        level = choose_image_root(self.dataset, paths, self.options.top)
        return {csv.name: csv.path.parents[level] for csv in self.dataset.csvs}

    @cached_property
    def files(self) -> dict[str, dict[str, FileFacts]]:
        """The file that each path of each CSV names."""
        located: dict[Path, dict[str, FileFacts]] = {}
        for root in dict.fromkeys(self.image_roots.values()):
            names = [name for name, other in self.image_roots.items() if other == root]
            paths = {path: None for name in names for path in self.rows[name].image_paths if path is not None}
            located[root] = locate(paths, root, confine=self.options.confine)
        return {name: located[root] for name, root in self.image_roots.items()}

    @cached_property
    def splits(self) -> tuple[SplitSummary, ...]:
        """How much each CSV of the dataset holds."""
        words = label_words(self.settings.checks["labels"].options)
        summaries = []
        for csv in self.dataset.csvs:
            rows = self.rows[csv.name]
            labels = [words.get(settings_label.strip().casefold()) for settings_label in rows.labels if settings_label]
            judged = [label for label in labels if label]
            share = judged.count("match") / len(judged) if judged else None
            images = len({path for path in rows.image_paths if path is not None})
            summaries.append(SplitSummary(csv.name, csv.split, len(rows.lines), images, share))
        return tuple(summaries)

    @cached_property
    def images(self) -> dict[Path, ImageFacts]:
        """The facts of every picture, as far as the wanted checks need them: from the cache or measured now."""
        if self.needs < Needs.HEADER:
            return {}
        files = {f.path: f for located in self.files.values() for f in located.values() if f.path is not None}
        pixels = self.needs >= Needs.PIXELS
        limits = Limits(
            max_pixels=self.settings.checks["decodable"].options["max_pixels"],
            max_bytes=self.settings.general["image_max_bytes"],
            timeout=self.settings.general["image_timeout"],
        )
        known = self.cache.pictures.lookup(files.values(), pixels=pixels, limits=limits)
        self.remembered = len(known)
        missing = [path for path in files if path not in known]
        if missing:
            known |= self._measure(missing, files, pixels, limits)
        if lost := len(files) - len(known):  # its rows would be left out of every check, and pass
            raise RuntimeError(f"{lost} images were neither measured nor refused")
        return known

    def _measure(
        self, paths: Sequence[Path], files: Mapping[Path, FileFacts], pixels: bool, limits: Limits
    ) -> dict[Path, ImageFacts]:
        from pytest_clipdata.images.workers.pool import measure_all

        facts: dict[Path, ImageFacts] = {}
        importing = threading.Thread(target=self._meanwhile, daemon=True)
        importing.start()
        try:
            with (
                self.options.progress(len(paths)) as progress,
                measure_all(paths, pixels=pixels, limits=limits, workers=self.options.workers) as measuring,
            ):
                for index, image in measuring:
                    facts[paths[index]] = image
                    self.cache.pictures.store(files[paths[index]], image, pixels=pixels, limits=limits)
                    progress(1)
        finally:
            self.cache.flush()  # an interrupted run keeps what was measured
        importing.join()
        self.measured_now = len(facts)
        return facts

    @cached_property
    def measured(self) -> list[Measured]:
        """What was read of each CSV, in the order of the dataset."""
        files = self.files if self.needs >= Needs.FILES else {csv.name: {} for csv in self.dataset.csvs}
        return [Measured(csv, self.rows[csv.name], files[csv.name]) for csv in self.dataset.csvs]

    @cached_property
    def relations(self) -> dict[str, dict[str, Any]]:
        """The columns that compare rows with each other."""
        from pytest_clipdata.facts.relations import relate

        images = rules = None
        if self.needs >= Needs.SIMILARITY:
            from pytest_clipdata.similarity.match import SamePicture

            images, rules = self.images, SamePicture(**self.settings.same_picture)
        return relate(self.measured, self.dataset.training_split, images, rules, self._labels)

    def facts(self, csv: str) -> pd.DataFrame:
        """The facts table of one CSV, as far as the wanted checks need it."""
        (measured,) = (measured for measured in self.measured if measured.csv.name == csv)
        return table(measured, self.images, self.relations[csv], self._labels)

    def refer(self, reference: str) -> Related:
        """The other row that a fact names as ``csv:line``."""
        name, _, line = reference.rpartition(":")
        return Related(name, int(line), self.cells[name][int(line)])

    @cached_property
    def cells(self) -> dict[str, dict[int, str | None]]:
        """The image path of each row as it stands, by CSV and line."""
        return {name: dict(zip(rows.lines, rows.image_paths, strict=True)) for name, rows in self.rows.items()}

    @property
    def _labels(self) -> Mapping[str, str]:
        return label_words(self.settings.checks["labels"].options)

    @cached_property
    def cache(self) -> Cache:
        """What earlier runs measured and judged."""
        return Cache(self.options.cache)

    @cached_property
    def digest(self) -> str | None:
        """A hash of all that a verdict depends on; None while a file is too young to tell by its times (see `files`).

        Cheap on purpose, and without a heavy import: bytes of the CSVs, settings, times of the files, versions.
        """
        files = {name: sorted(located.items()) for name, located in self.files.items()}
        if any(file.path is not None and not file.settled for located in files.values() for _, file in located):
            return None
        model = self.options.model
        if model is not None and Path(model).is_dir():
            from pytest_clipdata.smoke.checkpoint import fingerprint

            model = fingerprint(Path(model))
        packages = (
            "great-expectations",
            "pillow",
            "numpy",
            "pandas",
            "instant-clip-tokenizer",
            "torch",
            "transformers",
        )
        versions = [__version__, MEASURE_VERSION, sys.version_info[:2], *map(_version, packages)]
        csvs = [(csv.name, csv.split, self.rows[csv.name].sha256) for csv in self.dataset.csvs]
        options = (self.options.strict, self.options.device, model)
        content = (versions, csvs, self.settings, options, files)
        return sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
