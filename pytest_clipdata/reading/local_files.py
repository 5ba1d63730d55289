"""Where the picture of a row is, and whether its file can be used, without opening the picture.

Nothing here blocks: pipes, sockets, devices and the kernel's own files are told apart by ``stat``, and only a file
small enough to be a Git LFS pointer has its first bytes read.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_clipdata.reading.file_facts import FileFacts, PathStatus
from pytest_clipdata.reading.names import Names
from pytest_clipdata.reading.path_problems import (
    LFS_BYTES,
    WINDOWS_DRIVE,
    climbs_out,
    is_lfs_pointer,
    kind_of,
    refused,
    why_invalid,
)

# A close name is sought only while few are missing: it means comparing letter by letter.
_CLOSE_PATHS = 100
#: Clocks of file systems tick in up to 2 s (FAT): a younger file may be replaced without its times changing.
SETTLED_NS = 2_000_000_000


def locate(image_paths: Iterable[str], root: Path, *, confine: bool) -> dict[str, FileFacts]:
    """Look up every distinct path, relative to ``root``, in the order given.

    A status that makes the file unusable wins over one about portability. With ``confine`` a file outside ``root`` is
    CONFINED. Directory listings are read at most once each, and only inside ``root``. Close names (beyond a slip of
    case or extension) are suggested only while no more than 100 paths are missing. Raises nothing.
    """
    survey = _Survey(root, confine)
    found = {given: survey.look(given) for given in dict.fromkeys(image_paths)}
    unsuggested = []
    for given, facts in found.items():
        if facts.status is PathStatus.MISSING and facts.detail is None:
            detail = survey.suggest(given, close=False)
            if detail is None:
                unsuggested.append(given)
            else:
                found[given] = replace(facts, detail=detail)
    if len(unsuggested) <= _CLOSE_PATHS:
        for given in unsuggested:
            found[given] = replace(found[given], detail=survey.suggest(given, close=True))
    return found


def portable(image_paths: Iterable[str], root: Path) -> dict[str, str]:
    """For each path that is written wrong and has one right spelling, that spelling, relative to ``root``.

    Wrong is a slip of case, of the extension or of blanks around a name, and a backslash. Nothing outside of ``root``
    is looked at, and a path that leads out of it, by ``..`` or a link, has no right spelling. Raises nothing.
    """
    survey = _Survey(root, confine=True)
    found = ((given, survey.portable(given)) for given in dict.fromkeys(image_paths))
    return {given: meant for given, meant in found if meant is not None and meant != given}


@dataclass(slots=True)
class _Folder:
    """A folder that paths lead through, resolved."""

    real: str  #: symbolic links resolved, spelled as on disk where inside the root
    inside: bool
    case_slip: bool
    kernel: bool  #: under /proc or /sys, where reading can block or have effects
    case_blind: bool | None = None  #: unknown until a file in it was found


_OUTSIDE = FileFacts(PathStatus.CONFINED, "is outside the image root")


class _Survey:
    """One pass over the paths of a dataset: what was learnt of folders is kept for the next path."""

    def __init__(self, root: Path, confine: bool) -> None:
        self._given_root = os.path.abspath(root)  # noqa: PTH100 - without following links
        self._root = os.path.realpath(root)
        self._confine = confine
        self._folders: dict[str, _Folder] = {}
        self._names: dict[str, Names] = {}
        self._kernel = {os.stat(mount).st_dev for mount in ("/proc", "/sys") if os.path.isdir(mount)}  # noqa: PTH116, PTH112
        self._now_ns = time.time_ns()

    def look(self, given: str) -> FileFacts:
        """The facts of one path. A missing one has no suggestion yet."""
        invalid = why_invalid(given)
        if invalid is not None:
            return FileFacts(PathStatus.INVALID, invalid)
        facts = self._look(given, given)
        if "\\" in given and os.sep == "/" and facts.status is PathStatus.MISSING and facts.detail is None:
            facts = self._look(given, given.replace("\\", "/"))  # a CSV made on Windows
            if facts.status is PathStatus.MISSING and WINDOWS_DRIVE.match(given):
                return replace(facts, detail="is an absolute path of a Windows machine")
        return facts

    def _look(self, given: str, spelled: str) -> FileFacts:
        full = os.path.join(self._given_root, spelled)  # noqa: PTH118 - speed: 100,000 paths in a second
        parent, name = os.path.split(full)
        try:
            entry = os.lstat(full)
        except (OSError, ValueError) as error:
            return _OUTSIDE if self._confine and not self._seems_inside(full) else refused(error, full)
        try:
            folder = self._folder(parent)
            if self._confine and not folder.inside:
                return _OUTSIDE
            case_slip = folder.case_slip
            real = os.path.join(folder.real, name)  # noqa: PTH118
            if stat.S_ISLNK(entry.st_mode):
                real = os.path.realpath(full)
                folder = self._folder(os.path.dirname(real))  # noqa: PTH120
                if self._confine and not folder.inside:
                    return _OUTSIDE
                entry = os.stat(full)  # noqa: PTH116
            kind = "is one of the kernel's own files" if folder.kernel or entry.st_dev in self._kernel else None
            kind = kind or (None if stat.S_ISREG(entry.st_mode) else kind_of(entry.st_mode))
            if kind is not None:
                return FileFacts(PathStatus.NOT_A_FILE, kind)
            if not os.access(real, os.R_OK):
                return FileFacts(PathStatus.UNREADABLE, "permission denied")
            if 0 < entry.st_size <= LFS_BYTES and is_lfs_pointer(real):
                return FileFacts(PathStatus.LFS_POINTER, "is a Git LFS pointer: git lfs pull fetches the picture")
            on_disk = self._on_disk(folder, os.path.basename(real))  # noqa: PTH119
        except (OSError, ValueError) as error:
            return refused(error, full)
        if on_disk != os.path.basename(real):  # noqa: PTH119
            case_slip, real = True, os.path.join(folder.real, on_disk)  # noqa: PTH118
        key = self._key(real, folder.inside)
        status, detail = PathStatus.OK, None
        if os.path.isabs(spelled):  # noqa: PTH117
            status, detail = PathStatus.ABSOLUTE, f"is {key} under the image root" if folder.inside else None
        elif "\\" in given:
            status = PathStatus.BACKSLASH
        elif ".." in spelled and climbs_out(spelled):
            status = PathStatus.OUTSIDE
        elif not folder.inside:
            status = PathStatus.SYMLINK
        elif case_slip:
            status, detail = PathStatus.CASE, f"is {key} on disk"
        settled = max(entry.st_mtime_ns, entry.st_ctime_ns) < self._now_ns - SETTLED_NS
        return FileFacts(status, detail, key, Path(real), entry.st_size, entry.st_mtime_ns, entry.st_ctime_ns, settled)

    def portable(self, given: str) -> str | None:
        """The one right spelling of a path, if that is sure."""
        spelled = given.replace("\\", "/")
        if why_invalid(given) is not None or WINDOWS_DRIVE.match(given):
            return None
        facts = self._look(spelled, spelled)
        if facts.status is PathStatus.CASE:
            spelled = facts.key or spelled
        elif facts.status is PathStatus.MISSING:
            spelled = self._meant(given, Names.sure) or spelled
        return spelled if self._look(spelled, spelled).status is PathStatus.OK else None

    def suggest(self, given: str, *, close: bool) -> str | None:
        """The words for a missing path: the file that was probably meant, if there is one inside the root."""
        meant = self._meant(given, lambda names, part: names.slip(part) or (names.close(part) if close else None))
        return meant and f"did you mean {meant}?"

    def _meant(self, given: str, choose: Callable[[Names, str], str | None]) -> str | None:
        """The file inside the root whose folders and name are those that ``choose`` takes for the parts of a path."""
        spelled = given.replace("\\", "/")
        if os.path.isabs(spelled) or ".." in spelled.split("/"):  # noqa: PTH117 - outside is not ours to list
            return None
        parts = [part for part in spelled.split("/") if part not in ("", ".")]
        at = self._root
        for part in parts:
            folder = self._folder(at)
            if not folder.inside or folder.kernel:
                return None
            names = self._listing(folder.real)
            meant = choose(names, part)
            if meant is None:
                return None
            at = os.path.join(folder.real, meant)  # noqa: PTH118
        if not parts or not os.path.isfile(at):  # noqa: PTH113
            return None
        return self._key(at, True)

    def _folder(self, path: str) -> _Folder:
        folder = self._folders.get(path)
        if folder is None:
            real = os.path.realpath(path)
            inside = real == self._root or real.startswith(os.path.join(self._root, ""))  # noqa: PTH118
            spelled = self._spelled(real) if inside else real
            kernel = real.startswith(("/proc/", "/sys/")) or real in ("/proc", "/sys")
            folder = self._folders[path] = _Folder(spelled, inside, spelled != real, kernel)
        return folder

    def _spelled(self, real: str) -> str:
        """The folder inside the root as its names are on disk."""
        at = self._root
        for name in real[len(at) :].split(os.sep):  # noqa: PTH206
            if name:
                above = self._folders.get(at) or _Folder(at, inside=True, case_slip=False, kernel=False)
                at = os.path.join(at, self._on_disk(above, name))  # noqa: PTH118
        return at

    def _seems_inside(self, full: str) -> bool:
        """Whether a path that is not there would be inside the root, links aside."""
        inside = tuple(os.path.join(root, "") for root in (self._given_root, self._root))  # noqa: PTH118
        return os.path.normpath(full).startswith(inside)

    def _on_disk(self, folder: _Folder, name: str) -> str:
        """How the disk spells the name of an existing entry. Lists the folder only where case does not count."""
        if not folder.inside:
            return name
        if folder.case_blind is None:
            swapped = name.swapcase()
            if swapped == name:
                return name
            folder.case_blind = os.path.lexists(os.path.join(folder.real, swapped))  # noqa: PTH118
        return (self._listing(folder.real).spelled(name) or name) if folder.case_blind else name

    def _listing(self, real: str) -> Names:
        if real not in self._names:
            self._names[real] = Names(real)
        return self._names[real]

    def _key(self, real: str, inside: bool) -> str:
        key = real[len(os.path.join(self._root, "")) :] if inside else real  # noqa: PTH118
        return key if os.sep == "/" else key.replace(os.sep, "/")
