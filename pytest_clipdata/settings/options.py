"""What the command line says about a run, as plain values."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

#: Shows progress: given how many images there are and what is done with them (``measuring``), a context whose value is
#: told of each batch done.
Progress = Callable[[int, str], AbstractContextManager[Callable[[int], object]]]


@dataclass(frozen=True)
class RunOptions:
    """What the command line says about a run; what a dataset wants is in its settings."""

    top: Path  #: settings and image roots are searched up to here: pytest's rootdir
    bounded: bool = True  #: a configuration file makes ``top`` the border of a project
    here: Path | None = (
        None  #: the folder that pytest was called from; the settings of its project serve data elsewhere
    )
    conftests: bool = True  #: whether pytest loads the conftest.py files, whose checks are then judged
    overrides: tuple[str, ...] = ()
    strict: bool = False
    confine: bool = False
    engine: str = "local"  #: what measures and judges: local or spark
    workers: int | None = None  #: None: one for each core
    cache: Path | None = None  #: folder of the cache; None: nothing is remembered
    keep_facts: bool = False  #: a report will want the facts tables
    device: str = "auto"  #: where models run: auto, cpu, cuda, mps; off: no smoke test
    model: str | None = None  #: a checkpoint's folder or Hugging Face id; None: a tiny CLIP
    allow_download: bool = False
    progress: Progress = lambda total, doing: nullcontext(lambda done: None)


class Named(Protocol):
    """A file of a dataset."""

    @property
    def path(self) -> Path: ...


class Located(Protocol):
    """As much of a dataset as is needed to keep out of its way."""

    @property
    def root(self) -> Path: ...

    @property
    def sources(self) -> Sequence[Named]: ...


@dataclass(frozen=True)
class Outputs:
    """What is to be written when a run ends; None leaves it out."""

    report: Path | None = None  #: folder
    quarantine: Path | None = None  #: folder
    baseline: Path | None = None  #: file
    write_baseline: bool = False
    github: bool = False  #: annotations and a job summary for GitHub Actions
    command: str = ""  #: what was typed, for the report to say

    @property
    def any(self) -> bool:
        """Whether there is anything to write; its imports are not for free."""
        return bool(self.report or self.quarantine or self.baseline or self.github)

    def unwritable(self) -> str | None:
        """What cannot be written to or made, in words, as far as can be told before hours of work."""
        for folder in (self.report, self.quarantine, self.baseline and self.write_baseline and self.baseline.parent):
            if folder:
                there = next(place for place in (folder, *folder.parents) if place.exists())
                try:
                    # Permissions tell half of it: a read-only file system lets root "write".
                    with tempfile.TemporaryFile(dir=there):
                        pass
                except OSError as error:
                    return f"cannot write to {folder}: {error.strerror}"
        return None

    def in_the_way(self, dataset: Located) -> str | None:
        """Why what is written would lie among the files of a dataset, in words.

        A quarantine holds sources and must stay out of the dataset's folder; a report must not be that folder, or any
        other that holds one of its sources.
        """
        root = dataset.root.resolve()
        if self.quarantine is not None and self.quarantine.resolve().is_relative_to(root):
            return f"--clip-quarantine: {self.quarantine} is in the dataset's own folder {root}; name another"
        folders = {root, *(source.path.resolve().parent for source in dataset.sources)}
        if self.report is not None and self.report.resolve() in folders:
            return f"--clip-report: {self.report} is the dataset's own folder; name another"
        return None

    def within(self, folder: str) -> Outputs:
        """The same for one of several datasets: each has a folder of its own."""
        return replace(
            self,
            report=self.report and self.report / folder,
            quarantine=self.quarantine and self.quarantine / folder,
        )
