"""An old name, for the warning filters of projects that use it: see `pytest_clipdata.plugin.failure`."""

from __future__ import annotations

from pytest_clipdata.plugin.failure import ClipDataWarning

__all__ = ["ClipDataWarning"]
