"""A report seen through a baseline."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import chain

from pytest_clipdata.findings import Finding, Outcome, Report
from pytest_clipdata.reports.baseline.entries import (
    Baseline,
    ContentOf,
    Entry,
    entry_of,
    judged_different,
)


@dataclass(frozen=True, slots=True)
class Applied:
    """A report seen through a baseline.

    ``report`` keeps every finding; a check all of whose findings are known has passed and says so in its reason.
    ``known`` are the findings that reports mark or leave out; ``stale`` names, in words, what the baseline holds and
    the data no longer do.
    """

    report: Report
    known: frozenset[Finding]
    stale: tuple[str, ...]


def apply(report: Report, baseline: Baseline, content: ContentOf) -> Applied:
    """``report`` with what ``baseline`` knows no longer failing.

    A check that failed or warned only by known findings has passed; one new finding leaves its outcome as it was.
    An entry is stale only if its check was judged on its CSV in this run: what was not looked at may still be there.
    """
    open_entries: defaultdict[tuple[object, ...], list[Entry]] = defaultdict(list)
    for entry in baseline.known:
        open_entries[entry.key].append(entry)
    different = frozenset(baseline.different)
    known, used = set(), set()
    waiting = []
    for finding in report.findings:
        if pairs := judged_different(finding, content, different):
            known.add(finding)
            used |= pairs
            continue
        entry = entry_of(finding, content)
        # A pair is first matched with its own text, so that of five rows with one picture the new one is named.
        same = [e for e in open_entries[entry.key] if (e.text, e.label) == (entry.text, entry.label) and e.knows(entry)]
        if same:
            open_entries[entry.key].remove(same[0])
            known.add(finding)
        else:
            waiting.append((finding, entry))
    for finding, entry in waiting:
        if others := [e for e in open_entries[entry.key] if e.knows(entry)]:
            open_entries[entry.key].remove(others[0])
            known.add(finding)
    checks = []
    for result in report.checks:
        count = sum(finding in known for finding in result.findings)
        if count and count == len(result.findings) and result.outcome in (Outcome.FAILED, Outcome.WARNED):
            words = f"{count} known finding{'s' if count > 1 else ''}"
            result = replace(result, outcome=Outcome.PASSED, reason=words)
        checks.append(result)
    judged = {(r.source, r.check) for r in report.checks if r.outcome not in NOT_JUDGED}
    left = sorted(
        entry for entry in chain.from_iterable(open_entries.values()) if (entry.source, entry.check) in judged
    )
    stale = [str(entry) for entry in left]
    if {check for _, check in judged} >= _PAIR_CHECKS:
        stale += [f"judged different: {a} and {b}" for a, b in baseline.different if (a, b) not in used]
    return Applied(replace(report, checks=tuple(checks)), frozenset(known), tuple(stale))


#: Of such a result nothing is known: what the baseline has of it stays.
NOT_JUDGED = frozenset({Outcome.SKIPPED, Outcome.ERROR, Outcome.NOT_RUN})
#: A judged pair is stale only where both have looked at the pictures.
_PAIR_CHECKS = frozenset({"duplicate_images", "leakage"})
