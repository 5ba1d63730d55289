"""What was typed on the command line of this run, as against what a configuration file adds to every run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import PurePath

from pytest_clipdata.reading.remote_urls import without_secrets

#: Options that leave tests out, with pytest's short flags that may stand before them: ``-qk words``, ``-m=gpu``.
_LEAVES_OUT = re.compile(
    r"-[vqsxlfdh]*[km]|--(deselect|ignore|ignore-glob|lf|last-failed|sw|stepwise|sw-skip|stepwise-skip)(=|$)"
)


def leaves_out(arguments: Sequence[str]) -> bool:
    """Whether one of the ``arguments``, as they were typed, asks for a part of the tests only."""
    return any(_LEAVES_OUT.match(argument) for argument in arguments)


def typed(argv: Sequence[str], arguments: Sequence[str]) -> str:
    """The command of this run as a shell takes it; ``argv`` is the process's, ``arguments`` were given to pytest.

    ``clipdata`` gives pytest other arguments than it was given; of a run that a program started only pytest's count.
    """
    ours = bool(argv) and PurePath(argv[0]).stem == "clipdata"
    words = ["clipdata", *argv[1:]] if ours else ["pytest", *map(str, arguments)]
    return shlex.join(without_secrets(word) if "://" in word else word for word in words)
