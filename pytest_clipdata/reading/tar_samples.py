"""The samples of a WebDataset tar: the files of one key that stand together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from pytest_clipdata.reading.kinds import is_image
from pytest_clipdata.reading.strict_text import shown
from pytest_clipdata.reading.tar_index import Member, TarError, members

#: As the webdataset package takes a name apart: the key goes up to the first dot of the last part.
_NAME = re.compile(r"((?:.*/)?[^./][^./]*)\.([^/]*)", re.DOTALL)
_ARCHIVE = re.compile(r"(?:.*\.)?(?:tar|tgz|tar\.(?:gz|bz2|xz|zst))", re.DOTALL)
_SAID = 10  # things that are wrong with one sample, in words: its files may be a million
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x80-\x9f\udc80-\udcff]")


@dataclass(slots=True)
class Sample:
    """The files of one key by what follows the first dot of the name, in lower case; and what is wrong, in words."""

    key: str
    files: dict[str, Member] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    extents: list[tuple[int, int]] = field(default_factory=list)  #: of all files of the key, with their headers

    @property
    def pictures(self) -> Sequence[Member]:
        """The files whose ending is that of a picture."""
        return [member for ending, member in self.files.items() if is_image(f".{ending}") and "." not in ending]


def samples(file: IO[bytes]) -> Iterator[Sample | TarError]:
    """The samples in order; last comes the error that ended the reading, if one did. Raises OSError.

    A file that has no key for the webdataset package (no dot in its name, or nothing before it) is no part of a sample.
    A sample is whole when the next key begins, as it is for that package: a key that comes again later is wrong.
    """
    seen: set[str] = set()
    sample: Sample | None = None
    error: TarError | None = None
    found = members(file)
    while True:
        try:
            member = next(found, None)
        except TarError as stopped:
            error, member = stopped, None
        if member is None:
            break
        named = _NAME.fullmatch(member.name)
        if named is None or _is_meta(member.name):
            continue
        key, ending = plain(named[1]), plain(named[2]).lower()
        if sample is None or key != sample.key:
            if sample is not None:
                yield sample
            sample = Sample(key)
            if key in seen:
                sample.problems.append("its key was there before: files of one key must stand together")
            seen.add(key)
        _take(sample, member, ending)
    if sample is not None:
        yield sample
    if error is not None:
        yield error


def _take(sample: Sample, member: Member, ending: str) -> None:
    words = []
    if member.strange is not None:
        words.append(f"{shown(member.name)} is {member.strange}")
    elif _ARCHIVE.fullmatch(ending):
        words.append(f"{shown(member.name)} is a tar within the tar, which is not read")
    elif hostile := _hostile(member.name):
        words.append(f"the name {member.name[:120]!a} {hostile}")
    elif ending in sample.files:
        words.append(f"two files end in .{shown(ending)}")
    sample.problems += words[: _SAID - len(sample.problems)]
    sample.extents.append(member.extent)
    if not words:
        sample.files[ending] = member


def plain(name: str) -> str:
    """A name without what no encoding can hold: bytes that are not UTF-8 are written as Python would."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def _is_meta(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _hostile(name: str) -> str | None:
    """What is wrong with a name that a tool might unpack, in words."""
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        return "is an absolute path"
    if ".." in re.split(r"[/\\]", name):
        return "climbs out of the folder that it is unpacked to"
    return "holds a control character, or is not UTF-8" if _CONTROL.search(name) else None
