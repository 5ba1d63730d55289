"""What a run writes when it ends: reports, baseline, quarantine. Here the pure reports meet the dataset."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

from pytest_clipdata import __version__
from pytest_clipdata.findings import CheckResult, Finding, Outcome, Report
from pytest_clipdata.images.facts import ImageStatus
from pytest_clipdata.options import Outputs
from pytest_clipdata.reports import baseline, github, html, profile, quarantine, sarif
from pytest_clipdata.reports.artifacts import write
from pytest_clipdata.reports.quarantine import QuarantineError, Row, RowPicture
from pytest_clipdata.reports.rule import RuleText
from pytest_clipdata.reports.thumbnails import thumbnails
from pytest_clipdata.rows import raw_records
from pytest_clipdata.session import DatasetRun
from pytest_clipdata.texts import normalise

#: Columns of the facts table that the HTML report draws from.
_PROFILED = [
    "csv",
    "line",
    "split",
    "image_path",
    "text",
    "label",
    "is_match",
    "image_short_side",
    "word_count",
    "token_count",
]


def publish(
    run: DatasetRun, report: Report, before: baseline.Baseline | None, outputs: Outputs
) -> tuple[list[str], frozenset[Finding]]:
    """Write what was asked for about one dataset.

    Returns notes for the terminal (what could not be written among them: it must not pass for done) and the findings
    that the baseline knows.
    """
    notes: list[str] = []
    known: frozenset[Finding] = frozenset()
    if outputs.baseline is not None and before is not None:
        content = content_of(run)
        if outputs.write_baseline:
            before = baseline.load(write_baseline(outputs.baseline, report, before, content))
            notes.append(f"wrote {len(before.known):,} known findings to {outputs.baseline}")
        applied = baseline.apply(report, before, content)
        report, known = applied.report, applied.known
        notes += [f"no longer there, remove from the baseline: {entry}" for entry in applied.stale]
    if outputs.report is not None:
        write_reports(outputs.report, run, report, known)
    if outputs.quarantine is not None:
        try:
            notes += write_quarantine(outputs.quarantine, run, report, known)
        except QuarantineError as error:
            notes.append(f"no quarantine was written: {error}")
    if outputs.github:
        notes += write_github(report, known)
    return notes, known


def write_reports(folder: Path, run: DatasetRun, report: Report, known: Collection[Finding] = ()) -> None:
    """Write ``findings.json``, ``findings.sarif`` and ``report.html``."""
    rules, prefix = rule_texts(run), report.dataset
    write(folder / "findings.json", report.dumps().encode("ascii"))
    text = sarif.dumps(report, rules, prefix=prefix, version=__version__, known=known)
    write(folder / "findings.sarif", text.encode("utf-8"))
    drawn = profile.build_profile(_profiled_columns(run, report), report)
    files = {}
    for csv, cell in html.pictures(report, drawn):
        file = run.measured.files[csv].get(cell)
        if file is not None and file.path is not None and _decoded(run, file.path):
            files[csv, cell] = file.path
    page = html.render(report, drawn, thumbnails(files), rules=rules, prefix=prefix, known=known)
    write(folder / "report.html", page.encode("utf-8"))


def rule_texts(run: DatasetRun) -> dict[str, RuleText]:
    """The manual page of every check of a run, for reports."""
    checks = {check_id: run.check(check_id) for check_id in run.check_ids()}
    return {
        check_id: RuleText(check_id, check.severity, check.summary, (check.manual or check_id).strip())
        for check_id, check in checks.items()
    }


def _decoded(run: DatasetRun, path: Path) -> bool:
    image = run.measured.images.get(path)
    return image is not None and image.status is ImageStatus.OK


def _profiled_columns(run: DatasetRun, report: Report) -> dict[str, list[Any]]:
    for result in report.checks:  # under xdist this process has judged nothing: the facts come from the cache
        run.want(result.csv, result.check)
    columns: dict[str, list[Any]] = {name: [] for name in _PROFILED}
    for csv in dict.fromkeys(result.csv for result in report.checks):
        frame = run.facts(csv).assign(csv=csv)
        frame = frame[frame["row_problem"].isna()]
        for name in _PROFILED:
            columns[name] += frame[name].astype(object).where(frame[name].notna(), None).tolist()
    return columns


def write_github(report: Report, known: Collection[Finding] = ()) -> list[str]:
    """The annotation lines for GitHub's log; the job summary goes where the runner wants it."""
    prefix = report.dataset
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(github.job_summary(report, prefix=prefix, known=known))
    return github.annotation_lines(report, prefix, known=known)


# --- baseline -----------------------------------------------------------------------------------------------------


def content_of(run: DatasetRun) -> baseline.ContentOf:
    """What a row says, whatever its line. A picture is known by the SHA-256 of its file."""
    positions: dict[str, dict[int, int]] = {}
    digests: dict[Path, str] = {}

    def content(csv: str, line: int) -> baseline.Content | None:
        rows = run.measured.rows[csv]
        position = positions.setdefault(csv, dict(zip(rows.lines, range(len(rows.lines)), strict=True))).get(line)
        if position is None:
            return None
        cell = rows.image_paths[position]
        file = run.measured.files[csv].get(cell) if cell is not None else None
        picture = cell or ""
        if file is not None and file.path is not None:
            if file.path not in digests:
                digests[file.path] = _sha256(file.path) or picture
            picture = digests[file.path]
        return baseline.Content(picture, normalise(rows.texts[position] or ""), rows.labels[position] or "")

    return content


def settled(
    run: DatasetRun, result: CheckResult, known: baseline.Baseline, *, accept: bool
) -> tuple[CheckResult, frozenset[Finding]]:
    """One result as seen through a baseline, and which of its findings are known; with ``accept`` all are."""
    content = content_of(run)
    report = Report("", (), (result,))
    if accept:
        known = baseline.load(baseline.dumps(report, content, known.different))
    applied = baseline.apply(report, known, content)
    return applied.report.checks[0], applied.known


def write_baseline(path: Path, report: Report, before: baseline.Baseline, content: baseline.ContentOf) -> str:
    """Write every finding of ``report`` as known; what ``before`` holds of checks that were not judged now stays."""
    judged = {
        (result.csv, result.check) for result in report.checks if result.outcome not in (Outcome.SKIPPED, Outcome.ERROR)
    }
    kept = [entry for entry in before.known if (entry.csv, entry.check) not in judged]
    text = baseline.dumps(report, content, before.different, kept)
    write(path, text.encode("utf-8"))
    return text


def _sha256(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


# --- quarantine ---------------------------------------------------------------------------------------------------


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
