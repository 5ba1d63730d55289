"""What a run writes when it ends: reports, baseline, quarantine. Here the pure reports meet the dataset."""

from __future__ import annotations

from pathlib import Path

from pytest_clipdata import __version__
from pytest_clipdata.findings import Finding, Report
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reports import sarif
from pytest_clipdata.reports.baseline.apply import apply
from pytest_clipdata.reports.baseline.entries import Baseline
from pytest_clipdata.reports.baseline.file import load
from pytest_clipdata.reports.baseline.of_run import content_of, write_baseline
from pytest_clipdata.reports.github import write_github
from pytest_clipdata.reports.html import profile
from pytest_clipdata.reports.html.of_run import profiled_columns, was_decoded
from pytest_clipdata.reports.html.render import render
from pytest_clipdata.reports.html.shown import pictures
from pytest_clipdata.reports.html.thumbnails import thumbnails
from pytest_clipdata.reports.judged import write
from pytest_clipdata.reports.quarantine.of_run import write_quarantine
from pytest_clipdata.reports.quarantine.rejections import QuarantineError
from pytest_clipdata.reports.rule import rule_texts
from pytest_clipdata.reports.view import View
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.options import Outputs


def publish(
    run: DatasetRun, report: Report, before: Baseline | None, outputs: Outputs
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
            before = load(write_baseline(outputs.baseline, report, before, content))
            notes.append(f"wrote {len(before.known):,} known findings to {outputs.baseline}")
        applied = apply(report, before, content)
        report, known = applied.report, applied.known
        notes += [f"no longer there, remove from the baseline: {entry}" for entry in applied.stale]
    view = View(report.dataset, known)
    if outputs.report is not None:
        write_reports(outputs.report, run, report, view)
    if outputs.quarantine is not None:
        try:
            notes += write_quarantine(outputs.quarantine, run, report, known)
        except QuarantineError as error:
            notes.append(f"no quarantine was written: {error}")
    if outputs.github:
        notes += write_github(report, view)
    return notes, known


def write_reports(folder: Path, run: DatasetRun, report: Report, view: View) -> None:
    """Write ``findings.json``, ``findings.sarif`` and ``report.html``."""
    rules = rule_texts(run)
    write(folder / "findings.json", report.dumps().encode("ascii"))
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
