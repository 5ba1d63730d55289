from __future__ import annotations

from hypothesis import settings

pytest_plugins = ["pytester"]

# Speed is the business of benchmarks/: a busy machine must not fail a test.
settings.register_profile("clipdata", deadline=None, derandomize=True, print_blob=False)
settings.load_profile("clipdata")
