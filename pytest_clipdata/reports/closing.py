"""What a person reads in the terminal when a run ends: a table for each dataset, and what to do next.

Everything here is safe to print: what comes from the data has gone through `visible`.
"""

from __future__ import annotations

import shlex
import textwrap
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Report, Severity, SplitSummary, counted
from pytest_clipdata.reports.visible import visible
from pytest_clipdata.running.not_judged import ON_OTHERS, ON_TRAINING

#: Columns that the list of findings must have beside the figures of a split; with fewer it stands below them.
_LEAST = 20
#: Checks that one line of what was not judged names; of more it gives the number.
_NAMES = 3


def summary_table(reports: Iterable[Report], known: frozenset[Finding] = frozenset(), width: int = 100) -> list[str]:
    """The closing table, at most ``width`` columns wide where names allow it: per dataset its splits with rows,
    images, share of match rows and findings by check, those of severity warning after the others."""
    lines: list[str] = []
    for report in reports:
        lines.append(f"dataset {visible(report.dataset)}")
        results: defaultdict[str, list[CheckResult]] = defaultdict(list)
        for result in report.checks:
            results[result.source].append(result)
        head = ["split", "source", "rows", "images", "match"]
        figures = [_figures(split) for split in report.splits]
        widths = [max(_width(row[i]) for row in [head, *figures]) for i in range(len(head))]
        left = 2 + sum(widths) + 2 * len(widths)
        beside = width - left >= _LEAST
        lines.append(_joined(head, widths) + ("  findings" if beside else ""))
        for split, row in zip(report.splits, figures, strict=True):
            found = _found(results[split.source], known, width - left if beside else max(width - 6, 20))
            if beside:
                lines += [f"{_joined(row, widths)}  {found[0]}", *(" " * left + line for line in found[1:])]
            else:
                lines += [_joined(row, widths), *(" " * 6 + line for line in found)]
    return [line.rstrip() for line in lines]


def verdict_lines(reports: Iterable[Report], known: frozenset[Finding] = frozenset()) -> list[str]:
    """What must not be overlooked: a dataset that was judged in part, and what a baseline lets pass."""
    lines = []
    for report in reports:
        if report.in_part is not None:
            lines.append(f"{visible(report.dataset)}: {report.in_part}")
        if count := sum(finding in known for result in report.checks for finding in result.findings):
            lines.append(f"{visible(report.dataset)}: {count:,} known from the baseline")
    return lines


def not_judged_lines(reports: Iterable[Report]) -> list[str]:
    """What was not judged, a line for each cause and dataset; what is judged on another split is no such thing."""
    lines = []
    for report in reports:
        skipped: dict[str, list[CheckResult]] = {}
        for result in report.checks:
            if result.outcome is Outcome.SKIPPED and result.reason not in (None, ON_TRAINING, ON_OTHERS):
                cause = ", ".join(result.blocked_by) or str(result.reason)
                skipped.setdefault(cause, []).append(result)
        for cause, results in skipped.items():
            checks, sources = ({getattr(result, name): None for result in results} for name in ("check", "source"))
            what = ", ".join(checks) if len(checks) <= _NAMES else counted(len(results), "check")
            where = visible(f"{report.dataset}/{next(iter(sources))}".removeprefix("./"), 200)
            if len(sources) > 1:
                where = f"{len(sources):,} sources of {visible(report.dataset)}"
            lines.append(f"not judged: {what} of {where}: {visible(cause)}")
    return lines


def next_lines(
    reports: Sequence[Report],
    known: frozenset[Finding],
    written: Mapping[str, object],
    width: int,
    mendable: Mapping[str, int],
) -> list[str]:
    """What to do about what failed: the checks and how they are explained, what can be mended, what can be written.

    ``written`` says of ``report`` and ``quarantine`` where they were written, None where nobody asked; ``mendable``
    counts, by dataset, the findings that ``clipdata fix`` would put right.
    """
    failed: Counter[str] = Counter()
    total = 0
    for report in reports:
        for result in report.checks:
            new = [finding for finding in result.findings if finding not in known]
            total += len(new)
            if result.outcome is Outcome.FAILED and new:
                failed[result.check] += len(new)
    lines = []
    if can := sum(mendable.values()):
        where = " ".join(shlex.quote(visible(name, 200)) for name, count in mendable.items() if count)
        lines.append(f"{can:,} of {counted(total, 'finding')} can be fixed: clipdata fix {where} shows how")
    if failed:
        first = failed.most_common(1)[0][0]
        steps = [f"clipdata explain {first} says what must hold and why"]
        steps += [] if written["report"] else ["--clip-report DIR writes a page with the pictures"]
        steps += [] if written["quarantine"] else ["--clip-quarantine DIR copies the rows that pass"]
        lines += _listed([f"{check} {count:,}" for check, count in failed.most_common()], width, "failed: ")
        lines += [f"{'next' if step is steps[0] else '  or'}: {step}" for step in steps]
    return lines


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


def _figures(split: SplitSummary) -> list[str]:
    share = "-" if split.match_share is None else f"{split.match_share:.1%}"
    return [visible(split.split, 40), visible(split.source, 60), f"{split.rows:,}", f"{split.images:,}", share]


def _found(results: Iterable[CheckResult], known: frozenset[Finding], width: int) -> list[str]:
    """The findings of a source by check in lines of at most ``width`` columns."""
    parts: dict[bool, list[str]] = {False: [], True: []}  # by whether the check only warns
    judged = False
    for result in results:
        judged |= result.outcome is not Outcome.NOT_RUN
        new = sum(finding not in known for finding in result.findings)
        old = len(result.findings) - new
        if result.outcome is Outcome.ERROR:
            parts[False].append(f"{result.check} could not be judged")
        elif new or old:
            note = f" ({old:,} known)" if old else ""
            parts[result.severity is Severity.WARNING].append(f"{result.check} {new:,}{note}")
    lines = _listed(parts[False], width)
    lines += _listed(parts[True], width, "warnings: ") if parts[True] else []
    return lines or ["none" if judged else "not judged"]


def _listed(parts: Iterable[str], width: int, before: str = "") -> list[str]:
    """The parts with commas between them in lines of at most ``width`` columns, none of them broken."""
    whole = before + ", ".join(part.replace(" ", "\u00a0") for part in parts)  # textwrap leaves these blanks alone
    lines = textwrap.wrap(whole, width, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in lines]


def _joined(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [_pad(cell, column, width) for cell, (column, width) in zip(cells, enumerate(widths), strict=True)]
    return "  " + "  ".join(padded)


def _width(text: str) -> int:
    """Columns that a terminal gives ``text``: East Asian wide characters take two, combining ones none."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) != 0 for char in text)


def _pad(cell: str, column: int, width: int) -> str:
    space = " " * (width - _width(cell))
    return space + cell if column in (2, 3, 4) else cell + space
