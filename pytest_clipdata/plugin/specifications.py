"""The hook by which a ``conftest.py`` gives checks of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from pytest_clipdata.extending import Check, PictureStep, Step


def pytest_clipdata_checks(config: pytest.Config) -> Iterable[Check | Step | PictureStep]:  # type: ignore[empty-body]
    """Checks and the steps that measure their facts; see docs/extending.md.

    Asked once, when the session begins, of the ``conftest.py`` files that are loaded by then: that of the rootdir and
    those of the folders that the command line names.
    """
