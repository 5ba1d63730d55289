"""The plugin's hooks. Without ``--clip-dataset`` it adds the options and nothing else.

Everything heavier than the standard library is imported where the first item needs it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_clipdata.plugin.options import add_options

if TYPE_CHECKING:
    from pytest_clipdata.running.clip_dataset import ClipDataset


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser.getgroup("clipdata", "CLIP fine-tuning data").addoption)


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("clip_dataset"):
        config.addinivalue_line("markers", "gpu: a test that runs on an accelerator")
        from pytest_clipdata.plugin.ending import Ending
        from pytest_clipdata.plugin.session import ClipDataPlugin

        plugin = ClipDataPlugin(config)
        config.pluginmanager.register(plugin, "clipdata-run")
        config.pluginmanager.register(Ending(plugin), "clipdata-ending")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "clip_dataset" in metafunc.fixturenames:
        plugin = metafunc.config.pluginmanager.get_plugin("clipdata-run")
        datasets = plugin.datasets() if plugin else []
        skip = pytest.param(None, marks=pytest.mark.skip(reason="needs --clip-dataset"), id="none")
        params = [pytest.param(dataset, id=dataset.id) for dataset in datasets] or [skip]
        metafunc.parametrize("clip_dataset", params, indirect=True)


@pytest.fixture
def clip_dataset(request: pytest.FixtureRequest) -> ClipDataset:
    """One CSV of ``--clip-dataset``, a test for each: its path, split, rows, settings and facts table."""
    dataset: ClipDataset = request.param
    return dataset
