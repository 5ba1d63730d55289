"""What a person reads in the terminal: one line a finding, one table a dataset.

Everything here is safe to print: what comes from the data has gone through `visible`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Report, Severity, SplitSummary
from pytest_clipdata.reports.visible import visible

#: Findings of one check shown unless asked for all.
LIMIT = 20
#: Columns that the list of findings in the closing table takes before it goes on in a new line.
_WIDTH = 60


def place(csv: str, line: int | None, prefix: str) -> str:
    """``datasets/train.csv:17`` as editors and CI link it, safe at the start of a line.

    ``prefix`` is the dataset root relative to the folder that the reader is in, ``""`` or ``"."`` for that folder.
    """
    root = visible(prefix.rstrip("/"))
    path = visible(csv) if root in ("", ".") else f"{root}/{visible(csv)}"
    if not re.match(r"[\w./]", path):
        # "::error::..." is a fine name for a file and a command to GitHub's runner; a leading dash is an option.
        path = f"./{path}"
    return path if line is None else f"{path}:{line}"


def message(finding: Finding, prefix: str) -> str:
    """The finding's words; the rows that it names (``train.csv:88``) get ``prefix`` so that they link, too."""
    places = {f"{related.csv}:{related.line}": related for related in finding.related}
    if not places:
        return visible(finding.message)
    names = "|".join(re.escape(name) for name in sorted(places, key=len, reverse=True))

    def with_prefix(match: re.Match[str]) -> str:
        related = places[match[0]]
        return place(related.csv, related.line, prefix)

    # One pass, so that a place just written is not taken for another's name.
    return visible(re.sub(rf"(?<![\w./-])(?:{names})(?!\d)", with_prefix, finding.message))


def finding_line(finding: Finding, prefix: str) -> str:
    """``path:line: check: message``, or ``path: check: message`` for a finding about a whole CSV."""
    return f"{place(finding.csv, finding.line, prefix)}: {finding.check}: {message(finding, prefix)}"


def failure_lines(
    result: CheckResult, prefix: str, *, limit: int | None = LIMIT, known: Collection[Finding] = ()
) -> list[str]:
    """What one check of one CSV has to say, at most ``limit`` findings (None: all) and the total if some are cut.

    Findings in ``known`` (see `baseline.apply`) are counted, not shown. A check that was skipped or went wrong says
    why in the same form.
    """
    findings = _new(result, known)
    shown = findings if limit is None else findings[:limit]
    lines = [finding_line(finding, prefix) for finding in shown]
    if result.reason and (not findings or result.outcome is Outcome.ERROR):
        lines.append(f"{place(result.csv, None, prefix)}: {result.check}: {visible(result.reason)}")
    if cut := len(findings) - len(shown):
        total = f"{result.unexpected:,} of {result.evaluated:,} rows"
        if result.unexpected != len(findings):
            total = f"{len(findings):,} findings in {total}"
        lines.append(f"... {cut:,} more, in all {total}; -v shows them all, --clip-report DIR writes findings.json")
    if hidden := len(result.findings) - len(findings):
        lines.append(f"... {hidden:,} known from the baseline")
    return lines


def one_line(result: CheckResult, prefix: str, *, known: Collection[Finding] = ()) -> str:
    """The first finding of a check as ``path:line: check: message``, and how many more there are."""
    new = _new(result, known)
    if not new:
        return f"{place(result.csv, None, prefix)}: {result.check}: {visible(result.reason or '')}"
    line = finding_line(new[0], prefix)
    return line if len(new) == 1 else f"{line} (and {len(new) - 1:,} more)"


def headline(result: CheckResult, prefix: str, *, known: Collection[Finding] = ()) -> str:
    """What is wrong in a few words, for where the CSV and the check stand already: ``3 of 960 rows; line 17: ...``."""
    new = _new(result, known)
    if not new:
        return visible(result.reason or "")
    first = new[0]
    if first.line is None:
        return message(first, prefix)
    rows = len({finding.line for finding in new})
    return f"{rows:,} of {result.evaluated:,} rows; line {first.line}: {message(first, prefix)}"


def _new(result: CheckResult, known: Collection[Finding]) -> list[Finding]:
    """The findings that are not in ``known``, in the order in which people read a file."""
    known = frozenset(known)
    order = sorted(result.findings, key=lambda f: (f.line or 0, f.column or "", f.message))
    return [finding for finding in order if finding not in known]


def header_lines(dataset: str, image_roots: Iterable[str], splits: Iterable[SplitSummary]) -> list[str]:
    """What is tested: the dataset, where its image paths start, and how much each split holds."""
    lines = [f"clip-dataset: {visible(dataset)}, image root {', '.join(map(visible, image_roots))}"]
    return lines + [
        f"  {visible(split.csv)}: {visible(split.split)}, {split.rows:,} rows, {split.images:,} images"
        for split in splits
    ]


def summary_table(reports: Iterable[Report], *, known: Collection[Finding] = ()) -> list[str]:
    """The closing table: per dataset its splits with rows, images, share of match rows and findings by check."""
    known = frozenset(known)
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


def smoke_line(result: CheckResult) -> str | None:
    """How the smoke test of a CSV went, with its loss curve; None for every other check."""
    figures = result.smoke
    if not figures or "losses" not in figures:
        return None
    from pytest_clipdata.smoke import sparkline

    loss = figures["losses"][-1] if figures["losses"] else None
    return (
        f"{visible(result.csv)}: smoke on {visible(str(figures['device']))} ({figures['dtype']}),"
        f" {figures['steps']} steps, loss {sparkline(figures['losses'])} {loss}, must fall under {figures['bound']}"
    )


def _rows(report: Report, split: SplitSummary, known: Collection[Finding]) -> list[list[str]]:
    parts = []
    for result in report.checks:
        if result.csv != split.csv:
            continue
        new = sum(finding not in known for finding in result.findings)
        if result.outcome is Outcome.ERROR:
            parts.append(f"{result.check} could not be judged")
        elif new:
            note = " (warning)" if result.severity is Severity.WARNING else ""
            parts.append(f"{result.check} {new:,}{note}")
    lines = [""]
    judged = any(result.csv == split.csv for result in report.checks)
    for part in parts or ["none" if judged else "not judged"]:
        joined = f"{lines[-1]}, {part}" if lines[-1] else part
        if len(joined) > _WIDTH and lines[-1]:
            lines[-1] += ","
            lines.append(part)
        else:
            lines[-1] = joined
    share = "-" if split.match_share is None else f"{split.match_share:.1%}"
    first = [visible(split.split, 40), visible(split.csv, 60), f"{split.rows:,}", f"{split.images:,}", share, lines[0]]
    return [first, *(["", "", "", "", "", line] for line in lines[1:])]


def _width(text: str) -> int:
    """Columns that a terminal gives ``text``: East Asian wide characters take two, combining ones none."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)


def _pad(cell: str, column: int, width: int) -> str:
    space = " " * (width - _width(cell))
    return space + cell if column in (2, 3, 4) else cell + space
