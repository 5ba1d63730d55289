"""The checks, one file each; the file's docstring is the manual page, the order is that of the reports."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from pytest_clipdata.checks import (
    aspect_ratio,
    columns,
    contradictions,
    decodable,
    duplicate_images,
    duplicate_rows,
    label_balance,
    labels,
    language,
    leakage,
    loader_parity,
    missing_values,
    paths,
    portable_paths,
    repeated_text,
    resolution,
    row_count,
    shortcuts,
    smoke,
    split_ratio,
    suspect_labels,
    text_hygiene,
    text_leakage,
    text_style,
    token_length,
    visibility,
    word_count,
)
from pytest_clipdata.checks.check import Check
from pytest_clipdata.checks.plugged.installed import installed_plugins
from pytest_clipdata.checks.plugged.plugin import Plugin
from pytest_clipdata.checks.plugged.sound import asked_of, refuse_step, sound_check
from pytest_clipdata.facts.columns import COLUMNS, Column, columns_of
from pytest_clipdata.facts.step import Plugged
from pytest_clipdata.settings.declared import Settings, Table, suggest


class Registry(Mapping[str, Check]):
    """Checks by id, in order, with the columns that there are. Refuses a second check of one id; suggests the nearest
    for an unknown one.

    A value: `with_plugins` makes another one for a run.
    """

    def __init__(
        self, checks: Iterable[Check], columns: Mapping[str, Column] = COLUMNS, plugins: Sequence[Plugin] = ()
    ) -> None:
        #: The columns of every facts table of a run: ours, then those of the plugins.
        self.columns = columns
        self.plugins = tuple(plugins)
        self._checks: dict[str, Check] = {}
        for check in checks:
            if check.id in self._checks:
                raise ValueError(f"two checks have the id {check.id!r}")
            self._checks[check.id] = check

    def __getitem__(self, check_id: str) -> Check:
        try:
            return self._checks[check_id]
        except KeyError:
            raise KeyError(f"no check {check_id!r}{suggest(check_id, self._checks)}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._checks)

    def __len__(self) -> int:
        return len(self._checks)

    @property
    def tables(self) -> dict[str, Table]:
        """The settings table of every check."""
        return {check_id: check.table for check_id, check in self._checks.items()}

    def with_plugins(self, plugins: Sequence[Plugin]) -> Registry:
        """These checks and those of ``plugins``, in that order. Raises PluginError for what cannot be used."""
        columns, checks = dict(self.columns), dict(self._checks)
        for plugin in plugins:
            for step in plugin.steps:
                refuse_step(plugin, step, columns)
                columns |= columns_of([step])
        for plugin in plugins:
            for check in plugin.checks:
                checks[check.id] = sound_check(plugin, check, columns, checks)
        return Registry(checks.values(), columns, [*self.plugins, *plugins])

    def refuse(self, settings: Settings) -> None:
        """Raise PluginError if a plugin's check makes no expectations of its ``settings``."""
        for plugin in self.plugins:
            for check in plugin.checks:
                asked_of(self._checks[check.id], settings.checks[check.id].options)

    def steps(self, facts: Collection[str]) -> tuple[Plugged, ...]:
        """The steps of plugins that measure any of ``facts``."""
        plugged = (step for plugin in self.plugins for step in plugin.plugged)
        return tuple(each for each in plugged if any(fact.name in facts for fact in each.step.facts))

    def lasting(self, check: Check) -> bool:
        """Whether an answer of ``check`` may be remembered: a plugin without a version may change without a word."""
        fleeting = [plugin for plugin in self.plugins if plugin.version is None]
        if any(check.id == own.id for plugin in fleeting for own in plugin.checks):
            return False
        return not any(fact.name in check.facts for plugin in fleeting for step in plugin.steps for fact in step.facts)

    @property
    def versions(self) -> list[tuple[str, str]]:
        """The plugins that have a version, with it: what remembered answers depend on."""
        return [(plugin.name, plugin.version) for plugin in self.plugins if plugin.version is not None]


#: Our own checks.
REGISTRY = Registry(
    module.CHECK
    for module in (
        columns,
        missing_values,
        labels,
        paths,
        portable_paths,
        decodable,
        resolution,
        aspect_ratio,
        loader_parity,
        visibility,
        word_count,
        token_length,
        text_hygiene,
        text_style,
        language,
        duplicate_rows,
        contradictions,
        duplicate_images,
        repeated_text,
        label_balance,
        shortcuts,
        row_count,
        split_ratio,
        leakage,
        text_leakage,
        smoke,
        suspect_labels,
    )
)


def installed_registry() -> Registry:
    """Our own checks and those of installed packages. Raises PluginError."""
    return REGISTRY.with_plugins(installed_plugins())
