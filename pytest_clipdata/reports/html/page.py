"""The parts of the page that need no script: the answer, the checks, the data, findings as lines, what was run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from itertools import islice

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Report, counted
from pytest_clipdata.reports.html import charts
from pytest_clipdata.reports.html.about import About
from pytest_clipdata.reports.html.content import Groups
from pytest_clipdata.reports.html.manual import limits, manual_page, settings_table
from pytest_clipdata.reports.html.mismatches import mismatch_figure
from pytest_clipdata.reports.html.profile import Profile
from pytest_clipdata.reports.html.text import html_text
from pytest_clipdata.reports.html.verdict import OUTCOMES, QUIET, Verdict
from pytest_clipdata.reports.rule import RuleText
from pytest_clipdata.reports.view import View

#: Findings of a check that stand in the page as lines, which the script replaces by as many cards.
LINES = 20
#: Reasons of one check, one a source, that the page tells.
_REASONS = 20


class Page:
    """The parts of the page; ``held`` counts the findings of each check that the page holds."""

    def __init__(
        self,
        report: Report,
        profile: Profile,
        verdict: Verdict,
        groups: Groups,
        rules: Mapping[str, RuleText],
        view: View,
        about: About,
    ) -> None:
        self.report, self.profile, self.verdict = report, profile, verdict
        self.groups, self.rules, self.view, self.about = groups, rules, view, about
        self.held = {check: sum(len(case.findings) for case in found) for check, found in groups.items()}

    def head(self) -> str:
        """The answer, and the checks that fail by number."""
        verdict, report = self.verdict, self.report
        rows = sum(split.rows for split in report.splits)
        tiles = [(f"{rows:,}", "rows"), (f"{len(report.splits):,}", "source" if len(report.splits) == 1 else "sources")]
        tiles += [(f"{verdict.totals.total():,}", "findings")]
        tiles += [(f"{verdict.known:,}", "known")] if verdict.known else []
        counts = Counter(verdict.outcomes.values())
        tiles += [(f"{counts[o]:,}", f"checks {word}") for o, (_, word) in OUTCOMES.items() if counts[o]]
        told = "".join(f"<div><dt>{name}</dt><dd>{number}</dd></div>" for number, name in tiles)
        made = [self.about.date, f"pytest-clipdata {self.about.version}" if self.about.version else ""]
        known = f" {verdict.known:,} of the findings are known from the baseline." if verdict.known else ""
        return (
            f'<header class="verdict {verdict.kind}" id="top"><p class="dataset">'
            f"{' · '.join(html_text(part) for part in (report.dataset, *made) if part)}</p>"
            f"<h1>{verdict.title}</h1>{self._failing()}<p>{html_text(verdict.advice)}{known}</p>"
            f'<dl class="tiles">{told}</dl></header>'
        )

    def _failing(self) -> str:
        """The checks that stand in the way; warnings only where nothing fails."""
        for outcome, words in ((Outcome.FAILED, "fails"), (Outcome.ERROR, "was not judged"), (Outcome.WARNED, "warns")):
            if names := self.verdict.named(outcome):
                verb = words if len(names) == 1 else {"fails": "fail", "warns": "warn"}.get(words, "were not judged")
                items = "".join(f"<li>{self._link(name)}{self._count(name)}</li>" for name in names)
                return f'<div class="failing"><p>{counted(len(names), "check")} {verb}:</p><ol>{items}</ol></div>'
        return ""

    def _count(self, check: str) -> str:
        return f" <span>{self.verdict.new[check]:,}</span>" if self.verdict.new[check] else ""

    def _link(self, check: str) -> str:
        name = html_text(check)
        return f'<a href="#check-{name}">{name}</a>' if check in self.groups else name

    def contents(self) -> str:
        """The list of contents: the parts of the page, and under the findings their checks."""
        charted = bool(self.profile.charts or self.profile.labels)
        parts = [("splits", "Splits", True), ("checks", "Checks", True), ("findings", "Findings", True)]
        parts += [("spread", "The data", charted), ("sample", "Look for yourself", bool(self.profile.samples))]
        parts += [("about", "This run", True)]
        items = "".join(f'<li><a href="#{name}">{title}</a></li>' for name, title, there in parts if there)
        return f'<nav class="contents" aria-label="Contents"><ul>{items}</ul></nav>'

    def splits(self) -> str:
        rows = "".join(
            f'<tr><th scope="row">{html_text(s.source)}</th><td>{html_text(s.split)}</td><td class="n">{s.rows:,}</td>'
            f'<td class="n">{s.images:,}</td>'
            f'<td class="n">{"–" if s.match_share is None else f"{s.match_share:.1%}"}</td></tr>'
            for s in self.report.splits
        )
        return (
            '<section id="splits"><h2>Splits</h2><div class="scroll"><table>'
            '<thead><tr><th scope="col">Source</th><th scope="col">Split</th><th scope="col" class="n">Rows</th>'
            '<th scope="col" class="n">Images</th><th scope="col" class="n">Match</th></tr></thead>'
            f"<tbody>{rows}</tbody></table></div></section>"
        )

    def checks(self) -> str:
        """A bar per check over all sources, the worst first; passed ones are folded away."""
        outcomes = self.verdict.outcomes
        quiet = [name for name in outcomes if outcomes[name] in QUIET and not self.verdict.totals[name]]
        loud = "".join(self._check(name) for name in outcomes if name not in quiet)
        parts = f'<ul class="checks">{loud}</ul>' if loud else ""
        if quiet:
            count = Counter(OUTCOMES[outcomes[name]][1] for name in quiet)
            words = ", ".join(f"{number} {word}" for word, number in sorted(count.items()))
            lines = "".join(map(self._check, quiet))
            still = "" if loud else " open"
            parts += f'<details{still}><summary>{words}</summary><ul class="checks">{lines}</ul></details>'
        return f'<section id="checks"><h2>Checks</h2>{parts or "<p>No check ran.</p>"}</section>'

    def _check(self, name: str) -> str:
        outcome, results = self.verdict.outcomes[name], self.verdict.results[name]
        bad, total = sum(r.unexpected for r in results), sum(r.evaluated for r in results)
        numbers = f"{bad:,} of {counted(total, 'row')}" if total else "no row judged"
        return (
            f'<li>{_badge(outcome)}<span class="name">{self._link(name)}</span>'
            f'{charts.share_bar(bad, total, outcome)}<span class="n">{numbers}</span>{_reasons(results)}</li>'
        )

    def spread(self) -> str:
        """The charts."""
        parts = [charts.chart(chart) for chart in self.profile.charts]
        parts.append(charts.label_bars(self.profile.labels))
        parts.append(mismatch_figure(self.profile.mismatches))
        if not any(parts):
            return ""
        legend = charts.legend(
            [label.split for label in self.profile.labels] or [split.split for split in self.report.splits]
        )
        return f'<section id="spread"><h2>The data</h2>{legend}<div class="charts">{"".join(parts)}</div></section>'

    def findings(self) -> str:
        """The findings by check, failing ones first, each folded; the script unfolds and filters."""
        if not self.groups:
            words = "Nothing was found." if self.report.checks else "Nothing was judged."
            return f'<section id="findings"><h2>Findings</h2><p>{words}</p></section>'
        total, held = self.verdict.totals.total(), sum(self.held.values())
        cut = ""
        if held < total:
            cut = (
                f'<p class="cut">This page, and so the filter, holds {held:,} of {total:,} findings;'
                " findings.parquet has them all.</p>"
            )
        groups = "".join(self._group(check, number) for number, check in enumerate(self.groups))
        return (
            f'<section id="findings"><h2>Findings</h2>{self._filter()}{cut}{groups}'
            '<p id="nothing" hidden>No finding matches the filter.</p></section>'
        )

    def _group(self, check: str, number: int) -> str:
        total, held, name = self.verdict.totals[check], self.held[check], html_text(check)
        outcome, rule = self.verdict.outcomes[check], self.rules.get(check)
        first = islice((finding for case in self.groups[check] for finding in case.findings), LINES)
        lines = "".join(map(self._line, first))
        note = f"The first {held:,} of {total:,} findings; findings.parquet has them all." if held < total else ""
        if held > LINES:
            note += f'<span class="without"> The first {LINES} stand here; the script of this page shows more.</span>'
        return (
            f'<details class="group" id="check-{name}"{" open" if number == 0 else ""}><summary><h3>{name}'
            f' <span class="count">{total:,}</span></h3>{_badge(outcome)}'
            f'<span class="about">{html_text(rule.short) if rule else ""}</span></summary><div class="inside">'
            f"{limits(rule) if rule else ''}{manual_page(rule) if rule else ''}"
            f'{note and f"<p class=cut>{note}</p>"}<ol class="lines">{lines}</ol></div></details>'
        )

    def _line(self, finding: Finding) -> str:
        known = ' <span class="tag">known</span>' if finding in self.view.known else ""
        place, message = self.view.place(finding.place), self.view.message(finding)
        return f"<li><code>{html_text(place)}</code> {html_text(message, 1200)}{known}</li>"

    def _filter(self) -> str:
        found = [finding for cases in self.groups.values() for case in cases for finding in case.findings]
        splits = {split.source: split.split for split in self.report.splits}
        choices = {
            "check": sorted(self.groups),
            "split": list(dict.fromkeys(splits.get(f.place.source, f.place.source) for f in found)),
            "severity": sorted({str(finding.severity) for finding in found}),
        }
        if self.verdict.known:
            choices["baseline"] = ["known", "new"]
        selects = "".join(
            f'<label>{name.capitalize()} <select name="{name}"><option value="">all</option>'
            + "".join(f'<option value="{html_text(value, 80)}">{html_text(value, 80)}</option>' for value in values)
            + "</select></label>"
            for name, values in choices.items()
        )
        return (
            '<form id="filter" role="search" aria-label="Filter the findings" hidden>'
            '<label class="wide">Text <input type="search" name="text" autocomplete="off"'
            f' placeholder="file, caption, message"></label>{selects}<button type="reset">Clear</button>'
            '<div class="taking"><output aria-live="polite"></output>'
            '<button type="button" name="copy">Copy lines</button>'
            '<button type="button" name="download">Download lines</button></div></form>'
        )

    def sample(self) -> str:
        """Good rows, to be looked at."""
        if not self.profile.samples:
            return ""
        lines = "".join(
            f"<li><code>{html_text(self.view.place(row.place))}</code> {html_text(row.text or 'no text', 280)}"
            f' <span class="tag">{html_text(row.label or "no label", 40)}</span></li>'
            for row in self.profile.samples
        )
        return (
            '<section id="sample"><h2>Look for yourself</h2><p>Rows without a finding, drawn at random (the same each '
            "time). Does each text say what its picture shows, and does the label agree?</p>"
            f'<ol class="lines">{lines}</ol></section>'
        )

    def run(self) -> str:
        """What was run, by which settings."""
        about = self.about
        told = {"Date": about.date, "Version": f"pytest-clipdata {about.version}" if about.version else ""}
        told |= {"Command": about.command, "Settings file": about.settings or "none: the defaults"}
        items = "".join(
            f"<div><dt>{name}</dt><dd><code>{html_text(words, 2000)}</code></dd></div>"
            for name, words in told.items()
            if words
        )
        return (
            f'<section id="about"><h2>This run</h2><dl class="facts">{items}</dl>'
            f"{settings_table(about.beside, self.rules.values())}</section>"
        )


def _badge(outcome: Outcome) -> str:
    sign, word = OUTCOMES[outcome]
    return f'<span class="badge {str(outcome).replace(" ", "-")}"><span aria-hidden="true">{sign}</span> {word}</span>'


def _reasons(results: list[CheckResult]) -> str:
    told = [f"<p>{html_text(r.source)}: {html_text(r.reason)}</p>" for r in results if r.reason]
    if len(told) > _REASONS:
        told[_REASONS:] = [f"<p>and of {len(told) - _REASONS:,} more</p>"]
    return f"<div>{''.join(told)}</div>" if told else ""
