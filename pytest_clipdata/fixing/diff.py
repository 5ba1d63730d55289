"""Changes as a person reads them: a unified diff without context, each change with the checks that asked for it.

Everything here is safe to print: what comes from the data has gone through `visible`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from pytest_clipdata.findings import counted
from pytest_clipdata.fixing.plan import SourceFix
from pytest_clipdata.reports.visible import visible


def diff_lines(fix: SourceFix, name: str) -> Iterator[str]:
    """The changes to one source, which the user knows as ``name``; nothing if there are none."""
    if not fix.changes:
        return
    yield f"--- {visible(name)}"
    yield f"+++ {visible(name)}"
    moved = 0
    for line, change in sorted(fix.changes.items()):
        before = _lines(change.before)
        after = [] if change.after is None else _lines(change.after)
        # Where nothing stands any more, a diff names the line before.
        start = line + moved - (not after)
        yield f"@@ -{_range(line, len(before))} +{_range(start, len(after))} @@ {', '.join(change.asked)}"
        yield from (f"-{visible(text)}" for text in before)
        yield from (f"+{visible(text)}" for text in after)
        moved += len(after) - len(before)


def summary(fixes: Sequence[SourceFix], pictures: int) -> str:
    """How many fixes there are, and which checks asked for them."""
    asked = Counter(check for fix in fixes for change in fix.changes.values() for check in change.asked)
    if pictures:
        asked["loader_parity"] += pictures
    rows = sum(len(fix.changes) for fix in fixes)
    files = sum(bool(fix.changes) for fix in fixes)
    what = [f"{counted(rows, 'row')} of {counted(files, 'file')}"] if rows else []
    what += [counted(pictures, "picture")] if pictures else []
    return f"{' and '.join(what)}: {', '.join(f'{check} {count:,}' for check, count in asked.items())}"


def _lines(record: str) -> list[str]:
    return record.rstrip("\r\n").replace("\r\n", "\n").split("\n")


def _range(start: int, count: int) -> str:
    return f"{start}" if count == 1 else f"{start},{count}"
