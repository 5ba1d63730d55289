"""What the page shows of a run beside its findings: the profile of the data, the pictures, what was run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pytest_clipdata import __version__
from pytest_clipdata.facts.step import Needs
from pytest_clipdata.findings import Outcome, Report
from pytest_clipdata.images.facts import ImageStatus
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.reading.seen_from import seen_from
from pytest_clipdata.reports.html.about import About, moment, picture_link, url_path
from pytest_clipdata.reports.html.content import THUMBNAIL_BUDGET, Picture, groups_of, pictures
from pytest_clipdata.reports.html.profile import build_profile, held_findings
from pytest_clipdata.reports.html.render import render
from pytest_clipdata.reports.html.spread import COLUMNS
from pytest_clipdata.reports.html.thumbnails import thumbnails
from pytest_clipdata.reports.html.verdict import verdict
from pytest_clipdata.reports.rule import RuleText, settings_beside
from pytest_clipdata.reports.view import View
from pytest_clipdata.running.run import DatasetRun

#: Columns of the facts table that the page draws from.
_PROFILED = ("file", "line", "key", "row", "split", "image_path", "text", "label", "is_match", *COLUMNS)


def page_of_run(
    run: DatasetRun, report: Report, view: View, rules: dict[str, RuleText], folder: Path, command: str
) -> str:
    """``report.html`` as it stands in ``folder``."""
    profile = build_profile(profiled_columns(run, report), report, view.known)
    groups = groups_of(held_findings(report, view.known), verdict(report, view.known).outcomes)
    files = _files(run, report, pictures(groups, profile))
    blobs = {picture: file.blob for picture, file in files.items() if file.blob is not None}
    small = thumbnails(blobs, run.engine.limits, workers=run.options.workers, max_bytes=THUMBNAIL_BUDGET)
    paths = {picture: file.path for picture, file in files.items() if file.path is not None and file.inside is None}
    links = {picture: picture_link(path, folder.resolve()) for picture, path in paths.items()}
    return render(
        report, profile, small, view, rules, about(run, command), {key: link for key, link in links.items() if link}
    )


def about(run: DatasetRun, command: str) -> About:
    """What was run, and when."""
    file, here = run.settings.source, run.options.here
    named = None if file is None else seen_from(file, here) if here is not None else str(file)
    root = url_path(run.dataset.root.resolve())
    return About(moment(), __version__, command, named, settings_beside(run), root)


def _files(run: DatasetRun, report: Report, wanted: Iterable[Picture]) -> dict[Picture, FileFacts]:
    """The files of those pictures that the checks of ``report`` decoded."""
    images = run.engine.images(max(_needs(run, report).values(), default=Needs.TEXT))
    found = {}
    for source, cell in wanted:
        file = run.engine.files[source].get(cell)
        image = None if file is None or file.path is None else images.get(file.path)
        if file is not None and image is not None and image.status is ImageStatus.OK:
            found[source, cell] = file
    return found


def profiled_columns(run: DatasetRun, report: Report) -> dict[str, list[Any]]:
    """The facts that the page draws from, of all rows that parsed; ``csv`` names the source of each."""
    columns: dict[str, list[Any]] = {name: [] for name in ("csv", *_PROFILED)}
    for source, needs in _needs(run, report).items():
        table = run.table(source, needs)
        for problem, *values in table.columns(["row_problem", *_PROFILED]):
            if problem is None:
                columns["csv"].append(source)
                for name, value in zip(_PROFILED, values, strict=True):
                    columns[name].append(value)
    return columns


def _needs(run: DatasetRun, report: Report) -> dict[str, Needs]:
    """How far the checks of the report measured each source: the page must not open a picture that no check asked for,
    nor ask again for what went wrong."""
    needs: dict[str, Needs] = {}
    for result in report.checks:
        if result.outcome not in (Outcome.NOT_RUN, Outcome.ERROR):
            needs[result.source] = max(needs.get(result.source, Needs.TEXT), run.needs(result.check))
    return needs
