"""What is measured of each row: every column of the facts table, and the table itself."""

from __future__ import annotations

from pytest_clipdata.facts.columns import COLUMNS
from pytest_clipdata.facts.step import Needs

__all__ = ["COLUMNS", "Needs"]
