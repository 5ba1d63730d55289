"""What was typed on the command line of this run, as against what a configuration file adds to every run."""

from __future__ import annotations

import re
from collections.abc import Sequence

#: Options that leave tests out, with pytest's short flags that may stand before them: ``-qk words``, ``-m=gpu``.
_LEAVES_OUT = re.compile(
    r"-[vqsxlfdh]*[km]|--(deselect|ignore|ignore-glob|lf|last-failed|sw|stepwise|sw-skip|stepwise-skip)(=|$)"
)


def leaves_out(arguments: Sequence[str]) -> bool:
    """Whether one of the ``arguments``, as they were typed, asks for a part of the tests only."""
    return any(_LEAVES_OUT.match(argument) for argument in arguments)
