"""What lies in folders: sources, tables that nobody reads, folders named like splits. Links are followed with care.

A symbolic link to a file is as good as the file. One to a folder is followed only where it is named like a split; one
that leads back to a folder above it is told and not followed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from pytest_clipdata.reading.kinds import is_picture_or_text
from pytest_clipdata.reading.naming import Table, last_word
from pytest_clipdata.reading.readers import READERS, SHARDED, ending_of
from pytest_clipdata.reading.sidecars import NAME as SIDECARS
from pytest_clipdata.reading.sidecars import are_sidecars
from pytest_clipdata.reading.splits import split_in_stem, split_of_folder

#: Tables in formats that have no reader.
_UNREAD = (".arrow", ".csv.gz", ".tsv.gz", ".xlsx")
#: Tars that cannot be read in place.
_COMPRESSED = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst")
#: These endings have other uses: they are told only where the name says that the file is a split.
_UNREAD_SPLITS = (".json", ".txt", ".zip", ".xls", ".feather")
#: Entries of a linked folder that are looked at before it is taken for one of pictures.
_PEEK = 10_000

#: Links on the way to a folder. Folders that link to each other could be walked through in endlessly many ways.
_LINKS = 2
#: How many folders above pictures may hold a table that names them.
_ABOVE = 3


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """Something that lies where a dataset is and is not read, or is not what its place says; and why, in words."""

    path: Path
    words: str


def is_source(name: str) -> bool:
    """Whether a file's name is that of a source."""
    return ending_of(name) is not None and not name.startswith(".")


@dataclass(slots=True)
class _Listing:
    """The entries of one folder that matter, sorted."""

    sources: list[Path] = field(default_factory=list)
    unread: dict[Path, str] = field(default_factory=dict)  # and why, in words
    folders: list[tuple[Path, bool]] = field(default_factory=list)  # and whether it is a symbolic link
    dangling: list[Path] = field(default_factory=list)
    captioned: tuple[str, ...] = ()  # pictures and their texts, if most pictures have one


class Folders:
    """Folders as they are now, each listed once. Raises OSError for one that the system refuses to list."""

    def __init__(self) -> None:
        self.notes: dict[Note, None] = {}
        self._listed: dict[Path, _Listing] = {}
        self._sidecars: dict[Path, bool] = {}
        self._tables: dict[Path, Table] = {}

    def sources(self, folder: Path) -> list[Path]:
        """The sources that lie in one folder, sorted; last the pictures with texts beside them, if no table near by
        names them."""
        listing = self._list(folder)
        if not listing.captioned:
            return listing.sources
        if folder not in self._sidecars:
            contained = any(path.suffix.lower() in SHARDED for path in listing.sources)
            words = {last_word(name) for name in listing.captioned}
            self._sidecars[folder] = not contained and not any(
                table.names_any(words) for table in self._tables_around(folder)
            )
        return [*listing.sources, folder / SIDECARS] if self._sidecars[folder] else listing.sources

    def _tables_around(self, folder: Path) -> Iterator[Table]:
        """The tables of a folder and of those above it that may name what lies in it, those that are text."""
        for above in [folder, *folder.parents[:_ABOVE]]:
            with suppress(OSError):
                for path in self._list(above).sources:
                    if path.suffix.lower() not in SHARDED:
                        yield self._tables.setdefault(path, Table(path))

    def splits(self, root: Path) -> list[Path]:
        """The folders of ``root`` that are named like splits, sorted, also those that are links."""
        found = [(path, is_link) for path, is_link in self._list(root).folders if split_of_folder(path.name)]
        return [path for path, is_link in found if not (is_link and self._leads_back(path, (os.path.realpath(root),)))]

    def note_unread(self, folder: Path) -> None:
        """Note the tables of a folder that have no reader, and the folders of splits that lead nowhere."""
        listing = self._list(folder)
        for path, words in listing.unread.items():
            self.note(path, words)
        for path in listing.dangling:
            self.note(path, "is a symbolic link to nothing")

    def walk(self, top: Path) -> Iterator[Path]:
        """The sources under a folder, sorted by folder, without hidden folders."""
        real = os.path.realpath(top)
        # With each folder go the real places of the top, of each folder from which a link was followed, and its own.
        waiting: list[tuple[Path, tuple[str, ...]]] = [(top, (real, real))]
        while waiting:
            folder, above = waiting.pop()
            listing = self._list(folder)
            yield from self.sources(folder)
            for path in listing.dangling:
                self.note(path, "is a symbolic link to nothing")
            below: list[tuple[Path, tuple[str, ...]]] = []
            for path, is_link in listing.folders:
                if not is_link:
                    below.append((path, (*above[:-1], os.path.join(above[-1], path.name))))  # noqa: PTH118
                elif split_of_folder(path.name):
                    if len(above) > _LINKS + 1:
                        self.note(path, "is reached through too many symbolic links and is not followed")
                    elif not self._leads_back(path, above):
                        below.append((path, (*above, os.path.realpath(path))))
                elif self._holds_sources(path) and not Path(os.path.realpath(path)).is_relative_to(above[0]):
                    self.note(path, "is a symbolic link to a folder and is not searched: name it to test it")
            waiting += reversed(below)

    def note(self, path: Path, words: str) -> None:
        self.notes[Note(path, words)] = None

    def _leads_back(self, link: Path, above: tuple[str, ...]) -> bool:
        """Whether a link leads to a folder that it was reached through, which is noted."""
        real = os.path.realpath(link)
        if not any(place == real or place.startswith(os.path.join(real, "")) for place in above):  # noqa: PTH118
            return False
        self.note(link, "is a symbolic link back to a folder above it and is not followed")
        return True

    @staticmethod
    def _holds_sources(folder: Path) -> bool:
        try:
            with os.scandir(folder) as entries:
                names = (entry.name for entry, _ in zip(entries, range(_PEEK), strict=False))
                return any(is_source(name) or split_of_folder(name) for name in names)
        except OSError:
            return False

    def _list(self, folder: Path) -> _Listing:
        if folder in self._listed:
            return self._listed[folder]
        listing = self._listed[folder] = _Listing()
        beside: list[str] = []
        tables = (*READERS, *SHARDED, *_UNREAD, *_COMPRESSED, *_UNREAD_SPLITS)
        with os.scandir(folder) as entries:
            for entry in sorted((entry for entry in entries if not entry.name.startswith(".")), key=_by_name):
                name = entry.name
                if is_picture_or_text(name):
                    beside.append(name)
                if _is_folder(entry):
                    listing.folders.append((folder / name, entry.is_symlink()))
                elif name.lower().endswith(tables):
                    if is_source(name):
                        listing.sources.append(folder / name)
                    elif name.lower().endswith(_COMPRESSED):
                        listing.unread[folder / name] = "is not read: it is compressed, decompress it to a .tar"
                    elif name.lower().endswith(_UNREAD) or split_in_stem(name.partition(".")[0]):
                        listing.unread[folder / name] = "is not read: this version has no reader for it"
                elif split_of_folder(name) and entry.is_symlink() and not (folder / name).exists():
                    listing.dangling.append(folder / name)
        if are_sidecars(beside):
            listing.captioned = tuple(beside)
            listing.unread = {path: words for path, words in listing.unread.items() if path.suffix.lower() != ".txt"}
        tars = {path.stem for path in listing.sources if path.suffix.lower() == ".tar"}
        spoken = {path for path in listing.sources if path.suffix.lower() == ".parquet" and path.stem in tars}
        listing.unread |= dict.fromkeys(sorted(spoken), "is left out: the tar beside it holds the samples")
        listing.sources = [path for path in listing.sources if path not in spoken]
        return listing


def _by_name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads round in a circle
        return False
