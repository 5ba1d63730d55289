"""What the author of a check imports. See docs/extending.md for a worked example."""

from __future__ import annotations

from pytest_clipdata.checks.check import Check, Expectation, Options, Row, Splits, Words, rows_where
from pytest_clipdata.facts.step import Context, Fact, Needs, PictureStep, Step
from pytest_clipdata.findings import Severity
from pytest_clipdata.images.facts import Value
from pytest_clipdata.settings.declared import Option
from pytest_clipdata.settings.options import RunOptions

__all__ = [
    "Check",
    "Context",
    "Expectation",
    "Fact",
    "Needs",
    "Option",
    "Options",
    "PictureStep",
    "Row",
    "RunOptions",
    "Severity",
    "Splits",
    "Step",
    "Value",
    "Words",
    "rows_where",
]
