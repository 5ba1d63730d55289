"""The settings beside clean copies: they find the same pictures and are judged by the same rules."""

from __future__ import annotations

import re
from pathlib import Path

from pytest_clipdata.reading.csv_source import CsvSource
from pytest_clipdata.reading.image_root import FOLDER
from pytest_clipdata.reading.json_lines import JsonLinesSource
from pytest_clipdata.reading.parquet_source import ParquetSource
from pytest_clipdata.reading.seen_from import seen_from
from pytest_clipdata.reports.judged import write
from pytest_clipdata.reports.visible import visible
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.declared import SettingsError
from pytest_clipdata.settings.find import our_table
from pytest_clipdata.settings.toml import toml_value

_PATHS = ("image_root", "baseline")


def write_settings(folder: Path, run: DatasetRun) -> list[str]:
    """Write ``clipdata.toml`` beside the clean copies in ``folder``; returns what is left to the user, in words."""
    here = folder.resolve()
    baseline = run.settings.general["baseline"]
    paths = {"image_root": _image_root(here, run), "baseline": seen_from(baseline, here) if baseline else None}
    lines: list[str] = []
    untold = [] if paths["image_root"] else ["image_root"]
    for name, path in paths.items():
        try:
            lines += [f"{name} = {toml_value(path)}\n"] if path else []
        except SettingsError:  # the path is not UTF-8, which no TOML holds
            untold.append(name)
    if content := "".join([*lines, _own(run)]):
        write(folder / "clipdata.toml", content.encode())
    place = visible(str(folder))
    if "image_root" in untold and (mirror := run.engine.mirror) is not None:
        return [f"{place}: its pictures are at {visible(mirror.url)}, where the clean copies find them"]
    return [f"{place}: add {' and '.join(untold)} to its clipdata.toml, which could not be said"] if untold else []


def _image_root(here: Path, run: DatasetRun) -> str | None:
    """The setting ``image_root`` for the copies in the folder ``here``: one folder, or the same way from the folder of
    each source. None if there is no such way, or if the pictures are not here."""
    if run.engine.mirror is not None:
        return None
    roots = run.engine.image_roots
    sources = run.dataset.sources
    copied = [one for one in sources if isinstance(one, CsvSource | JsonLinesSource | ParquetSource)] or sources
    found = {roots[source.name] for source in copied}
    if len(found) == 1:
        return seen_from(found.pop(), here)
    for level in range(min(len(source.path.parents) for source in copied)):
        if all(roots[source.name] == source.path.parents[level] for source in copied):
            return "/".join([seen_from(run.dataset.root, here), FOLDER, *[".."] * level])
    return None


def _own(run: DatasetRun) -> str:
    """The settings of the dataset as TOML, without the paths in them that are said anew."""
    source = run.settings.source
    if source is None:
        return ""
    if source.name == "clipdata.toml":
        return re.sub(rf"(?m)^\s*(?:{'|'.join(_PATHS)})\s*=.*\n?", "", source.read_text(encoding="utf-8"))
    table = our_table(source) or {}
    return "".join(f"{toml_value(key)} = {toml_value(table[key])}\n" for key in table if key not in _PATHS)
