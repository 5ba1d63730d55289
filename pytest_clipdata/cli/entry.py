"""``clipdata``: the same run without a project around it, for pre-commit, for CI, and to look up what a check means.

Nothing heavy is imported before it is known that there is something to do: a hook runs at every commit.
"""

from __future__ import annotations

import argparse
import errno
import os
import sys
from collections.abc import Sequence

from pytest_clipdata.cli import check, explain, fix, settings, suite
from pytest_clipdata.cli.words import FAILED, USAGE_ERROR, usage_error

#: The commands in the order in which the help lists them: each module adds its parser.
_COMMANDS = (check, fix, explain, settings, suite)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns pytest's exit codes: 0 all hold, 1 a check failed, 4 a usage error."""
    arguments = sys.argv[1:] if arguments is None else arguments
    command = None
    try:
        if check.nothing_is_staged(arguments):
            return 0
        parser = _parser()
        try:
            asked = parser.parse_args(arguments)
        except SystemExit as error:  # argparse: 0 after --help, 2 for what it does not understand
            return USAGE_ERROR if error.code else 0
        command = asked.command
        if command is None:
            parser.print_help()
            return 0
        return int(command(asked))
    except OSError as error:
        if _nobody_reads(error):  # the reader had enough: `clipdata explain x | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            # What nobody heard to its end has not passed; pytest itself ends so too.
            return FAILED if command is check.run else 0
        return usage_error(f"{error.filename}: {error.strerror}")
    except ValueError as error:
        if not isinstance(error, _sentences()):
            raise
        return usage_error(str(error))


def _nobody_reads(error: OSError) -> bool:
    """Whether writing failed because the other end of the pipe is closed: Windows calls that an invalid argument."""
    if sys.platform == "win32" and error.errno == errno.EINVAL:
        return error.filename is None
    return isinstance(error, BrokenPipeError)


def _sentences() -> tuple[type[ValueError], ...]:
    """The errors whose words are a sentence for the user."""
    from pytest_clipdata.fixing.plan import FixError
    from pytest_clipdata.reading.dataset import DatasetError
    from pytest_clipdata.reading.staged import StagedError
    from pytest_clipdata.settings.declared import SettingsError

    return DatasetError, FixError, SettingsError, StagedError


def _parser() -> argparse.ArgumentParser:
    from pytest_clipdata import __version__

    parser = argparse.ArgumentParser(prog="clipdata", description="Stop bad CLIP fine-tuning data at the door.")
    parser.add_argument("--version", action="version", version=f"clipdata {__version__}")
    parser.set_defaults(command=None)
    commands = parser.add_subparsers(metavar="COMMAND")
    for module in _COMMANDS:
        module.add(commands)
    return parser
