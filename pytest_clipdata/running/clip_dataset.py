"""What a user's own test gets through the fixture ``clip_dataset``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_clipdata.facts.step import Needs
from pytest_clipdata.reading.source import Rows, Source
from pytest_clipdata.settings.declared import Settings

if TYPE_CHECKING:
    import pandas as pd
from pytest_clipdata.running.run import DatasetRun


@dataclass(frozen=True)
class ClipDataset:
    """One CSV for a user's own test, through the fixture ``clip_dataset``."""

    run: DatasetRun
    source: Source
    id: str

    @property
    def path(self) -> Path:
        """The CSV."""
        return self.source.path

    @property
    def split(self) -> str:
        """``train``, ``val``, ``test`` or the name of the CSV."""
        return self.source.split

    @property
    def settings(self) -> Settings:
        """What the dataset is judged by."""
        return self.run.settings

    @property
    def image_root(self) -> Path:
        """The folder that relative image paths start from."""
        return self.run.engine.image_roots[self.source.name]

    @property
    def rows(self) -> Rows:
        """The rows as read, columnar, with their lines."""
        return self.run.engine.rows[self.source.name]

    @property
    def facts(self) -> pd.DataFrame:
        """The facts table: one row for each row of the CSV, columns as in `pytest_clipdata.facts.COLUMNS`."""
        return self.run.table(self.source.name, max(Needs)).frame
