"""The quarantine of a run: here the pure rejections meet the dataset's files."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from pytest_clipdata.facts.step import Needs
from pytest_clipdata.findings import Finding, Outcome, Place, Report, counted
from pytest_clipdata.reading.seen_from import seen_from
from pytest_clipdata.reports.judged import write
from pytest_clipdata.reports.quarantine import rejections as quarantine
from pytest_clipdata.reports.quarantine.rejections import QuarantineError, RowPicture
from pytest_clipdata.reports.visible import visible
from pytest_clipdata.running.run import DatasetRun


def write_quarantine(folder: Path, run: DatasetRun, report: Report, known: Collection[Finding] = ()) -> list[str]:
    """Write a clean and a rejected copy of each CSV; returns what was done, in words.

    Of a leak the training rows go, unless the setting ``leakage.quarantine`` says otherwise. Raises QuarantineError,
    and writes nothing, if not every check of every CSV was judged.
    """
    asked = {(source.name, check_id) for source in run.dataset.sources for check_id in run.check_ids()}
    ran = {(result.source, result.check) for result in report.checks if result.outcome is not Outcome.NOT_RUN}
    if missing := asked - ran:
        source, check_id = min(missing)
        raise QuarantineError(f"{visible(source)}: {check_id} was not run; a quarantine needs every check of every CSV")
    options = run.settings.checks["leakage"].options
    apart = run.dataset.apart(held_out=options["held_out"])
    pictures = _row_pictures(run, report)
    rejected = quarantine.rejections(report, pictures, leaks=options["quarantine"], apart=apart, known=known)
    written: list[str] = []
    copies: dict[Path, bytes] = {}
    for entry in run.dataset.sources:
        places = quarantine.targets(folder, run.dataset.root, entry.name)
        gone = rejected.get(entry.name, {})
        contents = quarantine.split_csv(entry.path, entry.raw(), {line: why for (_, line), why in gone.items()})
        copies |= dict(zip(places, contents, strict=True))
        left = len(set(run.engine.rows[entry.name].lines) - {line for _, line in gone})
        clean, out = (visible(str(place)) for place in places)
        kept = counted(left, "clean row")
        written.append(f"{visible(entry.name)}: {kept} in {clean}, {len(gone):,} rejected in {out}")
    for path, data in copies.items():
        write(path, data)
    write_settings(folder / "clean", run)
    return written


def _row_pictures(run: DatasetRun, report: Report) -> dict[Place, RowPicture]:
    """The file of every row, and the first row that shows the same picture as its group."""
    needs = max((run.needs(result.check) for result in report.checks), default=Needs.TEXT)
    files: dict[Place, tuple[str, str]] = {}
    same: dict[tuple[str, str], Place] = {}
    for source in run.dataset.sources:
        table = run.table(source.name, needs)
        duplicates, leaks = table.related("duplicate_of"), table.related("leaks_from")
        for row, name, line, key, file in table.columns(("row", "file", "line", "key", "image_key")):
            if file is not None:
                files[Place(source.name, name, line, key, row)] = source.name, file
                other = leaks.get(row) or duplicates.get(row)
                if other is not None:
                    same[source.name, file] = other.place

    def group(file: tuple[str, str]) -> str:
        while file in same:
            file = files[same[file]]
        return file[1]

    return {place: RowPicture(file[1], group(file)) for place, file in files.items()}


def write_settings(folder: Path, run: DatasetRun) -> None:
    """Settings beside copies of sources, so that they find the same pictures and are judged by the same rules."""
    roots = set(run.engine.image_roots.values())
    if len(roots) != 1:
        return
    source = run.settings.source
    own = source.read_text(encoding="utf-8") if source is not None and source.name == "clipdata.toml" else ""
    own = re.sub(r"(?m)^\s*(?:image_root|baseline)\s*=.*\n?", "", own)
    paths = {"image_root": roots.pop(), "baseline": run.settings.general["baseline"]}
    lines = [f"{name} = {_quoted(path, folder)}\n" for name, path in paths.items() if path]
    write(folder / "clipdata.toml", "".join([*lines, own]).encode())


def _quoted(path: str | Path, folder: Path) -> str:
    """A path relative to ``folder`` as a TOML string."""
    relative = seen_from(path, folder.resolve())
    escaped = relative.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
