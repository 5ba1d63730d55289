"""What a run writes when it ends: reports, baseline, quarantine. Here the pure reports meet the dataset."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pytest_clipdata import __version__
from pytest_clipdata.findings import Finding, Report, counted
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reports import findings_json, sarif
from pytest_clipdata.reports.baseline.apply import apply
from pytest_clipdata.reports.baseline.entries import Baseline
from pytest_clipdata.reports.baseline.file import load
from pytest_clipdata.reports.baseline.of_run import content_of, write_baseline
from pytest_clipdata.reports.findings_parquet import findings_parquet
from pytest_clipdata.reports.github import write_github
from pytest_clipdata.reports.html import profile
from pytest_clipdata.reports.html.of_run import profiled_columns, was_decoded
from pytest_clipdata.reports.html.render import render
from pytest_clipdata.reports.html.shown import pictures
from pytest_clipdata.reports.html.thumbnails import thumbnails
from pytest_clipdata.reports.judged import write, written
from pytest_clipdata.reports.quarantine.of_run import write_quarantine
from pytest_clipdata.reports.quarantine.rejections import QuarantineError
from pytest_clipdata.reports.rule import rule_texts
from pytest_clipdata.reports.view import View
from pytest_clipdata.reports.visible import visible
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.options import Outputs


@dataclass
class Published:
    """What was done at the end of a run: ``notes`` for the terminal, the findings that the baseline knows, and in
    ``failures`` what was asked for and could not be written, a sentence each."""

    notes: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    known: frozenset[Finding] = frozenset()


def publish(run: DatasetRun, report: Report, before: Baseline | None, outputs: Outputs) -> Published:
    """Write what was asked for about one dataset."""
    done = Published()
    if outputs.baseline is not None and before is not None:
        report = _through_baseline(run, report, before, outputs, done)
    view = View(report.dataset, done.known, compared=before is not None)
    if outputs.github:
        with written("the job summary", done.failures):
            done.notes += write_github(report, view)
    if outputs.quarantine is not None:
        try:
            with written("the quarantine", done.failures):
                done.notes += write_quarantine(outputs.quarantine, run, report, done.known)
        except QuarantineError as error:
            done.failures.append(f"no quarantine was written: {error}")
    if outputs.report is not None:
        with written("the report", done.failures):
            write_reports(outputs.report, run, report, view)
            done.notes.append(f"wrote the report to {visible(str(outputs.report))}")
    return done


def _through_baseline(run: DatasetRun, report: Report, before: Baseline, outputs: Outputs, done: Published) -> Report:
    """The report with what the baseline knows no longer failing; the baseline is written first if that was asked."""
    content = content_of(run)
    assert outputs.baseline is not None
    named = visible(str(outputs.baseline))
    if outputs.write_baseline:
        with written("the baseline", done.failures):
            before = load(write_baseline(outputs.baseline, report, before, content))
            done.notes.append(f"wrote {counted(len(before.known), 'known finding')} to {named}")
    elif before.version < 2:
        done.notes.append(
            f"{named} is of version 1, which does not know how bad a fault is, so that a worse one passes:"
            " write it anew with --clip-write-baseline"
        )
    applied = apply(report, before, content)
    done.known = applied.known
    done.notes += [f"no longer there, remove from the baseline: {visible(str(entry))}" for entry in applied.stale]
    return applied.report


def write_reports(folder: Path, run: DatasetRun, report: Report, view: View) -> None:
    """Write ``findings.json``, ``findings.parquet``, ``findings.sarif`` and ``report.html``."""
    rules = rule_texts(run)
    limit = run.settings.general["report"]["max_findings"]
    write(folder / "findings.json", findings_json.dumps(report, view.known, limit).encode("ascii"))
    write(folder / "findings.parquet", findings_parquet(report, view.known))
    write(folder / "findings.sarif", sarif.dumps(report, rules, view, version=__version__).encode("utf-8"))
    drawn = profile.build_profile(profiled_columns(run, report), report)
    blobs = {}
    for source, cell in pictures(report, drawn):
        file = run.engine.files[source].get(cell)
        if file is not None and file.path is not None and was_decoded(run, report, file.path):
            blobs[source, cell] = Blob.of(file.path)
    small = thumbnails(blobs, run.engine.limits, workers=run.options.workers)
    page = render(report, drawn, small, view, rules)
    write(folder / "report.html", page.encode("utf-8"))
