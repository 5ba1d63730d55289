"""What one plugin gives, as a value; and the error of one that cannot be used."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from sys import modules
from typing import Any

from pytest_clipdata.checks.check import Check
from pytest_clipdata.facts.step import PictureStep, Plugged, Step
from pytest_clipdata.settings.declared import SettingsError
from pytest_clipdata.settings.toml import plain


class PluginError(SettingsError):
    """A plugin that cannot be used: it does not load, or gives what is no check or step. One sentence, for the user."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """The checks and steps of one plugin. ``version`` is None if nothing of it may be remembered for the next run."""

    name: str
    version: str | None
    checks: tuple[Check, ...] = ()
    steps: tuple[Step | PictureStep, ...] = ()

    @property
    def plugged(self) -> tuple[Plugged, ...]:
        """The steps, each with where it comes from."""
        return tuple(Plugged(step, self.name, self.version) for step in self.steps)


def plugin_of(name: str, version: str | None, given: object) -> Plugin:
    """The plugin ``name`` that gave one object, several, or a function without arguments that gives them.

    Raises PluginError for what is neither a `Check` nor a `Step` or `PictureStep`, and for a function that raises.
    """
    try:
        if callable(given) and not isinstance(given, (Check, Step, PictureStep, type)):
            given = given()
        objects: list[object] = [given]
        if isinstance(given, Iterable) and not isinstance(given, (str, bytes)):
            objects = list(given)
    except (Exception, SystemExit) as error:
        raise PluginError(f"{name}: {plain(f'{type(error).__name__}: {error}')}") from error
    for thing in objects:
        if not isinstance(thing, (Check, Step, PictureStep)):
            raise PluginError(f"{name}: {plain(repr(thing))} is no Check, Step or PictureStep")
    checks = tuple(thing for thing in objects if isinstance(thing, Check))
    steps = tuple(thing for thing in objects if isinstance(thing, (Step, PictureStep)))
    if version is not None:
        version = f"{version} {_digest([*(c.message for c in checks), *(c.expectations for c in checks)], steps)}"
    return Plugin(name, version, checks, steps)


def _digest(functions: list[Callable[..., Any]], steps: Iterable[Step | PictureStep]) -> str:
    """A digest of the files in which functions stand: whoever writes a plugin changes them without a new version."""
    named = {getattr(function, "__module__", None) for function in [*functions, *(step.measure for step in steps)]}
    files = sorted({str(getattr(modules.get(str(name)), "__file__", None) or "") for name in named} - {""})
    digest = sha256()
    for file in files:
        try:
            digest.update(Path(file).read_bytes())
        except OSError:  # a module within an archive: its version is all that is known
            continue
    return digest.hexdigest()[:16]
