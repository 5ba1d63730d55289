"""Exit codes, and what a command says when it cannot do what it was asked for."""

from __future__ import annotations

import argparse
import sys
from typing import TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"

FAILED, USAGE_ERROR = 1, 4  #: as pytest numbers them


def usage_error(words: str) -> int:
    """Say why a command cannot do what it was asked for, in one sentence; returns the exit code."""
    from pytest_clipdata.reports.visible import visible

    print(f"clipdata: {visible(words)}", file=sys.stderr)
    return USAGE_ERROR
