"""Paths as a user reads them."""

from __future__ import annotations

import os
from pathlib import Path


def seen_from(path: str | Path, start: str | Path = os.curdir) -> str:
    """``path`` as seen from the folder ``start``, with ``/`` on every system.

    The whole path where there is no way from one to the other: another drive of Windows, or a share of its network.
    """
    try:
        seen = os.path.relpath(path, start)
    except ValueError:
        seen = os.path.abspath(path)  # noqa: PTH100 - `resolve` would follow links
    return seen.replace(os.sep, "/")
