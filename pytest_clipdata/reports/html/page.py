"""``report.html``: one file that answers "can I train on this?", opened from disk or as a CI artefact.

Nothing is loaded: pictures are data URIs, style and script stand in the page and are named by hash in its
Content-Security-Policy, so that a script which a caption might bring would not run even if it got through `_text`.
The page reads in full without the script, which only filters.
"""

from __future__ import annotations

import base64
from collections import Counter, defaultdict
from collections.abc import Mapping

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Report, Severity
from pytest_clipdata.reports.html import charts
from pytest_clipdata.reports.html.cards import Cards, html_text, rows_of
from pytest_clipdata.reports.html.mismatches import mismatch_figure
from pytest_clipdata.reports.html.profile import LIMIT, Profile, shown_findings
from pytest_clipdata.reports.html.shown import pictures
from pytest_clipdata.reports.rule import RuleText
from pytest_clipdata.reports.view import View

#: Worst first; words and sign for each, so that colour is never all that tells them apart. Skipped comes last: most
#: checks of the whole dataset are judged on one split and skipped on the others.
_OUTCOMES = {
    Outcome.FAILED: ("✕", "failed"),
    Outcome.ERROR: ("?", "not judged"),
    Outcome.WARNED: ("!", "warned"),
    Outcome.PASSED: ("✓", "passed"),
    Outcome.SKIPPED: ("–", "skipped"),
    Outcome.NOT_RUN: ("…", "not run"),
}

_QUIET = (Outcome.PASSED, Outcome.SKIPPED, Outcome.NOT_RUN)


class Page:
    """The parts of the page; what they share is worked out once."""

    def __init__(
        self,
        report: Report,
        profile: Profile,
        thumbnails: Mapping[tuple[str, str], bytes],
        rules: Mapping[str, RuleText],
        view: View,
    ) -> None:
        self.report, self.profile = report, profile
        self.rules, self.view = rules, view
        self.results: defaultdict[str, list[CheckResult]] = defaultdict(list)
        for result in report.checks:
            self.results[result.check].append(result)
        ranks = list(_OUTCOMES)
        self.worst = {name: min((r.outcome for r in rs), key=ranks.index) for name, rs in self.results.items()}
        self.outcomes = Counter(self.worst.values())
        self.totals = Counter(finding.check for finding in report.findings)
        self.shown = shown_findings(report)
        self.known = sum(finding in view.known for finding in report.findings)
        self.words = _verdict(self.outcomes, report.in_part, self.known)
        splits = {split.source: split.split for split in report.splits}
        # One picture stands in the page once, however often it is shown.
        self.data: dict[bytes, int] = {}
        wanted = [key for key in pictures(report, profile) if key in thumbnails]
        numbers = {key: self.data.setdefault(thumbnails[key], len(self.data)) for key in wanted}
        self.cards = Cards(rows_of(profile), numbers, splits, view)

    def symbols(self) -> str:
        images = "".join(
            f'<image id="p{number}" width="144" height="144"'
            f' href="data:image/webp;base64,{base64.b64encode(data).decode("ascii")}"/>\n'
            for data, number in self.data.items()
        )
        return f'<svg class="store" aria-hidden="true"><defs>\n{images}</defs></svg>'

    def verdict(self) -> str:
        kind, title, advice = self.words
        rows = sum(split.rows for split in self.report.splits)
        count = sum(self.totals.values())
        tiles = [(f"{rows:,}", "rows"), (f"{len(self.report.splits):,}", "CSVs"), (f"{count:,}", "findings")]
        tiles += [(f"{self.known:,}", "known")] if self.known else []
        tiles += [(f"{self.outcomes[o]:,}", f"checks {word}") for o, (_, word) in _OUTCOMES.items() if self.outcomes[o]]
        told = "".join(f"<div><dt>{name}</dt><dd>{number}</dd></div>" for number, name in tiles)
        if worst := [name for name, _ in self.totals.most_common(3)]:
            names = ", ".join(
                f'<a href="#check-{html_text(name)}">{html_text(name)}</a> ({self.totals[name]:,})' for name in worst
            )
            advice += f" Most findings: {names}."
        if self.known:
            advice += f" {self.known:,} of the findings are known from the baseline."
        splits = "".join(
            f'<tr><th scope="row">{html_text(s.source)}</th><td>{html_text(s.split)}</td><td class="n">{s.rows:,}</td>'
            f'<td class="n">{s.images:,}</td>'
            f'<td class="n">{"–" if s.match_share is None else f"{s.match_share:.1%}"}</td></tr>'
            for s in self.report.splits
        )
        return (
            f'<header class="verdict {kind}"><p class="dataset">{html_text(self.report.dataset)}</p><h1>{title}</h1>'
            f'<p>{advice}</p><dl class="tiles">{told}</dl></header>\n'
            '<section><h2>Splits</h2><div class="scroll"><table>'
            '<thead><tr><th scope="col">CSV</th><th scope="col">Split</th><th scope="col" class="n">Rows</th>'
            '<th scope="col" class="n">Images</th><th scope="col" class="n">Match</th></tr></thead>'
            f"<tbody>{splits}</tbody></table></div></section>"
        )

    def checks(self) -> str:
        """A bar per check over all CSVs, the worst first; passed ones are folded away."""
        worst, ranks = self.worst, list(_OUTCOMES)
        names = sorted(worst, key=lambda name: (ranks.index(worst[name]), -self.totals[name], name))
        rows = {name: self._check(name, worst[name], self.results[name]) for name in names}
        quiet = [name for name in names if worst[name] in _QUIET and not self.totals[name]]
        loud = "".join(row for name, row in rows.items() if name not in quiet)
        parts = f'<ul class="checks">{loud}</ul>' if loud else ""
        if quiet:
            still = "" if loud else " open"
            count = Counter(_OUTCOMES[worst[name]][1] for name in quiet)
            words = ", ".join(f"{number} {word}" for word, number in sorted(count.items()))
            lines = "".join(rows[name] for name in quiet)
            parts += f'<details{still}><summary>{words}</summary><ul class="checks">{lines}</ul></details>'
        return f"<section><h2>Checks</h2>{parts or '<p>No check ran.</p>'}</section>"

    def _check(self, name: str, outcome: Outcome, results: list[CheckResult]) -> str:
        sign, word = _OUTCOMES[outcome]
        bad, total = sum(r.unexpected for r in results), sum(r.evaluated for r in results)
        numbers = f"{bad:,} of {total:,} rows" if total else "no row judged"
        title = f'<a href="#check-{html_text(name)}">{html_text(name)}</a>' if name in self.shown else html_text(name)
        reasons = "".join(f"<p>{html_text(r.source)}: {html_text(r.reason)}</p>" for r in results if r.reason)
        return (
            f'<li><span class="badge {outcome}"><span aria-hidden="true">{sign}</span> {word}</span>'
            f'<span class="name">{title}</span>{charts.share_bar(bad, total, outcome)}'
            f'<span class="n">{numbers}</span>{reasons and f"<div>{reasons}</div>"}</li>'
        )

    def spread(self) -> str:
        parts = [charts.histogram(chart) for chart in self.profile.histograms]
        parts.append(charts.label_bars(self.profile.labels))
        parts.append(mismatch_figure(self.profile.mismatches))
        if not any(parts):
            return ""
        legend = charts.legend(
            [label.split for label in self.profile.labels] or [split.split for split in self.report.splits]
        )
        return f'<section><h2>The data</h2>{legend}<div class="charts">{"".join(parts)}</div></section>'

    def findings(self) -> str:
        if not self.shown:
            words = "Nothing was found." if self.report.checks else "Nothing was judged."
            return f'<section id="findings"><h2>Findings</h2><p>{words}</p></section>'
        parts = []
        for name, findings in sorted(self.shown.items(), key=lambda item: (_weight(item[1]), item[0])):
            total = self.totals[name]
            note = (
                f'<p class="cut">The first {LIMIT} of {total:,}; findings.json has them all.</p>'
                if total > LIMIT
                else ""
            )
            about = f"<p>{html_text(self.rules[name].short)}</p>" if name in self.rules else ""
            cards = "".join(self.cards.finding(finding) for finding in findings)
            parts.append(
                f'<section class="group" id="check-{html_text(name)}"><h3>{html_text(name)} <span>{total:,}</span></h3>'
                f'{about}{note}<ul class="cards">{cards}</ul></section>'
            )
        return (
            f'<section id="findings"><h2>Findings</h2>{self._filter()}{"".join(parts)}'
            '<p id="nothing" hidden>No finding matches the filter.</p></section>'
        )

    def _filter(self) -> str:
        found = [finding for findings in self.shown.values() for finding in findings]
        choices = {
            "check": sorted(self.shown),
            "split": list(dict.fromkeys(self.cards.split(finding) for finding in found)),
            "severity": sorted({str(finding.severity) for finding in found}),
        }
        selects = "".join(
            f'<label>{name.capitalize()} <select name="{name}"><option value="">all</option>'
            + "".join(f'<option value="{html_text(value)}">{html_text(value)}</option>' for value in values)
            + "</select></label>"
            for name, values in choices.items()
        )
        return (
            '<form id="filter" role="search" aria-label="Filter the findings" hidden>'
            '<label class="wide">Text <input type="search" name="text" autocomplete="off"'
            f' placeholder="file, caption, message"></label>{selects}<button type="reset">Clear</button>'
            f'<output aria-live="polite">{len(found):,} findings shown</output></form>'
        )

    def sample(self) -> str:
        if not self.profile.samples:
            return ""
        cards = "".join(
            f'<li class="card">{self.cards.row(row, self.view.place(row.place))}</li>' for row in self.profile.samples
        )
        return (
            "<section><h2>Look for yourself</h2><p>Rows without a finding, drawn at random (the same each time). Does "
            "each text say what its picture shows, and does the label agree?</p>"
            f'<ul class="cards sample">{cards}</ul></section>'
        )


def _verdict(outcomes: Counter[Outcome], in_part: str | None, known: int) -> tuple[str, str, str]:
    """Class, title and advice. Only what was judged whole, without a fault that is merely known, is ready to train."""
    told = f"{in_part}. " if in_part else ""
    if outcomes[Outcome.FAILED]:
        return "failed", "Not ready to train", f"{told}Mend or quarantine the rows below, then run again."
    if outcomes[Outcome.ERROR]:
        return "error", "Not judged in full", f"{told}Some checks went wrong, so nothing can be promised."
    if not outcomes[Outcome.PASSED] + outcomes[Outcome.WARNED]:
        return "error", "Nothing was judged", f"{told}No check could look at this data."
    if in_part:
        return "error", in_part, "What ran holds; the rest was left out or stopped, so nothing can be promised."
    if known:
        return "warned", f"Nothing new, {known:,} known findings", "Every check holds but for what the baseline knows."
    if outcomes[Outcome.WARNED]:
        return "warned", "Ready to train, with warnings", "Every critical check holds; look at the warnings."
    return "passed", "Ready to train", "Every check that ran holds."


def _weight(findings: list[Finding]) -> int:
    return min(0 if finding.severity is Severity.CRITICAL else 1 for finding in findings)
