"""``clipdata``: the same run without a project around it, a file for each command."""

from __future__ import annotations

from pytest_clipdata.cli.entry import main

__all__ = ["main"]
