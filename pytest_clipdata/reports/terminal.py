"""What a person reads in the terminal before and while checks run: a header, and one line a finding.

Everything here is safe to print: what comes from the data has gone through `visible`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pytest_clipdata.findings import CheckResult, Finding, Outcome, SplitSummary, counted
from pytest_clipdata.reports.view import View
from pytest_clipdata.reports.visible import visible

#: Findings of one check shown unless asked for all.
LIMIT = 20
#: Lines named beside the first of findings that say the same, unless asked for all.
_LINES = 10


def finding_line(finding: Finding, view: View) -> str:
    """``path:line: check: message``, or ``path: check: message`` for a finding about a whole source."""
    return f"{view.place(finding.place)}: {finding.check}: {view.message(finding)}"


def failure_lines(result: CheckResult, view: View, *, limit: int | None = LIMIT) -> list[str]:
    """What one check of one source has to say, at most ``limit`` findings (None: all) and the total if some are cut.

    Findings that say the same of the same cell, as of one picture in several rows, stand once with their lines. Known
    findings are counted, not shown. A check that was skipped or went wrong says why in the same form.
    """
    findings = view.new(result)
    alike = _alike(findings)
    shown = alike if limit is None else alike[:limit]
    lines = [_line_of(group, view, whole=limit is None) for group in shown]
    if result.reason and (not findings or result.outcome is Outcome.ERROR):
        lines.append(f"{view.file(result.source)}: {result.check}: {visible(result.reason)}")
    if cut := len(findings) - sum(map(len, shown)):
        total = f"{result.unexpected:,} of {counted(result.evaluated, 'row')}"
        if result.unexpected != len(findings):
            total = f"{counted(len(findings), 'finding')} in {total}"
        lines.append(f"... {cut:,} more, in all {total}; -v shows them all, --clip-report DIR writes findings.json")
    if hidden := len(result.findings) - len(findings):
        lines.append(f"... {hidden:,} known from the baseline")
    return lines


def _alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """The findings that say the same of the same cell of one file, in the order of the first of each."""
    groups: dict[object, list[Finding]] = {}
    for number, finding in enumerate(findings):
        said = (finding.place.file, finding.column, finding.value, finding.words, finding.related)
        groups.setdefault(number if finding.value is None else said, []).append(finding)
    return list(groups.values())


def _line_of(group: Sequence[Finding], view: View, *, whole: bool) -> str:
    """One line for findings that say the same: that of the first, and the lines of the others."""
    lines = list(dict.fromkeys(f"{finding.place.line}" for finding in group[1:]))
    line = finding_line(group[0], view)
    if not lines:
        return line
    shown = lines if whole else lines[:_LINES]
    more = f" and {len(lines) - len(shown):,} more" if len(lines) > len(shown) else ""
    return f"{line} (also line{'s' * (len(lines) > 1)} {', '.join(shown)}{more})"


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
    return f"{share(result, view)}; {view.within(first.place)}: {view.message(first)}"


def share(result: CheckResult, view: View) -> str:
    """How many of the rows that were judged have findings that are not known: ``3 of 960 rows``."""
    rows = len({finding.place.row for finding in view.new(result)})
    return f"{rows:,} of {counted(result.evaluated, 'row')}"


def header_lines(
    dataset: str, image_roots: Iterable[str], splits: Iterable[SplitSummary], settings: str | None, engine: str
) -> list[str]:
    """What is tested and how: the dataset, where its image paths start, the settings file in force, what measures, and
    how much each split holds with the format of its source."""
    lines = [f"clip-dataset: {visible(dataset)}, image root {', '.join(map(visible, image_roots))}"]
    lines.append(f"  settings: {'the defaults' if settings is None else visible(settings)}; engine: {engine}")
    return lines + [
        f"  {visible(split.source)}: {visible(split.split)}, {_format(split.source)},"
        f" {counted(split.rows, 'row')}, {counted(split.images, 'image')}"
        for split in splits
    ]


def _format(source: str) -> str:
    """The format of a source by the end of its name, as people write it; a folder has none."""
    ending = source.rpartition("/")[2].rpartition(".")[2] if "." in source.rpartition("/")[2] else ""
    return visible(_FORMATS.get(ending.lower(), ending.upper() or "folder"), 20)


_FORMATS = {
    "jsonl": "JSON Lines",
    "ndjson": "JSON Lines",
    "parquet": "Parquet",
    "tar": "WebDataset",
    "json": "COCO captions",
    "txt": "sidecars",
}
