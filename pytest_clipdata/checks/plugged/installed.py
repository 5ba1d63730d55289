"""The plugins of installed packages, found by the entry point group ``pytest_clipdata``."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from pytest_clipdata.checks.plugged.plugin import Plugin, PluginError, plugin_of
from pytest_clipdata.settings.toml import plain

GROUP = "pytest_clipdata"


def installed_plugins() -> list[Plugin]:
    """What every installed package gives, by the name of its entry point. Raises PluginError."""
    found = sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value))
    return [_load(entry) for entry in found]


def _load(entry: EntryPoint) -> Plugin:
    package = f" of {entry.dist.name} {entry.dist.version}" if entry.dist is not None else ""
    name = f"the plugin {entry.name!r}{package}"
    try:
        given = entry.load()
    except (Exception, SystemExit) as error:
        words = plain(f"{type(error).__name__}: {error}")
        raise PluginError(f"{plain(name)} ({plain(entry.value)}) cannot be loaded: {words}") from error
    return plugin_of(plain(name), entry.dist.version if entry.dist is not None else None, given)
