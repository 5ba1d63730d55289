"""What a person reads in the terminal: one line a finding, one table a dataset.

Everything here is safe to print: what comes from the data has gone through `visible`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Report, Severity, SplitSummary
from pytest_clipdata.reports.view import View
from pytest_clipdata.reports.visible import visible

#: Findings of one check shown unless asked for all.
LIMIT = 20
#: Columns that the list of findings in the closing table takes before it goes on in a new line.
_WIDTH = 60


def finding_line(finding: Finding, view: View) -> str:
    """``path:line: check: message``, or ``path: check: message`` for a finding about a whole source."""
    return f"{view.place(finding.place)}: {finding.check}: {view.message(finding)}"


def failure_lines(result: CheckResult, view: View, *, limit: int | None = LIMIT) -> list[str]:
    """What one check of one CSV has to say, at most ``limit`` findings (None: all) and the total if some are cut.

    Known findings are counted, not shown. A check that was skipped or went wrong says
    why in the same form.
    """
    findings = view.new(result)
    shown = findings if limit is None else findings[:limit]
    lines = [finding_line(finding, view) for finding in shown]
    if result.reason and (not findings or result.outcome is Outcome.ERROR):
        lines.append(f"{view.file(result.source)}: {result.check}: {visible(result.reason)}")
    if cut := len(findings) - len(shown):
        total = f"{result.unexpected:,} of {result.evaluated:,} rows"
        if result.unexpected != len(findings):
            total = f"{len(findings):,} findings in {total}"
        lines.append(f"... {cut:,} more, in all {total}; -v shows them all, --clip-report DIR writes findings.json")
    if hidden := len(result.findings) - len(findings):
        lines.append(f"... {hidden:,} known from the baseline")
    return lines


def one_line(result: CheckResult, view: View) -> str:
    """The first finding of a check as ``path:line: check: message``, and how many more there are."""
    new = view.new(result)
    if not new:
        return f"{view.file(result.source)}: {result.check}: {visible(result.reason or '')}"
    line = finding_line(new[0], view)
    return line if len(new) == 1 else f"{line} (and {len(new) - 1:,} more)"


def headline(result: CheckResult, view: View) -> str:
    """What is wrong in a few words, for where the CSV and the check stand already: ``3 of 960 rows; line 17: ...``."""
    new = view.new(result)
    if not new:
        return visible(result.reason or "")
    first = new[0]
    if first.place.line is None:
        return view.message(first)
    rows = len({finding.place.row for finding in new})
    return f"{rows:,} of {result.evaluated:,} rows; {view.within(first.place)}: {view.message(first)}"


def header_lines(
    dataset: str, image_roots: Iterable[str], splits: Iterable[SplitSummary], settings: str | None
) -> list[str]:
    """What is tested: the dataset, where its image paths start, the settings file in force if there is one, and how
    much each split holds."""
    lines = [f"clip-dataset: {visible(dataset)}, image root {', '.join(map(visible, image_roots))}"]
    lines += [] if settings is None else [f"  settings: {visible(settings)}"]
    return lines + [
        f"  {visible(split.source)}: {visible(split.split)}, {split.rows:,} rows, {split.images:,} images"
        for split in splits
    ]


def summary_table(reports: Iterable[Report], known: frozenset[Finding] = frozenset()) -> list[str]:
    """The closing table: per dataset its splits with rows, images, share of match rows and findings by check."""
    lines: list[str] = []
    for report in reports:
        head = ["split", "csv", "rows", "images", "match", "findings"]
        table = [head, *(row for split in report.splits for row in _rows(report, split, known))]
        widths = [max(_width(row[i]) for row in table) for i in range(len(head))]
        lines.append(f"dataset {visible(report.dataset)}")
        lines += [
            "  " + "  ".join(_pad(cell, *column) for cell, column in zip(row, enumerate(widths), strict=True))
            for row in table
        ]
    return [line.rstrip() for line in lines]


def verdict_lines(reports: Iterable[Report], known: frozenset[Finding] = frozenset()) -> list[str]:
    """What must not be overlooked: a dataset that was judged in part, and what a baseline lets pass."""
    lines = []
    for report in reports:
        if report.in_part is not None:
            lines.append(f"{visible(report.dataset)}: {report.in_part}")
        if count := sum(finding in known for finding in report.findings):
            lines.append(f"{visible(report.dataset)}: {count:,} known from the baseline")
    return lines


def not_judged_line(results: Iterable[CheckResult]) -> list[str]:
    """One line that says what was left out because a package is not installed, and how to have it; else none."""
    from pytest_clipdata.smoke.values import missing_extra

    skipped = {result.reason for result in results if result.check == "smoke" and result.outcome is Outcome.SKIPPED}
    why = missing_extra()
    return [f"not judged: smoke ({why})"] if why in skipped else []


def smoke_line(result: CheckResult) -> str | None:
    """How the smoke test of a CSV went, with its loss curve; None for every other check."""
    figures = result.smoke
    if not figures or "losses" not in figures:
        return None
    from pytest_clipdata.smoke.values import sparkline

    loss = figures["losses"][-1] if figures["losses"] else None
    return (
        f"{visible(result.source)}: smoke on {visible(str(figures['device']))} ({figures['dtype']}),"
        f" {figures['steps']} steps, loss {sparkline(figures['losses'])} {loss}, must fall under {figures['bound']}"
    )


def _rows(report: Report, split: SplitSummary, known: frozenset[Finding]) -> list[list[str]]:
    parts = []
    for result in report.checks:
        if result.source != split.source:
            continue
        new = sum(finding not in known for finding in result.findings)
        old = len(result.findings) - new
        if result.outcome is Outcome.ERROR:
            parts.append(f"{result.check} could not be judged")
        elif new or old:
            notes = ["warning"] if result.severity is Severity.WARNING and new else []
            notes += [f"{old:,} known"] if old else []
            note = f" ({', '.join(notes)})" if notes else ""
            parts.append(f"{result.check} {new:,}{note}")
    lines = [""]
    judged = any(r.source == split.source and r.outcome is not Outcome.NOT_RUN for r in report.checks)
    for part in parts or ["none" if judged else "not judged"]:
        joined = f"{lines[-1]}, {part}" if lines[-1] else part
        if len(joined) > _WIDTH and lines[-1]:
            lines[-1] += ","
            lines.append(part)
        else:
            lines[-1] = joined
    share = "-" if split.match_share is None else f"{split.match_share:.1%}"
    first = [
        visible(split.split, 40),
        visible(split.source, 60),
        f"{split.rows:,}",
        f"{split.images:,}",
        share,
        lines[0],
    ]
    return [first, *(["", "", "", "", "", line] for line in lines[1:])]


def _width(text: str) -> int:
    """Columns that a terminal gives ``text``: East Asian wide characters take two, combining ones none."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)


def _pad(cell: str, column: int, width: int) -> str:
    space = " " * (width - _width(cell))
    return space + cell if column in (2, 3, 4) else cell + space
