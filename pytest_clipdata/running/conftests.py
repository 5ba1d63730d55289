"""The ``conftest.py`` files around a dataset that are not loaded: what checks they hold is not judged, and is said."""

from __future__ import annotations

from pathlib import Path

from pytest_clipdata.reading.dataset import Dataset
from pytest_clipdata.reading.seen_from import seen_from
from pytest_clipdata.settings.find import climb
from pytest_clipdata.settings.options import RunOptions
from pytest_clipdata.settings.toml import plain

#: What a conftest.py that gives checks has in it.
_HOOK = b"def pytest_clipdata_checks"
_MOST_BYTES = 1_000_000


def unloaded_conftests(dataset: Dataset, options: RunOptions) -> list[Path]:
    """The files that give checks and are not loaded: those above the sources and above the folder of the call."""
    if options.conftests:
        return []
    starts = [*sorted({source.path.parent for source in dataset.sources}), options.here or options.top]
    folders = dict.fromkeys(folder for start in starts for folder in climb(start))
    return [folder / "conftest.py" for folder in folders if _gives_checks(folder / "conftest.py")]


def conftest_lines(dataset: Dataset, options: RunOptions) -> list[str]:
    """A line for each of them, for the header."""
    return [
        f"  {plain(seen_from(path))}: its checks are not judged here: run pytest --clip-dataset"
        for path in unloaded_conftests(dataset, options)
    ]


def _gives_checks(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return _HOOK in file.read(_MOST_BYTES)
    except OSError:
        return False
