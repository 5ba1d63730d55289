"""The quarantine of a run: here the pure rejections meet the dataset's files."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from pytest_clipdata.facts.step import Needs
from pytest_clipdata.findings import Finding, Outcome, Place, Report, counted
from pytest_clipdata.reading.csv_source import CsvSource
from pytest_clipdata.reading.json_lines import JsonLinesSource
from pytest_clipdata.reading.kinds import is_container
from pytest_clipdata.reading.source import Rows, Source
from pytest_clipdata.reports.judged import write
from pytest_clipdata.reports.quarantine import rejections as quarantine
from pytest_clipdata.reports.quarantine import shards
from pytest_clipdata.reports.quarantine.json_lines import split_json_lines
from pytest_clipdata.reports.quarantine.rejections import QuarantineError, RowPicture
from pytest_clipdata.reports.quarantine.settings import write_settings
from pytest_clipdata.reports.visible import visible
from pytest_clipdata.running.run import DatasetRun


def write_quarantine(folder: Path, run: DatasetRun, report: Report, known: Collection[Finding] = ()) -> list[str]:
    """Write a clean and a rejected copy of each CSV; returns what was done, in words.

    Of a leak the training rows go, unless the setting ``leakage.quarantine`` says otherwise. Raises QuarantineError,
    and writes nothing, if not every check of every CSV was judged.
    """
    asked = {(source.name, check_id) for source in run.dataset.sources for check_id in run.check_ids(source.name)}
    ran = {(result.source, result.check) for result in report.checks if result.outcome is not Outcome.NOT_RUN}
    if missing := asked - ran:
        source, check_id = min(missing)
        raise QuarantineError(f"{visible(source)}: {check_id} was not run; a quarantine needs every check of every CSV")
    quarantine.refuse_errors(report)  # before the facts are asked for, which may be what went wrong
    options = run.settings.checks["leakage"].options
    apart = run.dataset.apart(held_out=options["held_out"])
    pictures = _row_pictures(run, report)
    rejected = quarantine.rejections(report, pictures, leaks=options["quarantine"], apart=apart, known=known)
    written: list[str] = []
    copies: dict[Path, bytes] = {}
    for entry in run.dataset.sources:
        places = quarantine.targets(folder, run.dataset.root, entry.name)
        gone = rejected.get(entry.name, {})
        if not run.engine.rows[entry.name].judgeable:
            raise QuarantineError(f"{visible(entry.name)}: no row of it could be read, so none is known as clean")
        if is_container(entry.name):
            continue
        contents = _copies(entry, run.engine.rows[entry.name], gone)
        if contents is None:  # many files, or one that is read as a whole: what goes is listed
            listed = places[1].with_name(f"{places[1].name}.csv")
            copies[listed] = shards.list_of({}, gone)
            written.append(_told(run, entry, (None, listed), gone))
            continue
        copies |= dict(zip(places, contents, strict=True))
        written.append(_told(run, entry, places, gone))
    for path, data in copies.items():
        write(path, data)
    held = [entry for entry in run.dataset.sources if is_container(entry.name)]
    written += [_write_shards(folder, run, entry, rejected.get(entry.name, {})) for entry in held]
    return written + write_settings(folder / "clean", run)


def _copies(source: Source, rows: Rows, gone: Mapping[tuple[str, int], list[str]]) -> tuple[bytes, bytes] | None:
    """The clean and the rejected copy of a table of text; None for a format of which there are none."""
    rejected = {line: why for (_, line), why in gone.items()}
    if isinstance(source, CsvSource):
        return quarantine.split_csv(source.path, _judged(source.name, source.raw(), rows), rejected)
    if isinstance(source, JsonLinesSource):
        return split_json_lines(source.name, _judged(source.name, source.raw(), rows), rejected)
    return None


def _judged(name: str, records: Iterator[tuple[int, str]], rows: Rows) -> Iterator[tuple[int, str]]:
    """The records of a table. Raises QuarantineError for one below the place where reading stopped: nobody knows
    whether it is clean."""
    last = max([*rows.lines[-1:], *(problem.line for problem in rows.problems[-1:])], default=0)
    for line, text in records:
        if line > last and last and text.strip("\ufeff \t\r\n"):
            raise QuarantineError(f"{visible(name)}: what stands below line {last:,} was not read")
        yield line, text


def _write_shards(folder: Path, run: DatasetRun, source: Source, gone: Mapping[tuple[str, int], list[str]]) -> str:
    """Write the copies of a source of Parquet files or tars."""
    whole = quarantine.targets(folder, run.dataset.root, source.name)
    parquet = source.name.lower().endswith(".parquet")
    copied = parquet or run.settings.general["quarantine"]["copy"]
    readable = {*run.engine.rows[source.name].files}  # another one may end the process that reads it
    for path in source.files if copied else ():
        name = path.relative_to(run.dataset.root).as_posix()
        if name not in readable:
            continue
        clean, rejected = quarantine.targets(folder, run.dataset.root, name)
        here = {line: words for (file, line), words in gone.items() if file == name}
        if parquet:
            shards.split_parquet(path, clean, rejected, here)
        else:
            shards.copy_tar(path, clean, here)
    if parquet:
        return _told(run, source, whole, gone)
    rows = run.engine.rows[source.name]
    keys = {(file, line): key for file, line, key in zip(rows.files, rows.lines, rows.keys, strict=True)}
    keys |= {(problem.file or source.name, problem.line): problem.key for problem in rows.problems}
    listed = whole[1].with_name(f"{whole[1].name}.csv")
    write(listed, shards.list_of(keys, gone))
    return _told(run, source, (whole[0] if copied else None, listed), gone)


def _told(
    run: DatasetRun, source: Source, places: tuple[Path | None, Path], gone: Mapping[tuple[str, int], list[str]]
) -> str:
    """What was written of a source, in words."""
    rows = run.engine.rows[source.name]
    files = rows.files or [source.name] * len(rows.lines)
    left = len(set(zip(files, rows.lines, strict=True)) - gone.keys())
    clean = "" if places[0] is None else f" in {visible(str(places[0]))}"
    out = visible(str(places[1]))
    return f"{visible(source.name)}: {counted(left, 'clean row')}{clean}, {len(gone):,} rejected in {out}"


def _row_pictures(run: DatasetRun, report: Report) -> dict[Place, RowPicture]:
    """The file of every row, and the first row that shows the same picture as its group."""
    needs = max((run.needs(result.check) for result in report.checks), default=Needs.TEXT)
    files: dict[Place, tuple[str, str]] = {}
    same: dict[tuple[str, str], Place] = {}
    for source in run.dataset.sources:
        table = run.table(source.name, needs)
        for row, name, line, key, file in table.columns(("row", "file", "line", "key", "image_key")):
            if file is not None:
                files[Place(source.name, name, line, key, row)] = source.name, file
                other = table.related("leaks_from", row) or table.related("duplicate_of", row)
                if other is not None:
                    same[source.name, file] = other.place

    def group(file: tuple[str, str]) -> str:
        while file in same:
            file = files[same[file]]
        return file[1]

    return {place: RowPicture(file[1], group(file)) for place, file in files.items()}
