"""Fixed files written whole or not at all, to where the user said and nowhere else."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path, PurePosixPath

from pytest_clipdata.fixing.plan import FixError


def in_place(path: Path, root: Path) -> Path:
    """``path`` if it may be written anew where it is. Raises FixError if a symbolic link stands on the way to it from
    ``root``, or leads out of it: the file belongs to somebody else."""
    if Path(os.path.realpath(path)) != Path(os.path.realpath(root), os.path.relpath(path, root)):
        raise FixError(f"{path} is reached through a symbolic link: fix it where it is")
    return path


def in_folder(folder: Path, root: Path, name: str) -> Path:
    """Where the copy of the file ``name`` of a dataset (``/``-separated, relative to its ``root``) goes.

    Raises FixError if that is within the dataset, outside of ``folder``, or there already.
    """
    if folder.resolve().is_relative_to(root.resolve()):
        raise FixError(f"--write: {folder} is in the dataset's own folder {root}; name another, or --in-place")
    parts = PurePosixPath(name)
    target = folder / name
    if parts.is_absolute() or ".." in parts.parts or not target.resolve().is_relative_to(folder.resolve()):
        raise FixError(f"{target} leads out of {folder}")
    if os.path.lexists(target):
        raise FixError(f"{target} is there already; it stays as it is")
    return target


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one, and an interrupted run leaves the old one.

    The permissions of a file that is there stay. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=".clipdata-", dir=path.parent)  # a name that nobody can have prepared
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, draft)
        else:
            Path(draft).chmod(0o666 & ~_umask())
        os.replace(draft, path)  # noqa: PTH105 - of a name that mkstemp made
    except BaseException:
        with contextlib.suppress(OSError):
            Path(draft).unlink()
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
