"""The quarantine of a run: here the pure rejections meet the dataset's files."""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path

from pytest_clipdata.findings import Finding, Report
from pytest_clipdata.reading.csv_source import raw_records
from pytest_clipdata.reports.judged import write
from pytest_clipdata.reports.quarantine import rejections as quarantine
from pytest_clipdata.reports.quarantine.rejections import QuarantineError, Row, RowPicture
from pytest_clipdata.running.run import DatasetRun


def write_quarantine(folder: Path, run: DatasetRun, report: Report, known: Collection[Finding] = ()) -> list[str]:
    """Write a clean and a rejected copy of each CSV; returns what was done, in words.

    Of a leak the training rows go, unless the setting ``leakage.quarantine`` says otherwise. Raises QuarantineError,
    and writes nothing, if not every check of every CSV was judged.
    """
    asked = {(csv.name, check_id) for csv in run.dataset.csvs for check_id in run.check_ids()}
    if missing := asked - {(result.csv, result.check) for result in report.checks}:
        csv, check_id = min(missing)
        raise QuarantineError(f"{csv}: {check_id} was not run; a quarantine needs every check of every CSV")
    leaks = run.settings.checks["leakage"].options["quarantine"]
    rejected = quarantine.rejections(report, _row_pictures(run, report), leaks=leaks, known=known)
    written: list[str] = []
    copies: dict[Path, bytes] = {}
    for entry in run.dataset.csvs:
        places = quarantine.targets(folder, run.dataset.root, entry.name)
        gone = rejected.get(entry.name, {})
        contents = quarantine.split_csv(entry.path, raw_records(entry.path), gone)
        copies |= dict(zip(places, contents, strict=True))
        left = len(set(run.measured.rows[entry.name].lines) - gone.keys())
        written.append(f"{entry.name}: {left:,} clean rows in {places[0]}, {len(gone):,} rejected in {places[1]}")
    for path, data in copies.items():
        write(path, data)
    _write_settings(folder / "clean", run)
    return written


def _row_pictures(run: DatasetRun, report: Report) -> dict[Row, RowPicture]:
    """The file of every row, and the first row that shows the same picture as its group."""
    for result in report.checks:
        run.want(result.csv, result.check)
    files: dict[Row, str] = {}
    same: dict[str, str] = {}
    for csv in run.dataset.csvs:
        facts = run.facts(csv.name)
        columns = ("line", "image_key", "duplicate_of", "leaks_from")
        plain = facts[list(columns)].astype(object).where(facts[list(columns)].notna(), None)
        for line, key, duplicate_of, leaks_from in plain.itertuples(index=False):
            if key is not None:
                files[csv.name, line] = f"{csv.name}:{key}"
                other = leaks_from or duplicate_of
                if other is not None:
                    same[f"{csv.name}:{key}"] = other

    def group(row: Row) -> str:
        file = files[row]
        if file in same:
            name, _, line = same[file].rpartition(":")
            return group((name, int(line)))
        return file.partition(":")[2]

    return {row: RowPicture(file, group(row)) for row, file in files.items()}


def _write_settings(folder: Path, run: DatasetRun) -> None:
    """Settings beside the clean copies, so that they find the same pictures and are judged by the same rules."""
    roots = set(run.measured.image_roots.values())
    if len(roots) != 1:
        return
    source = run.settings.source
    own = source.read_text(encoding="utf-8") if source is not None and source.name == "clipdata.toml" else ""
    own = re.sub(r"(?m)^\s*image_root\s*=.*\n?", "", own)
    root = os.path.relpath(roots.pop(), folder.resolve()).replace(os.sep, "/")
    quoted = root.replace("\\", "\\\\").replace('"', '\\"')
    write(folder / "clipdata.toml", f'image_root = "{quoted}"\n{own}'.encode())
