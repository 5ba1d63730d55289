"""The pytest plugin. Without ``--clip-dataset`` it adds its options and nothing else."""

from __future__ import annotations

from pytest_clipdata.plugin.hooks import (
    clip_dataset,
    pytest_addhooks,
    pytest_addoption,
    pytest_configure,
    pytest_generate_tests,
)

__all__ = ["clip_dataset", "pytest_addhooks", "pytest_addoption", "pytest_configure", "pytest_generate_tests"]
