"""What a user's own test gets through the fixture ``clip_dataset``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_clipdata.reading.dataset import Csv
from pytest_clipdata.reading.source import CsvRows
from pytest_clipdata.settings.declared import Settings

if TYPE_CHECKING:
    import pandas as pd
from pytest_clipdata.running.run import DatasetRun


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
        return self.run.measured.settings

    @property
    def image_root(self) -> Path:
        """The folder that relative image paths start from."""
        return self.run.measured.image_roots[self.csv.name]

    @property
    def rows(self) -> CsvRows:
        """The rows as read, columnar, with their lines."""
        return self.run.measured.rows[self.csv.name]

    @property
    def facts(self) -> pd.DataFrame:
        """The facts table: one row for each row of the CSV, columns as in `pytest_clipdata.facts.COLUMNS`."""
        return self.run.facts(self.csv.name)
