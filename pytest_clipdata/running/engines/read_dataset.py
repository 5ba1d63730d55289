"""What every engine reads of a dataset before it measures anything: columns, rows, image roots, files.

Data goes one way: sources -> columns -> rows -> image roots -> files. Each is read once, when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from pytest_clipdata.findings import SplitSummary
from pytest_clipdata.reading.columns import Columns, choose_columns, wanted, words_of_labels
from pytest_clipdata.reading.dataset import Dataset
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.reading.image_root import image_roots, named_root
from pytest_clipdata.reading.local_files import locate
from pytest_clipdata.reading.mirror import Mirror, mirror_of
from pytest_clipdata.reading.remote_pictures import hide_secrets, look_up
from pytest_clipdata.reading.source import Rows
from pytest_clipdata.settings.declared import Settings
from pytest_clipdata.settings.labels import label_words, normalise_label
from pytest_clipdata.settings.options import RunOptions


class ReadDataset:
    """The part of an `engine.Engine` that no picture is opened for."""

    def __init__(self, dataset: Dataset, settings: Settings, options: RunOptions) -> None:
        self.dataset = dataset
        self.settings = settings
        self.options = options

    @cached_property
    def rows(self) -> dict[str, Rows]:
        return self._shown[0]

    @cached_property
    def _shown(self) -> tuple[dict[str, Rows], dict[str, str]]:
        """The rows, in which URLs hold no secrets, and the whole URLs."""
        rows = {source.name: source.rows(self.columns[source.name]) for source in self.dataset.sources}
        if self.mirror is not None:
            rows = {name: self.mirror.absolute(table) for name, table in rows.items()}
        return hide_secrets(rows)

    @cached_property
    def mirror(self) -> Mirror | None:
        return mirror_of(self.dataset.root, self.options.cache)

    @cached_property
    def columns(self) -> dict[str, Columns]:
        heads = {source.name: source.head() for source in self.dataset.sources}
        return choose_columns(heads, wanted(self.settings))

    @cached_property
    def image_roots(self) -> dict[str, Path]:
        explicit = self.settings.general["image_root"]
        if explicit:
            return {source.name: named_root(explicit, self.dataset, source) for source in self.dataset.sources}
        paths = {name: set(_paths(rows)) for name, rows in self.rows.items()}
        return image_roots(self.dataset, paths, self.options.top)

    @cached_property
    def files(self) -> dict[str, dict[str, FileFacts]]:
        urls = self._shown[1]
        mirror = self.mirror
        located: dict[Path, dict[str, FileFacts]] = {}
        for root in dict.fromkeys(self.image_roots.values()):
            names = [name for name, other in self.image_roots.items() if other == root]
            paths = {path: None for name in names for path in _paths(self.rows[name]) if path not in urls}
            located[root] = locate(paths, root, confine=self.options.confine)
            if mirror is not None:
                located[root] = {path: mirror.remote(facts) for path, facts in located[root].items()}
        hosts = [] if self.options.confine else [*self.settings.general["remote"]["hosts"]]
        remote = look_up(urls, hosts + ([] if mirror is None else [mirror.url]))
        return {
            name: located[root]
            | {path: remote[path] for path in _paths(self.rows[name]) if path in remote}
            | dict(self.rows[name].within)
            for name, root in self.image_roots.items()
        }

    @cached_property
    def splits(self) -> tuple[SplitSummary, ...]:
        summaries = []
        for source in self.dataset.sources:
            rows = self.rows[source.name]
            words = self.labels[source.name]
            judged = [word for label in rows.labels if label and (word := words.get(normalise_label(label)))]
            labelled = self.columns[source.name].label is not None
            share = judged.count("match") / len(judged) if judged and labelled else None
            images = len({path for path in rows.image_paths if path is not None})
            summaries.append(SplitSummary(source.name, source.split, len(rows.lines), images, share))
        return tuple(summaries)

    @cached_property
    def labels(self) -> dict[str, dict[str, str]]:
        """``match`` or ``mismatch`` by normalised spelling, by source."""
        words = label_words(self.settings.checks["labels"].options)
        return {name: words_of_labels(rows.labels, self.columns[name], words) for name, rows in self.rows.items()}


def _paths(rows: Rows) -> Iterator[str]:
    """The cells of a source that are paths of files."""
    return (path for path in rows.image_paths if path is not None and path not in rows.within)
