"""A remote dataset as a folder here: its tables as they are, its pictures as empty stand-ins of their names.

So everything that reads folders reads remote ones. The bytes of a picture stay where they are until a worker decodes
it; a table is fetched again only when its version changes. One run at a time brings the mirrors of a host up to date,
and each file appears whole and before what is written about it, so that other runs may read meanwhile, and a run that
dies leaves nothing that the next one believes. A mirror is believed only in the cache of the run: elsewhere
a dataset could bring a manifest that names other places. Of an https server, whose folders cannot be listed, the tables
that were named are there, and what is relative in them becomes a URL.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, urlsplit

from pytest_clipdata.reading.alone import alone
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reading.dataset import DatasetError, absolute_path
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.reading.kinds import is_image
from pytest_clipdata.reading.readers import READERS, SHARDED
from pytest_clipdata.reading.remote_failures import Failure, RemoteError
from pytest_clipdata.reading.remote_files import download, files_under, stamp_of
from pytest_clipdata.reading.remote_urls import is_url, place_of, refusal, without_secrets
from pytest_clipdata.reading.source import Rows

_FOLDER = "remote"
_MANIFEST = ".clipdata-remote.json"
_FETCHED = (*READERS, *SHARDED, ".json", ".txt")
_AT_A_TIME = 16
_NO_WORDS = {Failure.MISSING: "it does not exist", Failure.CHANGED: "it changed while it was copied"}
_LOCK, _WAIT = ".clipdata-lock", 3600.0  # and the seconds that another run may take for its copies

Version = tuple[int | None, str | None]  #: bytes, and what changes with them


@dataclass(frozen=True, slots=True)
class Mirror:
    """Where the files of a mirrored folder are, and in which version, by their names relative to it."""

    folder: Path
    url: str
    files: Mapping[str, Version]
    listed: bool  #: whether all files are known, and not only the tables that were named
    unsure: frozenset[str] = frozenset()  #: files of which the bytes may still be those of another version

    def address(self, root: Path) -> str:
        """The URL of a folder of the mirror."""
        below = root.relative_to(self.folder).as_posix()
        return self.url if below == "." else f"{self.url}/{below}"

    def absolute(self, rows: Rows) -> Rows:
        """The rows with a URL for each path that is relative to a folder that cannot be listed."""
        if self.listed:
            return rows
        return replace(rows, image_paths=[cell and self._absolute(cell, rows) for cell in rows.image_paths])

    def _absolute(self, cell: str, rows: Rows) -> str:
        return cell if cell in rows.within or is_url(cell) or cell.startswith("/") else f"{self.url}/{quote(cell)}"

    def remote(self, facts: FileFacts) -> FileFacts:
        """The facts of a picture whose stand-in was found; others as they are."""
        if facts.path is None or facts.inside is not None or not facts.path.is_relative_to(self.folder):
            return facts
        name = facts.path.relative_to(self.folder).as_posix()
        if name not in self.files:
            return facts
        size, version = self.files[name]
        blob = Blob(f"{self.url}/{name}", 0, size, version)
        return replace(
            facts, size=size, mtime_ns=stamp_of(version), ctime_ns=None, settled=version is not None, inside=blob
        )


def locally(paths: Sequence[str], cache: Path | None, *, fresh: bool = True) -> list[str]:
    """The paths, with the folder or file of its mirror for each that is a URL.

    With ``fresh`` mirrors are brought up to date first. Raises DatasetError.
    """
    cache = cache and absolute_path(cache)
    named = {urlsplit(without_secrets(path)).path.rpartition("/")[2] for path in paths if is_url(path)}
    return [str(_mirrored(path, cache, named if fresh else None)) if is_url(path) else path for path in paths]


def mirror_of(root: Path, cache: Path | None) -> Mirror | None:
    """The mirror that a dataset root lies in, or that lies in it; None if it is local."""
    cache = cache and absolute_path(cache)
    if cache is None or not root.is_relative_to(cache / _FOLDER):
        return None
    for folder in (root, *root.parents):
        if (found := _read(folder)) is not None:
            return found
        if folder == cache / _FOLDER:
            return None
    return None


def _mirrored(url: str, cache: Path | None, named: Collection[str] | None) -> Path:
    shown = without_secrets(url)
    try:
        place = place_of(url)
        words = refusal(url, [place])
    except ValueError:
        words = "is no URL that can be read"
    if words is not None:
        raise DatasetError(f"{shown} {words}")
    if cache is None:
        raise DatasetError(f"{shown} needs a folder for its tables: name one with --clip-cache")
    parts = [part for part in urlsplit(shown).path.split("/") if part]
    is_file = bool(parts) and parts[-1].lower().endswith(_FETCHED)
    if urlsplit(url).scheme.lower() == "https" and not is_file:
        raise DatasetError(f"{shown} is no table: folders of https servers cannot be listed, name a file")
    kept = parts[:-1] if is_file else parts
    host = cache / _FOLDER / place.replace("://", "/").replace(":", "_")
    folder = host.joinpath(*(quote(part, safe=" ()+,=@") for part in kept))
    if named is not None:
        above = f"{place}/{'/'.join(kept)}".rstrip("/")
        try:
            (cache / _FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)  # tables may hold signed URLs
            with alone(host / _LOCK, _WAIT):
                _bring_up_to_date(folder, above, url.strip(), parts[-1] if is_file else "", named)
        except RemoteError as error:
            raise DatasetError(f"{shown} cannot be read: {error.words or _NO_WORDS[error.kind]}") from None
        except TimeoutError:
            raise DatasetError(f"{shown} cannot be copied: another run has been copying it for an hour") from None
        except OSError as error:
            raise DatasetError(f"{shown} cannot be copied to {folder}: {error.strerror}") from None
    return folder / parts[-1] if is_file else folder


def _bring_up_to_date(folder: Path, place: str, url: str, table: str, named: Collection[str]) -> None:
    """Make ``folder`` the mirror of ``place``, with a picture or table for each file there.

    ``table`` is the file that was named, if it was one: of an https server it is all that is there.
    """
    listed = urlsplit(url).scheme.lower() != "https"
    found = files_under(place if listed else url)
    files = {name or table: version for name, version in found.items()}
    if not files or (table and table not in files):
        raise RemoteError("there is nothing")
    before = _read(folder)
    if before is not None and before.url != place:
        shutil.rmtree(folder)
        before = None
    old = {} if before is None else before.files
    wanted = {name: version for name, version in files.items() if _is_wanted(name)}
    if not listed:  # the others that were named are, or will be, brought up to date by themselves
        wanted = {name: version for name, version in old.items() if name in named} | wanted
    unsure = frozenset() if before is None else before.unsure
    changed = [name for name in wanted if name in unsure or not _is_same(folder / name, old.get(name), wanted[name])]
    for parent in {(folder / name).parent for name in wanted}:
        parent.mkdir(parents=True, exist_ok=True)
    if before is None or changed or old.keys() != wanted.keys():
        _write(folder, Mirror(folder, place, {**old, **wanted}, listed, frozenset(changed)))
    for name in old.keys() - wanted.keys():
        (folder / name).unlink(missing_ok=True)

    def bring(name: str) -> None:
        if is_image(name):
            (folder / name).touch()
        else:
            download(f"{place}/{name}" if listed else url, *wanted[name], folder / name)

    with ThreadPoolExecutor(_AT_A_TIME, "clipdata-remote") as pool:
        list(pool.map(bring, changed))
    _write(folder, Mirror(folder, place, wanted, listed))


def _is_same(path: Path, old: Version | None, new: Version) -> bool:
    """Whether what is here is what is there. What has no version may have changed, but a stand-in does not."""
    return path.exists() and old == new and (new[1] is not None or is_image(path.name))


def _is_wanted(name: str) -> bool:
    """Whether a file of a store is one for a mirror. Raises RemoteError for a name that no folder can have."""
    if not (is_image(name) or name.lower().endswith(_FETCHED)):
        return False
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\\" in part or not part.isprintable() for part in parts):
        raise RemoteError(f"it holds a file with a name that no folder can have: {name[:100]!a}")
    return not any(part.startswith(".") for part in parts)


def _write(folder: Path, mirror: Mirror) -> None:
    """Write what is known of a mirror, whole or not at all."""
    told = {"url": mirror.url, "files": dict(mirror.files), "listed": mirror.listed, "unsure": sorted(mirror.unsure)}
    draft = folder / f"{_MANIFEST}.part"
    draft.write_text(json.dumps(told), encoding="utf-8")
    draft.replace(folder / _MANIFEST)


def _read(folder: Path) -> Mirror | None:
    try:
        told = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        files = {name: (size, version) for name, (size, version) in told["files"].items()}
        return Mirror(folder.resolve(), told["url"], files, told["listed"], frozenset(told.get("unsure", ())))
    except (OSError, ValueError, KeyError, TypeError):
        return None
