"""One run over one dataset: what its items share, computed once and only as far as they need it.

Data goes one way: CSVs -> rows -> files -> image facts -> similarity -> facts table -> suite -> results.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata import __version__
from pytest_clipdata import settings as settings_module
from pytest_clipdata.checks import REGISTRY
from pytest_clipdata.checks.check import Check, Splits
from pytest_clipdata.dataset import Csv, Dataset, choose_image_root
from pytest_clipdata.facts import Measured, Needs, label_words, table
from pytest_clipdata.findings import CheckResult, Outcome, Related, Severity, SplitSummary
from pytest_clipdata.images.cache import TRANSIENT, Cache
from pytest_clipdata.images.facts import MEASURE_VERSION, ImageFacts, Limits
from pytest_clipdata.images.files import FileFacts, locate
from pytest_clipdata.reports.visible import visible
from pytest_clipdata.rows import CsvRows, read_rows
from pytest_clipdata.settings import CheckSettings, Settings
from pytest_clipdata.suite import Rule, Verdict, judge, preload, user_check

if TYPE_CHECKING:
    import pandas as pd

#: Shows progress: given how many images are to be measured, a context whose value is told of each batch done.
Progress = Callable[[int], AbstractContextManager[Callable[[int], object]]]


@dataclass(frozen=True)
class RunOptions:
    """What the command line says about a run; what a dataset wants is in its settings."""

    top: Path  #: settings and image roots are searched up to here: pytest's rootdir
    overrides: tuple[str, ...] = ()
    strict: bool = False
    confine: bool = False
    workers: int | None = None  #: None: one for each core
    cache: Path | None = None  #: folder of the cache; None: nothing is remembered
    keep_facts: bool = False  #: a report will want the facts tables
    progress: Progress = lambda total: nullcontext(lambda done: None)


def load_settings(dataset: Dataset, options: RunOptions) -> Settings:
    """The settings of a dataset. Raises SettingsError."""
    folders = {csv.path.parent for csv in dataset.csvs}
    sources = [settings_module.find_settings_file(folder, options.top) for folder in sorted(folders)]
    loaded = settings_module.load(settings_module.paths_agree(sources), options.overrides, REGISTRY.tables)
    for expectation in loaded.expectations:
        user_check(expectation)
    return loaded


@dataclass(frozen=True)
class ClipDataset:
    """One CSV for a user's own test, through the fixture ``clip_dataset``."""

    run: DatasetRun
    csv: Csv
    id: str

    @property
    def path(self) -> Path:
        """The CSV."""
        return self.csv.path

    @property
    def split(self) -> str:
        """``train``, ``val``, ``test`` or the name of the CSV."""
        return self.csv.split

    @property
    def settings(self) -> Settings:
        """What the dataset is judged by."""
        return self.run.settings

    @property
    def image_root(self) -> Path:
        """The folder that relative image paths start from."""
        return self.run.image_roots[self.csv.name]

    @property
    def rows(self) -> CsvRows:
        """The rows as read, columnar, with their lines."""
        return self.run.rows[self.csv.name]

    @property
    def facts(self) -> pd.DataFrame:
        """The facts table: one row for each row of the CSV, columns as in `pytest_clipdata.facts.COLUMNS`."""
        return self.run.facts(self.csv.name)


class DatasetRun:
    """What is known of one dataset in this process. Nothing is computed before it is asked for."""

    def __init__(self, dataset: Dataset, settings: Settings, options: RunOptions) -> None:
        self.dataset = dataset
        self.settings = settings
        self.options = options
        self.frames: dict[str, pd.DataFrame] = {}
        self.verdicts: dict[str, Verdict] = {}
        self.want_all_facts = False
        self._wanted: dict[str, list[str]] = {}
        self._results: dict[tuple[str, str], CheckResult] = {}
        self._measured = self._remembered = 0
        self._replayed = False

    def check_ids(self) -> list[str]:
        """The checks that become items of each CSV, in order."""
        ids = [check_id for check_id, check in self.settings.checks.items() if check.severity is not Severity.OFF]
        return ids + [rule.id for rule in self.settings.expectations if rule.severity is not Severity.OFF]

    def want(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Say which (CSV, check) will be asked for, so that only what they need is measured."""
        for csv, check_id in wanted:
            self._wanted.setdefault(csv, []).append(check_id)

    def result(self, csv: str, check_id: str) -> CheckResult:
        """How a check of a CSV ended; the first call for a CSV judges all of its checks at once."""
        if (csv, check_id) not in self._results:
            wanted = self._wanted.get(csv, [])
            self._judge(csv, wanted if check_id in wanted else [*wanted, check_id])
        return self._results[csv, check_id]

    @property
    def selected(self) -> list[Csv]:
        """The CSVs that were asked for; their siblings are read but not judged."""
        return [csv for csv in self.dataset.csvs if csv.name in self.dataset.selected]

    def header(self, name: str) -> list[str]:
        """The lines that say what is tested: image root and splits."""
        roots = dict.fromkeys(os.path.relpath(root, self.dataset.root) for root in self.image_roots.values())
        lines = [f"clip-dataset: {visible(name)}, image root {visible(', '.join(roots))}"]
        return lines + [
            f"  {visible(split.csv)}: {visible(split.split)}, {split.rows:,} rows, {split.images:,} images"
            for split in self.splits
        ]

    # --- what is read -----------------------------------------------------------------------------------------

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

    # --- what is measured and judged ----------------------------------------------------------------------------

    @cached_property
    def needs(self) -> Needs:
        """How far the wanted checks make us measure."""
        if self.want_all_facts:
            return Needs.SIMILARITY
        wanted = {check_id for ids in self._wanted.values() for check_id in ids}
        return max((self._check(check_id).needs for check_id in wanted), default=Needs.TEXT)

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
        known = self.cache.lookup(files.values(), pixels=pixels, limits=limits)
        self._remembered = len(known)
        missing = [path for path in files if path not in known]
        if missing:
            known |= self._measure(missing, files, pixels, limits)
        return known

    def _measure(
        self, paths: Sequence[Path], files: Mapping[Path, FileFacts], pixels: bool, limits: Limits
    ) -> dict[Path, ImageFacts]:
        from pytest_clipdata.images.pool import measure_all

        facts: dict[Path, ImageFacts] = {}
        importing = threading.Thread(target=preload, daemon=True)
        importing.start()
        try:
            with (
                self.options.progress(len(paths)) as progress,
                measure_all(paths, pixels=pixels, limits=limits, workers=self.options.workers) as measuring,
            ):
                for index, image in measuring:
                    facts[paths[index]] = image
                    self.cache.store(files[paths[index]], image, pixels=pixels, limits=limits)
                    progress(1)
        finally:
            self.cache.flush()  # an interrupted run keeps what was measured
        importing.join()
        self._measured = len(facts)
        return facts

    def effort(self) -> str:
        """What this run did and what it knew already, in words; and what went wrong with the cache."""
        done = f"{self._measured:,} images measured, {self._remembered:,} from the cache"
        words = "nothing changed, verdicts from the cache" if self._replayed and not self._measured else done
        return words if self.cache.problem is None else f"{words}; {self.cache.problem}"

    @cached_property
    def measured(self) -> list[Measured]:
        """What was read of each CSV, in the order of the dataset."""
        files = self.files if self.needs >= Needs.FILES else {csv.name: {} for csv in self.dataset.csvs}
        return [Measured(csv, self.rows[csv.name], files[csv.name]) for csv in self.dataset.csvs]

    @cached_property
    def relations(self) -> dict[str, dict[str, Any]]:
        """The columns that compare rows with each other."""
        from pytest_clipdata.relations import relate

        images = rules = None
        if self.needs >= Needs.SIMILARITY:
            from pytest_clipdata.similarity import SamePicture

            images, rules = self.images, SamePicture(**self.settings.same_picture)
        return relate(self.measured, self.dataset.training_split, images, rules, self._labels)

    def facts(self, csv: str) -> pd.DataFrame:
        """The facts table of one CSV, as far as the wanted checks need it."""
        (measured,) = (measured for measured in self.measured if measured.csv.name == csv)
        return table(measured, self.images, self.relations[csv], self._labels)

    @property
    def _labels(self) -> Mapping[str, str]:
        return label_words(self.settings.checks["labels"].options)

    def _judge(self, csv: str, check_ids: Sequence[str]) -> None:
        if self._replay(csv, check_ids):
            return
        rules = [self._rule(csv, check_id) for check_id in check_ids]
        facts = self.facts(csv)
        verdict = judge(csv, facts, rules, self.options.strict, self._refer)
        self._results |= {(csv, result.check): result for result in verdict.results}
        if self.options.keep_facts:
            self.frames[csv], self.verdicts[csv] = facts, verdict
        certain = all(result.outcome is not Outcome.ERROR for result in verdict.results)
        if certain and self.digest and not any(image.status in TRANSIENT for image in self.images.values()):
            texts = {(csv, result.check): result.dumps() for result in verdict.results}
            self.cache.store_verdicts(self.digest, texts)

    def _replay(self, csv: str, check_ids: Sequence[str]) -> bool:
        """Take the stored verdict if nothing that it depends on has changed."""
        if self.options.keep_facts or self.want_all_facts or not self.digest:
            return False
        texts = {check_id: self.cache.verdict(self.digest, csv, check_id) for check_id in check_ids}
        results = {(csv, check_id): CheckResult.loads(text) for check_id, text in texts.items() if text is not None}
        if len(results) < len(texts):
            return False
        self._results |= results
        self._replayed = True
        return True

    @cached_property
    def digest(self) -> str | None:
        """A hash of all that a verdict depends on; None while a file is too young to tell by its times (see `files`).

        Cheap on purpose, and without a heavy import: bytes of the CSVs, settings, times of the files, versions.
        """
        files = {name: sorted(located.items()) for name, located in self.files.items()}
        if any(file.path is not None and not file.settled for located in files.values() for _, file in located):
            return None
        packages = ("great-expectations", "pillow", "numpy", "pandas", "instant-clip-tokenizer")
        versions = [__version__, MEASURE_VERSION, sys.version_info[:2], *map(_version, packages)]
        csvs = [(csv.name, csv.split, self.rows[csv.name].sha256) for csv in self.dataset.csvs]
        content = (versions, csvs, self.settings, self.options.strict, files)
        return sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def cache(self) -> Cache:
        """What earlier runs measured and judged."""
        return Cache(self.options.cache)

    def _check(self, check_id: str) -> Check:
        own = {rule.id: rule for rule in self.settings.expectations}
        return user_check(own[check_id]) if check_id in own else REGISTRY[check_id]

    def _rule(self, csv: str, check_id: str) -> Rule:
        check = self._check(check_id)
        settings = self.settings.checks.get(check_id) or CheckSettings(check.severity, 1.0, {})
        return Rule(check, settings, not_judged=self._not_judged(check, csv))

    def _not_judged(self, check: Check, csv: str) -> str | None:
        """Why a check has nothing to say about a CSV, whatever is in it."""
        training, splits = self.dataset.training_split, {csv.split for csv in self.dataset.csvs}
        if check.splits is Splits.ANY:
            return None
        if training is None:
            return "the dataset has no training split"
        if check.splits is not Splits.TRAINING and len(splits) == 1:
            return "the dataset has no other split than its training split"
        is_training = self._csv(csv).split == training
        if is_training == (check.splits is not Splits.HELD_OUT):
            return None
        return "judged on the training split" if not is_training else "judged on the other splits"

    def _csv(self, name: str) -> Csv:
        return next(csv for csv in self.dataset.csvs if csv.name == name)

    @cached_property
    def _path_by_line(self) -> dict[str, dict[int, str | None]]:
        return {name: dict(zip(rows.lines, rows.image_paths, strict=True)) for name, rows in self.rows.items()}

    def _refer(self, reference: str) -> Related:
        name, _, line = reference.rpartition(":")
        return Related(name, int(line), self._path_by_line[name][int(line)])


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
