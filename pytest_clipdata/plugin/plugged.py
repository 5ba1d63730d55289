"""The checks of a session: ours, those of installed packages, and those of its ``conftest.py`` files."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from pytest_clipdata.checks.registry import Registry


def registry_of(config: pytest.Config) -> Registry:
    """All checks that are judged in this session. Raises SettingsError for a plugin that cannot be used."""
    from pytest_clipdata.checks.plugged.plugin import PluginError, plugin_of
    from pytest_clipdata.checks.registry import installed_registry
    from pytest_clipdata.settings.toml import plain

    name = "the hook pytest_clipdata_checks"
    try:
        given = config.hook.pytest_clipdata_checks(config=config)
    except (Exception, SystemExit) as error:
        raise PluginError(f"{name}: {plain(f'{type(error).__name__}: {error}')}") from error
    # pytest asks the innermost first; a conftest.py has no version, so nothing of it is remembered.
    return installed_registry().with_plugins([plugin_of(name, None, things) for things in reversed(given)])
