"""What the command line says about a run, as plain values."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

#: Shows progress: given how many images are to be measured, a context whose value is told of each batch done.
Progress = Callable[[int], AbstractContextManager[Callable[[int], object]]]


@dataclass(frozen=True)
class RunOptions:
    """What the command line says about a run; what a dataset wants is in its settings."""

    top: Path  #: settings and image roots are searched up to here: pytest's rootdir
    bounded: bool = True  #: a configuration file makes ``top`` the border of a project
    here: Path | None = (
        None  #: the folder that pytest was called from; the settings of its project serve data elsewhere
    )
    overrides: tuple[str, ...] = ()
    strict: bool = False
    confine: bool = False
    workers: int | None = None  #: None: one for each core
    cache: Path | None = None  #: folder of the cache; None: nothing is remembered
    keep_facts: bool = False  #: a report will want the facts tables
    device: str = "auto"  #: where models run: auto, cpu, cuda, mps; off: no smoke test
    model: str | None = None  #: a checkpoint's folder or Hugging Face id; None: a tiny CLIP
    allow_download: bool = False
    progress: Progress = lambda total: nullcontext(lambda done: None)


@dataclass(frozen=True)
class Outputs:
    """What is to be written when a run ends; None leaves it out."""

    report: Path | None = None  #: folder
    quarantine: Path | None = None  #: folder
    baseline: Path | None = None  #: file
    write_baseline: bool = False
    github: bool = False  #: annotations and a job summary for GitHub Actions

    @property
    def any(self) -> bool:
        """Whether there is anything to write; its imports are not for free."""
        return bool(self.report or self.quarantine or self.baseline or self.github)

    def unwritable(self) -> Path | None:
        """A folder that cannot be written to or made, as far as can be told before hours of work."""
        for folder in (self.report, self.quarantine, self.baseline and self.write_baseline and self.baseline.parent):
            if folder:
                there = next(place for place in (folder, *folder.parents) if place.exists())
                if not (there.is_dir() and os.access(there, os.W_OK)):
                    return folder
        return None

    def within(self, folder: str) -> Outputs:
        """The same for one of several datasets: each has a folder of its own."""
        return replace(
            self,
            report=self.report and self.report / folder,
            quarantine=self.quarantine and self.quarantine / folder,
        )
