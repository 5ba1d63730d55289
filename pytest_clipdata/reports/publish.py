"""What a run writes when it ends: reports, baseline, quarantine. Here the pure reports meet the dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pytest_clipdata import __version__
from pytest_clipdata.findings import Finding, Report, counted
from pytest_clipdata.reports import findings_json, sarif
from pytest_clipdata.reports.baseline.apply import apply
from pytest_clipdata.reports.baseline.entries import Baseline
from pytest_clipdata.reports.baseline.file import load
from pytest_clipdata.reports.baseline.of_run import content_of, write_baseline
from pytest_clipdata.reports.findings_parquet import findings_parquet
from pytest_clipdata.reports.github import write_github
from pytest_clipdata.reports.html.about import About, moment
from pytest_clipdata.reports.html.index import Entry, index
from pytest_clipdata.reports.html.of_run import page_of_run
from pytest_clipdata.reports.judged import write, written
from pytest_clipdata.reports.quarantine.of_run import write_quarantine
from pytest_clipdata.reports.quarantine.rejections import QuarantineError
from pytest_clipdata.reports.rule import documentation, rule_texts
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
    entry: Entry | None = None  #: the report that was written, for an index of several


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
            done.failures.append(visible(f"no quarantine was written: {error}"))
    if outputs.report is not None:
        with written("the report", done.failures):
            write_reports(outputs.report, run, report, view, outputs.command)
            done.notes.append(f"wrote the report to {visible(str(outputs.report))}")
            done.entry = Entry(report, done.known, outputs.report / "report.html")
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


def write_reports(folder: Path, run: DatasetRun, report: Report, view: View, command: str = "") -> None:
    """Write ``findings.json``, ``findings.parquet``, ``findings.sarif`` and ``report.html``."""
    rules = rule_texts(run)
    limit = run.settings.general["report"]["max_findings"]
    write(folder / "findings.json", findings_json.dumps(report, view.known, limit).encode("ascii"))
    write(folder / "findings.parquet", findings_parquet(report, view.known))
    log = sarif.dumps(report, rules, view, version=__version__, documentation=documentation())
    write(folder / "findings.sarif", log.encode("utf-8"))
    page = page_of_run(run, report, view, rules, folder, command)
    write(folder / "report.html", page.encode("utf-8"))


def publish_index(folder: Path, entries: Sequence[Entry], command: str) -> Published:
    """Write ``index.html`` over the reports of several datasets, which lie in folders below ``folder``."""
    done = Published()
    with written("the index of the reports", done.failures):
        page = index(entries, folder, About(moment(), __version__, command))
        write(folder / "index.html", page.encode("utf-8"))
        done.notes.append(f"wrote the index of the reports to {visible(str(folder / 'index.html'))}")
    return done
