"""The baseline of a run: here the pure baseline meets the dataset."""

from __future__ import annotations

from pathlib import Path

from pytest_clipdata.findings import CheckResult, Finding, Place, Report
from pytest_clipdata.reading.blob import Blob, sha256_of
from pytest_clipdata.reports.baseline.apply import NOT_JUDGED, apply
from pytest_clipdata.reports.baseline.entries import Baseline, Content, ContentOf
from pytest_clipdata.reports.baseline.file import dumps, load
from pytest_clipdata.reports.judged import write
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.texts.words import normalise


def content_of(run: DatasetRun) -> ContentOf:
    """What a row says, whatever its line. A picture is known by the SHA-256 of its file."""
    positions: dict[str, dict[int, int]] = {}
    digests: dict[Blob, str | None] = {}

    def content(place: Place) -> Content | None:
        if place.row is None:
            return None
        rows = run.engine.rows[place.source]
        if place.source not in positions:
            positions[place.source] = {number: position for position, number in enumerate(rows.numbers)}
        position = positions[place.source].get(place.row)
        if position is None:
            return None
        cell = rows.image_paths[position]
        file = run.engine.files[place.source].get(cell) if cell is not None else None
        picture = cell or ""
        if file is not None and (blob := file.blob) is not None:
            if blob not in digests:
                digests[blob] = sha256_of(blob)
            digest = digests[blob]
            picture = picture if digest is None else f"sha256:{digest}"
        return Content(picture, normalise(rows.texts[position] or ""), rows.labels[position] or "")

    return content


def settled(
    run: DatasetRun, result: CheckResult, known: Baseline, *, accept: bool
) -> tuple[CheckResult, frozenset[Finding]]:
    """One result as seen through a baseline, and which of its findings are known; with ``accept`` all are."""
    content = content_of(run)
    report = Report("", (), (result,))
    if accept:
        known = load(dumps(report, content, known.different))
    applied = apply(report, known, content)
    return applied.report.checks[0], applied.known


def write_baseline(path: Path, report: Report, before: Baseline, content: ContentOf) -> str:
    """Write every finding of ``report`` as known; what ``before`` holds of checks that were not judged now stays."""
    judged = {(result.source, result.check) for result in report.checks if result.outcome not in NOT_JUDGED}
    kept = [entry for entry in before.known if (entry.source, entry.check) not in judged]
    text = dumps(report, content, before.different, kept)
    write(path, text.encode("utf-8", "backslashreplace"))  # half a character, which JSON may hold, as JSON writes it
    return text
