"""``index.html``: the answers for several datasets that one run tested, with the way to the page of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_clipdata.findings import Finding, Outcome, Report, counted
from pytest_clipdata.reports.html.about import About, encoded_file
from pytest_clipdata.reports.html.document import document
from pytest_clipdata.reports.html.text import html_text
from pytest_clipdata.reports.html.verdict import Verdict, verdict

#: The worst answer comes first.
_KINDS = ("failed", "error", "warned", "passed")


@dataclass(frozen=True, slots=True)
class Entry:
    """One dataset's report, what a baseline knows of it, and where its page is."""

    report: Report
    known: Collection[Finding]
    page: Path


def index(entries: Sequence[Entry], folder: Path, about: About) -> str:
    """The page of several datasets, as it stands in ``folder``; those that fail come first."""
    told = [(verdict(entry.report, entry.known), entry) for entry in entries]
    told.sort(key=lambda pair: (_KINDS.index(pair[0].kind), pair[1].report.dataset))
    ready = sum(answer.title.startswith("Ready") for answer, _ in told)
    counts = Counter(answer.title for answer, _ in told)
    words = "; ".join(f"{title}: {count:,}" for title, count in counts.items())
    made = (about.date, f"pytest-clipdata {about.version}".strip())
    command = f"<p><code>{html_text(about.command, 2000)}</code></p>" if about.command else ""
    items = "".join(_item(answer, entry, folder) for answer, entry in told)
    title = f"{ready:,} of {counted(len(told), 'dataset')} ready to train"
    kind = told[0][0].kind if told else "error"
    body = (
        f'<main><header class="verdict {kind}"><p class="dataset">'
        f"{' · '.join(html_text(part) for part in made if part)}</p><h1>{title}</h1>"
        f"<p>{html_text(words)}.</p></header>\n"
        f'<section><h2>Datasets</h2><ul class="datasets">{items}</ul></section>\n'
        f"{command and f'<section><h2>This run</h2>{command}</section>'}</main>"
    )
    return document(title, body)


def _item(answer: Verdict, entry: Entry, folder: Path) -> str:
    report = entry.report
    failing = ", ".join(html_text(name) for name in answer.named(Outcome.FAILED))
    rows = sum(split.rows for split in report.splits)
    counts = f"{counted(rows, 'row')}, {counted(answer.totals.total(), 'finding')}"
    counts += f", {answer.known:,} known" if answer.known else ""
    # "./" before it: a folder of the name "javascript:" is a folder.
    href = "./" + encoded_file(entry.page.relative_to(folder).as_posix())
    return (
        f'<li><span class="badge {answer.kind}">{html_text(answer.title)}</span>'
        f'<a href="{href}">{html_text(report.dataset)}</a><span class="n">{counts}</span>'
        f"{failing and f'<div><p>Failing: {failing}</p></div>'}</li>"
    )
