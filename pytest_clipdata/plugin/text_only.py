"""``clipdata check --text-only``: a plugin that leaves out every check that opens an image.

It is a module, not an object, so that the workers of pytest-xdist can be told to load it too.
"""

from __future__ import annotations

import pytest

from pytest_clipdata.facts.step import Needs
from pytest_clipdata.plugin.items import CheckItem


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect the items of checks that take more than the cells of the sources."""
    opened = {item for item in items if isinstance(item, CheckItem) and item.run.needs(item.name) > Needs.TEXT}
    config.hook.pytest_deselected(items=list(opened))
    items[:] = [item for item in items if item not in opened]
