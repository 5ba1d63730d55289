"""The answer to "can I train on this?", for a dataset's page and for the index of several."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Report, counted

#: Worst first; words and sign for each, so that colour is never all that tells them apart. Skipped comes last: most
#: checks of the whole dataset are judged on one split and skipped on the others.
OUTCOMES = {
    Outcome.FAILED: ("✕", "failed"),
    Outcome.ERROR: ("?", "not judged"),
    Outcome.WARNED: ("!", "warned"),
    Outcome.PASSED: ("✓", "passed"),
    Outcome.SKIPPED: ("–", "skipped"),
    Outcome.NOT_RUN: ("…", "not run"),
}
QUIET = (Outcome.PASSED, Outcome.SKIPPED, Outcome.NOT_RUN)


@dataclass(frozen=True)
class Verdict:
    """``kind`` is the class of the page's head; ``outcomes`` has the worst outcome of each check over all sources,
    in the order of their weight: outcome, then new findings, then name. ``totals`` counts all findings of a check,
    ``new`` those that no baseline knows."""

    kind: str
    title: str
    advice: str
    outcomes: dict[str, Outcome]
    results: dict[str, list[CheckResult]]
    totals: Counter[str]
    new: Counter[str]

    @property
    def known(self) -> int:
        """Findings that a baseline knows."""
        return self.totals.total() - self.new.total()

    def named(self, outcome: Outcome) -> list[str]:
        """The checks that ended so, those with most findings first."""
        return [check for check, worst in self.outcomes.items() if worst is outcome]


def verdict(report: Report, known: Collection[Finding]) -> Verdict:
    """What a report comes to."""
    results: defaultdict[str, list[CheckResult]] = defaultdict(list)
    for result in report.checks:
        results[result.check].append(result)
    ranks = list(OUTCOMES)
    worst = {check: min((r.outcome for r in told), key=ranks.index) for check, told in results.items()}
    totals = Counter({check: sum(len(r.findings) for r in told) for check, told in results.items()})
    new = totals
    if known:
        new = Counter(r.check for r in report.checks for finding in r.findings if finding not in known)
    order = sorted(worst, key=lambda check: (ranks.index(worst[check]), -new[check], -totals[check], check))
    outcomes = {check: worst[check] for check in order}
    counted = totals.total() - new.total()
    kind, title, advice = _words(Counter(outcomes.values()), report.in_part, counted)
    return Verdict(kind, title, advice, outcomes, dict(results), +totals, +new)


def _words(outcomes: Counter[Outcome], in_part: str | None, known: int) -> tuple[str, str, str]:
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
        return (
            "warned",
            f"Nothing new, {counted(known, 'known finding')}",
            ("Every check holds but for what the baseline knows."),
        )
    if outcomes[Outcome.WARNED]:
        return "warned", "Ready to train, with warnings", "Every critical check holds; look at the warnings."
    return "passed", "Ready to train", "Every check that ran holds."
