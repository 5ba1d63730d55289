"""Pictures that loaders see differently, saved so that all of them see the same."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_clipdata.checks.loader_parity import DEEP
from pytest_clipdata.facts.step import Needs
from pytest_clipdata.fixing.cells import is_asked
from pytest_clipdata.images.facts import ImageFacts, ImageStatus
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.running.run import DatasetRun


@dataclass(frozen=True, slots=True)
class PictureFix:
    """One file below the image root, and why it is to be saved anew, in words."""

    path: Path  #: symbolic links resolved
    root: Path  #: the image root
    key: str  #: relative to ``root``, ``/``-separated
    why: str


def picture_fixes(run: DatasetRun) -> list[PictureFix]:
    """The pictures of the sources of a run of which `loader_parity` says that loaders disagree. Measures them.

    Only files that lie below the image root themselves: what a link leads to outside of it is not ours to change.
    """
    if not is_asked(run.settings, "loader_parity"):
        return []
    facts = run.engine.images(Needs.PIXELS)
    found: dict[Path, PictureFix] = {}
    for source in run.selected:
        root = run.engine.image_roots[source.name]
        for file in run.engine.files[source.name].values():
            if file.path is None or file.key is None or os.path.isabs(file.key):  # noqa: PTH117
                continue
            why = _why(facts.get(file.path))
            if why and file.path == Path(os.path.realpath(root), file.key):
                found[file.path] = PictureFix(file.path, root, file.key, why)
    return sorted(found.values(), key=lambda fix: fix.key)


def saved(run: DatasetRun, fixes: list[PictureFix]) -> Iterator[tuple[PictureFix, bytes | None]]:
    """Each picture as a file of the same format, upright, opaque and of 8 bits; None if it cannot be made."""
    from pytest_clipdata.images.workers.pool import draw_all

    blobs = [Blob.of(fix.path) for fix in fixes]
    drawing = draw_all(blobs, "resaved", 0, limits=run.engine.limits, workers=run.options.workers)
    for fix, drawn in zip(fixes, drawing, strict=True):
        yield fix, drawn.data


def _why(facts: ImageFacts | None) -> str:
    if facts is None or facts.status is not ImageStatus.OK:
        return ""
    causes = ["is turned by EXIF"] if facts.orientation not in (None, 1) else []
    causes += ["is transparent"] if facts.transparent else []
    causes += ["has more than 8 bits a sample"] if re.search(DEEP, facts.mode or "") else []
    return " and ".join(causes)
