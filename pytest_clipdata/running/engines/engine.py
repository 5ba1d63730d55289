"""What an engine is: it measures the rows of a dataset and makes facts tables of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from pytest_clipdata.facts.step import Needs
from pytest_clipdata.facts.table import Table
from pytest_clipdata.findings import SplitSummary
from pytest_clipdata.images.facts import Limits
from pytest_clipdata.reading.columns import Columns
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.reading.mirror import Mirror
from pytest_clipdata.reading.source import Rows


class Engine(Protocol):
    """The measures of one dataset, each made once and only as far as it is asked for.

    How far rows are to be measured is an argument: no answer depends on what was asked before.
    """

    @property
    def columns(self) -> Mapping[str, Columns]:
        """Which column is which in every source, by its name; no source is read for it beyond its first rows."""
        ...

    @property
    def rows(self) -> Mapping[str, Rows]:
        """The rows of every source, by its name."""
        ...

    @property
    def mirror(self) -> Mirror | None:
        """Where the files of the dataset are, if its root is a copy of a folder elsewhere."""
        ...

    @property
    def limits(self) -> Limits:
        """What a picture may cost."""
        ...

    @property
    def image_roots(self) -> Mapping[str, Path]:
        """The folder that the relative image paths of each source start from."""
        ...

    @property
    def files(self) -> Mapping[str, Mapping[str, FileFacts]]:
        """The file that each path of each source names."""
        ...

    @property
    def splits(self) -> tuple[SplitSummary, ...]:
        """How much each source holds."""
        ...

    def table(self, source: str, needs: Needs) -> Table:
        """The facts of one source."""
        ...

    def close(self) -> None:
        """Stop what was started to measure and to judge; nothing is asked of the engine or its tables afterwards."""
        ...

    def lasting(self, needs: Needs) -> bool:
        """Whether all that was measured tells of the data, and nothing of this run: a busy machine, a permission."""
        ...
