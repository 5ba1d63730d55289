"""Sources of several files that differ in a number only: how they are named, and which number is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

#: ``train-00003-of-00042``: the number and how many there are to be.
_OF = re.compile(r"(.*?)(\d+)([-_.]of[-_.])(\d+)(.*)", re.IGNORECASE | re.DOTALL)
#: The last number of a stem.
_NUMBER = re.compile(r"(.*?)(\d+)(\D*)", re.DOTALL)
_SHOWN = 5  # missing numbers that are named


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """A file with a number in its name; ``count`` is how many there are to be, if the name says so."""

    number: int
    path: Path
    count: int | None = None


def in_sources(paths: Iterable[Path]) -> dict[Path, tuple[Path, ...]]:
    """The files of each source by its path: of shards with ``#`` for the number (``train-#.parquet``).

    Files of one folder that differ in the last number of their stem alone are one source, and a single file if its
    number begins with a zero or says of how many it is. The others are sources of their own. Files are in the order of
    their numbers.
    """
    groups: dict[Path, list[Shard]] = {}
    alone: dict[Path, tuple[Path, ...]] = {}
    for path in sorted(paths):
        found = _named(path)
        if found is None:
            alone[path] = (path,)
        else:
            groups.setdefault(found[0], []).append(found[1])
    for name, shards in groups.items():
        (first, *others) = sorted(shards)
        if others or first.count is not None or _digits(first.path).startswith("0"):
            alone[name] = tuple(shard.path for shard in sorted(shards))
        else:
            alone[first.path] = (first.path,)
    return alone


def missing(files: Sequence[Path], left_out: Iterable[Path] = ()) -> str | None:
    """Which shards of a source are missing from the row of their numbers, in words; None if none are.

    Those that were ``left_out`` are there.
    """
    shards = [found[1] for path in files if (found := _named(path)) is not None]
    if len(shards) < len(files) or not shards:
        return None
    shards.sort()
    there, low, high = {shard.number for shard in shards}, shards[0].number, shards[-1].number
    of = shards[0].count
    if of is not None:
        low = 1 if high == of and 0 not in there else 0
        high = max(high, low + of - 1)
    there |= {found[1].number for path in left_out if (found := _named(path)) and low <= found[1].number <= high}
    count = high - low + 1 - len(there)
    if count <= 0:
        return None
    width = len(_digits(files[0]))
    gone: list[str] = []
    for number in range(low, high + 1):
        if number not in there:
            gone.append(f"{number:0{width}}")
        if len(gone) == _SHOWN:
            break
    more = f" and {count - len(gone):,} more" if count > len(gone) else ""
    kind = "shard is" if count == 1 else "shards are"
    ends = f" between {_digits(shards[0].path)} and {_digits(shards[-1].path)}"
    whole = ends if of is None else f" of {of:,}"
    return f"{count:,} {kind} missing{whole}: {', '.join(gone)}{more}"


def _named(path: Path) -> tuple[Path, Shard] | None:
    """The path of the source that a shard is part of, and the shard."""
    stem = path.name[: -len(path.suffix)] if path.suffix else path.name
    if found := _OF.fullmatch(stem):
        before, number, _, count, after = found.groups()
        if len(number) <= 18 and len(count) <= 18 and int(count) > 0:
            return path.with_name(f"{before}#{after}{path.suffix}"), Shard(int(number), path, int(count))
    if (found := _NUMBER.fullmatch(stem)) and len(found[2]) <= 18:
        return path.with_name(f"{found[1]}#{found[3]}{path.suffix}"), Shard(int(found[2]), path)
    return None


def _digits(path: Path) -> str:
    stem = path.name[: -len(path.suffix)] if path.suffix else path.name
    found = _OF.fullmatch(stem) or _NUMBER.fullmatch(stem)
    return found[2] if found else ""
