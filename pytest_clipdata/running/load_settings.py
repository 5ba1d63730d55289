"""The settings of a dataset: the file that is in force for it, what the command line says, and the checks there are."""

from __future__ import annotations

from pytest_clipdata.checks.own_rule import user_check
from pytest_clipdata.checks.registry import REGISTRY, Registry
from pytest_clipdata.reading.dataset import Dataset
from pytest_clipdata.reading.image_root import named_root
from pytest_clipdata.running.conftests import unloaded_conftests
from pytest_clipdata.settings import load
from pytest_clipdata.settings.declared import Settings, SettingsError
from pytest_clipdata.settings.find import climb, find_settings_file, folders_above
from pytest_clipdata.settings.models import Model
from pytest_clipdata.settings.options import RunOptions
from pytest_clipdata.settings.toml import is_folder, plain


def load_settings(dataset: Dataset, options: RunOptions, registry: Registry = REGISTRY) -> Settings:
    """The settings of a dataset. Raises SettingsError, also for a checkpoint that cannot be had or used.

    Where no ``conftest.py`` is loaded, a table that we do not know may be that of a check of one.
    """
    projects = [options.top, *(climb(options.here) if options.here is not None else ())]
    sources = []
    for folder in sorted({source.path.parent for source in dataset.sources}):
        folders = folders_above(folder, dataset.root, options.top, bounded=options.bounded)
        sources.append(find_settings_file(folders, projects))
    file = load.paths_agree(sources)
    strangers = bool(unloaded_conftests(dataset, options))
    loaded = load.load(file, options.overrides, registry.tables, _checkpoint(options), strangers=strangers)
    for source in dataset.sources if (image_root := loaded.general["image_root"]) else ():
        if not is_folder(folder := named_root(image_root, dataset, source)):
            place = loaded.origins["image_root"]
            raise SettingsError(f"{place}: image_root: there is no folder {plain(folder)}")
    for expectation in loaded.expectations:
        try:
            user_check(expectation, registry.columns)
        except SettingsError as error:
            raise SettingsError(f"{plain(loaded.place)}: {error}") from None
    registry.refuse(loaded)
    if options.engine == "spark":
        from pytest_clipdata.running.engines.spark.session import unusable

        if (words := unusable(loaded.general["engine"]["master"])) is not None:
            raise SettingsError(words)
    return loaded


def _checkpoint(options: RunOptions) -> Model | None:
    """What the checkpoint of ``--clip-model`` reads, if there is one. Raises SettingsError."""
    if options.model is None:
        return None
    from pytest_clipdata.smoke.described import described
    from pytest_clipdata.smoke.values import SmokeError

    try:
        return described(options.model, allow_download=options.allow_download)
    except SmokeError as error:
        raise SettingsError(f"--clip-model: {plain(error, 600)}") from error
