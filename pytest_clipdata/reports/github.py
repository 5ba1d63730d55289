"""GitHub Actions: annotations on lines and a job summary in Markdown.

The escaping of workflow commands is the one that GitHub's own toolkit does (packages/core, ``command.ts``); what is
written out by `visible` before cannot hold a line break or the older ``##[command]`` form.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Place, Report, Severity, counted
from pytest_clipdata.reports.view import View
from pytest_clipdata.reports.visible import visible

#: Annotations per check (over all CSVs), and rows per check in the summary's tables.
LIMIT = 10
#: Rows in all tables of findings together: GitHub takes 1 MiB of summary per step.
SUMMARY_LIMIT = 200
_CELL = 300  #: characters of one cell

_COMMANDS = {Outcome.FAILED: "error", Outcome.ERROR: "error", Outcome.WARNED: "warning", Outcome.PASSED: "notice"}
_WORDS = {
    Outcome.FAILED: "failed",
    Outcome.ERROR: "could not be judged",
    Outcome.WARNED: "warning",
    Outcome.SKIPPED: "skipped",
    Outcome.PASSED: "passed",
    Outcome.NOT_RUN: "not run",
}
#: Outcomes that the table of checks leaves out.
_QUIET = (Outcome.PASSED, Outcome.SKIPPED, Outcome.NOT_RUN)


def write_github(report: Report, view: View) -> list[str]:
    """The annotation lines for GitHub's log; the job summary goes where the runner wants it."""
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(job_summary(report, view))
    return annotation_lines(report, view)


def annotation_lines(report: Report, view: View) -> list[str]:
    """One workflow command a finding, at most `LIMIT` per check, then one that counts the rest.

    The folder of ``view`` is the repository's. A failed check annotates errors, a check that warned warnings, one that
    passed all the same (``mostly``) notices; GitHub shows the first ten of each kind, so errors come first, then by
    severity and check. Known findings are left out. Every line starts with ``::``.
    """
    lines: list[tuple[tuple[object, ...], str]] = []
    for result in report.checks:
        if result.outcome is Outcome.ERROR:
            words = visible(result.reason or "could not be judged")
            lines.append((_rank(result, result.severity), _command(result, Place.whole(result.source), words, view)))
    for check, found in _by_check(report, view.known).items():
        found = sorted(found, key=lambda pair: _rank(pair[0], pair[1].severity))
        lines += ((_rank(r, f.severity), _command(r, f.place, view.message(f), view)) for r, f in found[:LIMIT])
        if (rest := len(found) - LIMIT) > 0:
            words = f"{rest:,} more findings of {check}, {len(found):,} in all; findings.json has them all"
            rank = _rank(*max(((r, f.severity) for r, f in found[:LIMIT]), key=lambda pair: _rank(*pair)))
            lines.append((rank, f"::notice title={_property(check)}::{_data(visible(words))}"))
    return [line for _, line in sorted(lines, key=lambda entry: entry[0])]


def _rank(result: CheckResult, severity: Severity) -> tuple[int, bool, str]:
    """How far up an annotation stands: by its kind, the severity of its finding, and the check."""
    kinds = ("error", "warning", "notice")
    return kinds.index(_COMMANDS.get(result.outcome, "notice")), severity is not Severity.CRITICAL, result.check


def job_summary(report: Report, view: View) -> str:
    """The run as Markdown for ``$GITHUB_STEP_SUMMARY``; no cell can make markup, a link, a mention or a new row."""
    counts: defaultdict[Outcome, int] = defaultdict(int)
    for result in report.checks:
        counts[result.outcome] += 1
    bad = counts[Outcome.FAILED] + counts[Outcome.ERROR]
    known = sum(finding in view.known for finding in report.findings)
    sign, words = "✅", "ready to train"
    if bad:
        sign, words = "❌", "not ready to train"
    elif len(report.checks) == counts[Outcome.SKIPPED] + counts[Outcome.NOT_RUN]:
        sign, words = "❔", "nothing was judged"
    elif not report.complete:
        sign, words = "❔", "judged in part"
    elif known:
        sign, words = "⚠️", "nothing new"
    told = ", ".join(f"{counts[outcome]} {_WORDS[outcome]}" for outcome in _WORDS if counts[outcome])
    aside = f", {known:,} known from the baseline" if known else ""
    lines = [f"### {sign} {_cell(report.dataset)}: {words}{aside}", ""]
    lines += [f"**{report.in_part}.**", ""] if report.in_part else []
    lines += [f"Checks: {told or 'none'}.", ""]
    lines += _table(
        ["source", "split", "rows", "images", "match"],
        [
            [_cell(s.source), _cell(s.split), f"{s.rows:,}", f"{s.images:,}", _share(s.match_share)]
            for s in report.splits
        ],
    )
    open_checks = [r for r in report.checks if r.outcome not in _QUIET or r.findings]
    if open_checks:
        rows = [
            [
                _WORDS[r.outcome],
                _cell(r.check),
                _cell(r.source),
                f"{r.unexpected:,} of {r.evaluated:,}",
                _reason(r, view.known),
            ]
            for r in open_checks
        ]
        lines += _table(["outcome", "check", "source", "rows", ""], rows)
    left = SUMMARY_LIMIT
    for check, found in _by_check(report, view.known).items():
        shown = found[: min(LIMIT, left)]
        left -= len(shown)
        lines += ["<details>", f"<summary>{_cell(check)}: {counted(len(found), 'finding')}</summary>", ""]
        lines += _table(
            ["where", "what"],
            [[_cell(view.place(f.place)), _cell(view.message(f))] for _, f in shown],
        )
        if len(found) > len(shown):
            lines += [f"{len(found) - len(shown):,} more are in findings.json.", ""]
        lines += ["</details>", ""]
    return "\n".join(lines)


def _by_check(report: Report, known: Collection[Finding]) -> dict[str, list[tuple[CheckResult, Finding]]]:
    """New findings by check, failed checks first, each in the report's order."""
    found: defaultdict[str, list[tuple[CheckResult, Finding]]] = defaultdict(list)
    order = {finding: i for i, finding in enumerate(report.findings)}
    for result in report.checks:
        found[result.check] += [(result, finding) for finding in result.findings if finding not in known]
    for pairs in found.values():
        pairs.sort(key=lambda pair: order[pair[1]])
    ranks = list(_WORDS)
    worst = {check: min(ranks.index(result.outcome) for result, _ in pairs) for check, pairs in found.items() if pairs}
    return {check: found[check] for check in sorted(worst, key=lambda check: (worst[check], check))}


def _command(result: CheckResult, place: Place, words: str, view: View) -> str:
    name = _COMMANDS.get(result.outcome, "notice")
    path = _property(view.file(place.file).removeprefix("./"))
    where = f"file={path}" if place.line is None else f"file={path},line={place.line}"
    return f"::{name} {where},title={_property(result.check)}::{_data(words)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(visible(text)).replace(":", "%3A").replace(",", "%2C")


def _cell(text: str) -> str:
    """``text`` as code in a table's cell: nothing in it is markup.

    Every ASCII sign becomes a character reference, which neither Markdown nor HTML reads as markup or as the start
    of an address; within ``<code>`` GitHub makes no mention or issue link.
    """
    shown = re.sub(r"[!-/:-@\[-`{-~]", lambda sign: f"&#{ord(sign[0])};", visible(text, _CELL))
    return f"<code>{shown}</code>" if shown else ""


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines] + [""]


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _reason(result: CheckResult, known: Collection[Finding]) -> str:
    parts = [_cell(result.reason)] if result.reason else []
    if hidden := sum(finding in known for finding in result.findings):
        parts.append(f"{hidden:,} known from the baseline")
    return "; ".join(parts)
