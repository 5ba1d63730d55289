"""Checks and facts that come from outside: from installed packages and from a ``conftest.py``."""
