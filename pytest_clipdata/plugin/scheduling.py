"""How pytest-xdist spreads the items: one dataset stays on one worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest


def dataset_scheduling(config: pytest.Config, log: Any, datasets: Mapping[str, str]) -> Any:
    """A scheduler that keeps the items of a dataset together, so that nothing is measured twice.

    ``datasets`` gives the dataset of each source by the path that begins its node ids; other tests go as they would.
    None under ``--dist each``, where every worker runs every test.
    """
    from xdist.scheduler import LoadFileScheduling, LoadGroupScheduling, LoadScopeScheduling

    mode = config.getvalue("dist")
    bases = {"loadscope": LoadScopeScheduling, "loadfile": LoadFileScheduling}
    if mode == "each":
        return None

    class DatasetScheduling(bases.get(mode, LoadGroupScheduling)):  # type: ignore[misc] # xdist is untyped
        def _split_scope(self, nodeid: str) -> str:
            dataset = datasets.get(nodeid.split("::")[0])
            return str(super()._split_scope(nodeid)) if dataset is None else dataset

    return DatasetScheduling(config, log)
