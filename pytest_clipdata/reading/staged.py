"""What a commit changes, as git's index has it: also what it deletes and what it renames."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path


class StagedError(ValueError):
    """Git does not say, or what it says is not what lies on disk. The words are one sentence for the user."""


@dataclass(frozen=True, slots=True)
class Staged:
    """The files that a commit adds, changes or deletes, absolute; a renamed one under both of its names."""

    top: Path  #: of the working tree
    there: frozenset[Path]
    deleted: frozenset[Path]
    in_index: bool  #: False: between two commits that pre-commit named


def staged() -> Staged:
    """What is staged for the next commit, or lies between the two commits that pre-commit names. Raises StagedError."""
    ends = [os.environ.get(f"PRE_COMMIT_{end}_REF") for end in ("FROM", "TO")]
    between = [f"{ends[0]}...{ends[1]}"] if all(ends) else ["--cached"]
    top = Path(os.fsdecode(_git("rev-parse", "--show-toplevel").rstrip(b"\r\n")))
    words = _git("diff", "--name-status", "-z", "--no-renames", *between, "--")
    statuses, names = words.split(b"\0")[0:-1:2], words.split(b"\0")[1::2]
    files = [(status, top / os.fsdecode(name)) for status, name in zip(statuses, names, strict=True)]
    return Staged(
        top,
        frozenset(path for status, path in files if status != b"D"),
        frozenset(path for status, path in files if status == b"D"),
        in_index=between == ["--cached"],
    )


def not_in_index(change: Staged) -> tuple[frozenset[Path], frozenset[Path]]:
    """The files on disk that differ from the index, and those that git neither tracks nor ignores. Raises StagedError.

    What git ignores may lie there without being committed: it is kept by DVC or the like.
    """
    changed = _git("diff", "--name-only", "-z", "--no-renames", "--", cwd=change.top)
    untracked = _git("ls-files", "--others", "--exclude-standard", "-z", cwd=change.top)
    return _paths(change.top, changed), _paths(change.top, untracked)


def _paths(top: Path, names: bytes) -> frozenset[Path]:
    return frozenset(top / os.fsdecode(name) for name in names.split(b"\0") if name)


def _git(*arguments: str, cwd: Path | None = None) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, check=False)
    except OSError as error:
        raise StagedError(f"--staged needs git: {error.strerror}") from None
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise StagedError(f"--staged: git {arguments[0]} fails: {words[0] if words else done.returncode}")
    return done.stdout
