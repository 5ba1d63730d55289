from __future__ import annotations

import pytest
from hypothesis import settings

pytest_plugins = ["pytester"]
pytest.register_assert_rewrite("tools")

# Speed is the business of benchmarks/: a busy machine must not fail a test.
settings.register_profile("clipdata", deadline=None, derandomize=True, print_blob=False)
settings.load_profile("clipdata")
