"""What is to be changed in the sources of a dataset, before anything is written."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from pytest_clipdata.findings import Finding, Report
from pytest_clipdata.fixing.cells import Mend, is_asked, mended_labels, mended_paths, text_mender
from pytest_clipdata.fixing.formats import FORMATS, RowFormat
from pytest_clipdata.reading.csv_source import CsvSource
from pytest_clipdata.reading.json_lines import JsonLinesSource
from pytest_clipdata.reading.source import Rows, Source
from pytest_clipdata.running.run import DatasetRun

#: The checks whose findings may be mended in the rows of a source.
CHECKS = ("labels", "paths", "portable_paths", "text_hygiene", "text_style", "duplicate_rows")


class FixError(ValueError):
    """Fixes cannot be made; the words are one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Change:
    """A record as it stands and as it should: ``after`` is None where the row goes."""

    line: int
    before: str
    after: str | None
    asked: tuple[str, ...]
    settled: frozenset[str]


@dataclass(frozen=True, slots=True)
class SourceFix:
    """The changes to one source, by line; none where nothing can be mended. ``sha256`` is of the file that was read."""

    source: Source
    changes: Mapping[int, Change]
    sha256: str
    writable: bool  #: it was read, and is of a format that can be written

    def content(self) -> bytes:
        """The file with its changes. Raises FixError if it is not as it was, or was not read to its end."""
        digest, parts, left = hashlib.sha256(), [], dict(self.changes)
        for line, record in _records(self.source):
            digest.update(record.encode("utf-8", "surrogateescape"))
            change = left.pop(line, None)
            parts.append(record if change is None else change.after or "")
        if left or digest.hexdigest() != self.sha256:
            raise FixError(f"{self.source.path} cannot be read whole, or changes while it is read: nothing is written")
        return "".join(parts).encode("utf-8", "surrogateescape")


def _records(source: Source) -> Iterator[tuple[int, str]]:
    """The records of a table of text as they stand; of another source none."""
    return source.raw() if isinstance(source, CsvSource | JsonLinesSource) else iter(())


def plan(run: DatasetRun, *, tags: bool = False, only: Mapping[str, Collection[int]] | None = None) -> list[SourceFix]:
    """The changes to the sources of a run that were asked for, those without a change included.

    ``only`` gives, by source, the lines of the rows that are looked at (default: all). Nothing is decoded.
    """
    fixes = []
    for source in run.selected:
        wanted = None if only is None else only.get(source.name, ())
        make = FORMATS.get(source.path.suffix.lower()) if isinstance(source, CsvSource | JsonLinesSource) else None
        changes: dict[int, Change] = {}
        if make is not None and (wanted is None or wanted):
            cells = _cells(run, run.engine.rows[source.name], source, wanted, tags=tags)
            again = is_asked(run.settings, "duplicate_rows")
            try:
                changes = dict(_changes(source, make(source.path), run.engine.rows[source.name], cells, again))
            except OSError:  # it could be read a moment ago: the check `columns` says what is wrong with it
                changes = {}
        digest = run.engine.rows[source.name].sha256
        fixes.append(SourceFix(source, changes, digest, writable=make is not None and digest != ""))
    return fixes


def mendable(run: DatasetRun, report: Report, known: Collection[Finding] = ()) -> int:
    """How many findings of a report `plan` would put right."""
    new = [finding for finding in report.findings if finding.check in CHECKS and finding not in known]
    if not new:
        return 0
    only: dict[str, set[int]] = {}
    for finding in new:
        lines = run.engine.rows[finding.place.source].lines if finding.place.line is None else [finding.place.line]
        only.setdefault(finding.place.source, set()).update(lines)
    settled: dict[str, dict[int | None, set[str]]] = {}
    for fix in plan(run, only=only):
        by_line = settled.setdefault(fix.source.name, {None: set()})
        for change in fix.changes.values():
            by_line.setdefault(change.line, set()).update(change.settled)
            by_line[None] |= change.settled & {"labels"}  # its finding about the whole source: spellings are mixed
    return sum(finding.check in settled.get(f.source, {}).get(f.line, ()) for finding in new for f in [finding.place])


#: By line: the cells of a row that change, by the name of their column, as (before, mend).
_Cells = Mapping[int, Mapping[str, tuple[str, Mend]]]


def _cells(run: DatasetRun, rows: Rows, source: Source, wanted: Collection[int] | None, *, tags: bool) -> _Cells:
    """What changes in the cells of each row."""
    read = run.engine.columns[source.name]
    names = {"image_path": read.image_path, "text": read.text, "label": read.label or ""}
    settings, files = run.settings, run.engine.files[source.name]
    chosen = [i for i, line in enumerate(rows.lines) if wanted is None or line in wanted]
    labels = {} if read.label is None else mended_labels(settings, rows.labels)
    given = list(dict.fromkeys(path for i in chosen if (path := rows.image_paths[i]) is not None))
    wrong = [path for path in given if files[path].problem is not None]
    missing = {path: not files[path].status.usable for path in wrong}
    paths = mended_paths(settings, wrong, run.engine.image_roots[source.name], missing)
    mend_text = text_mender(settings, tags=tags)
    texts = {text: mend for i in chosen if (text := rows.texts[i]) is not None and (mend := mend_text(text))}
    changed: dict[int, dict[str, tuple[str, Mend]]] = {}
    columns = (("image_path", rows.image_paths, paths), ("text", rows.texts, texts), ("label", rows.labels, labels))
    for role, cells, mends in columns:
        for i in chosen if mends else ():
            cell = cells[i]
            if cell is not None and cell in mends:
                changed.setdefault(rows.lines[i], {})[names[role]] = cell, mends[cell]
    return changed


def _changes(source: Source, made: RowFormat, rows: Rows, cells: _Cells, again: bool) -> Iterator[tuple[int, Change]]:
    """Each record that changes. With ``again`` a row that repeats an earlier one in every cell goes."""
    lines = set(rows.lines)
    seen: set[object] = set()
    for line, record in _records(source):
        if made.begin(record) or line not in lines:
            continue
        mends = cells.get(line, {})
        new = {name: (cell, mend.after) for name, (cell, mend) in mends.items()}
        written = made.rewritten(record, new) if new else None
        written = record if written is None else written
        content = made.content(written) if again else None
        asked = tuple(dict.fromkeys(check for _, mend in mends.values() for check in mend.asked))
        settled = frozenset(check for _, mend in mends.values() for check in mend.settled)
        if again and content in seen:
            yield line, Change(line, record, None, ("duplicate_rows",), settled | {"duplicate_rows"})
        elif written != record:
            yield line, Change(line, record, written, asked, settled)
        seen.add(content)
