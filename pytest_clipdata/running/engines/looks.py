"""Second looks at pictures that may be copies: remembered from an earlier run, or made now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from pytest_clipdata.images.facts import Drawn, ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.signature import SIDE, Raster, Signatures
from pytest_clipdata.images.workers.pool import draw_all
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.running.memory.verdicts import SecondLooks
from pytest_clipdata.similarity.candidates import candidate_pairs
from pytest_clipdata.similarity.confirmation import Look, confirm
from pytest_clipdata.similarity.match import Copy, SamePicture
from pytest_clipdata.similarity.together import look_at_all, packed, verdicts

_MANY = 400  #: looks that pay for a worker's start; each takes about 2 ms
_AT_ONCE, _PART = 5_000, 12  #: looks in one file, at most 27 kB each, and in one message
_PATIENCE = 60.0  #: seconds for one message, whatever a picture may take to decode


class LocalLooks:
    """A `similarity.stars.Looks`: candidates by signature, rasters drawn by the workers.

    ``blobs`` gives the bytes of a picture by its SHA-256. Only pictures of looks that are not remembered are opened
    again, and those that may be compared with them next.
    """

    def __init__(
        self,
        blobs: Mapping[str, Blob],
        rules: SamePicture,
        limits: Limits,
        remembered: SecondLooks,
        workers: int | None,
    ) -> None:
        self._blobs, self._rules, self._limits = blobs, rules, limits
        self._remembered, self._workers = remembered, workers
        self._near: dict[str, list[ImageFacts]] = {}  # by SHA-256
        self._rasters: dict[str, Raster] = {}  # by SHA-256

    def near(self, pictures: Sequence[ImageFacts]) -> Mapping[int, Sequence[int]]:
        signed = [n for n, picture in enumerate(pictures) if picture.signature is not None]
        if len(signed) < 2:
            return {}
        signatures = Signatures.unpack([pictures[n].signature or b"" for n in signed])
        first, second = candidate_pairs(signatures, self._rules.grey)
        found: dict[int, list[int]] = {}
        for i, j in zip(first.tolist(), second.tolist(), strict=True):
            found.setdefault(signed[i], []).append(signed[j])
            found.setdefault(signed[j], []).append(signed[i])
        self._near = {str(pictures[n].sha256): [pictures[other] for other in others] for n, others in found.items()}
        return found

    def look(self, pairs: Sequence[tuple[ImageFacts, ImageFacts]]) -> Sequence[Copy | None]:
        named = [(str(other.sha256), str(picture.sha256)) for picture, other in pairs]
        known = self._remembered.get(named, self._rules.grey)
        missing = {names: pair for names, pair in zip(named, pairs, strict=True) if names not in known}
        if missing:
            self._draw([picture for pair in missing.values() for picture in pair])
            made = dict(zip(missing, self._made(list(missing.values())), strict=True))
            self._remembered.put(made, self._rules.grey)
            known = {**known, **made}
        return [known[names] for names in named]

    def _made(self, pairs: Sequence[tuple[ImageFacts, ImageFacts]]) -> list[Copy | None]:
        """Looks at pictures that are drawn: a few here, many by the workers."""
        some = {str(picture.sha256): picture for pair in pairs for picture in pair}
        looks = {sha256: self._as_drawn(picture) for sha256, picture in some.items()}
        beside = [(looks[str(other.sha256)], looks[str(picture.sha256)]) for picture, other in pairs]
        if len(beside) < _MANY:
            return [confirm(*pair, grey=self._rules.grey) for pair in beside]
        limits = replace(self._limits, timeout=max(_PATIENCE, self._limits.timeout))
        found: list[Copy | None] = []
        for start in range(0, len(beside), _AT_ONCE):
            batch = beside[start : start + _AT_ONCE]
            parts = (batch[at : at + _PART] for at in range(0, len(batch), _PART))
            found += verdicts(self._by_workers([packed(part, self._rules.grey) for part in parts], limits))
        return found

    def _by_workers(self, messages: Sequence[bytes], limits: Limits) -> Sequence[Drawn]:
        """The answers to messages of looks, in their order."""
        return drawn_by_workers(messages, limits, self._workers)

    def _as_drawn(self, picture: ImageFacts) -> Look:
        size = picture.width or 0, picture.height or 0
        return Look.at(self._rasters[str(picture.sha256)], *size, picture.signature)

    def _draw(self, pictures: Sequence[ImageFacts]) -> None:
        """Open pictures again that are to be looked at, and what is near to them: a few starts of workers, not many."""
        some = {str(picture.sha256): picture for picture in pictures if str(picture.sha256) not in self._rasters}
        for sha256 in list(some):
            some |= {str(near.sha256): near for near in self._near.get(sha256, ())}
        wanted = [sha256 for sha256 in some if sha256 not in self._rasters]
        if lost := sum(sha256 not in self._blobs for sha256 in wanted):
            raise RuntimeError(
                f"{lost} pictures that have to be compared were measured, but nobody knows where they are"
            )
        blobs = [self._blobs[sha256] for sha256 in wanted]
        drawings = draw_all(blobs, "for_comparison", SIDE, limits=self._limits, workers=self._workers)
        for sha256, drawn in zip(wanted, drawings, strict=True):
            if drawn.status is not ImageStatus.OK or drawn.data is None:
                # It was measured a moment ago. To leave it out would call it no copy of anything.
                raise RuntimeError(f"a picture could not be opened again to compare it: {drawn.error}")
            self._rasters[sha256] = np.frombuffer(drawn.data, dtype=np.uint8).reshape(SIDE, SIDE, 3)


def drawn_by_workers(messages: Sequence[bytes], limits: Limits, workers: int | None) -> list[Drawn]:
    """What ``look_at_all`` answers to each message of looks, made by worker processes of this machine."""
    with TemporaryDirectory(prefix="clipdata-") as folder:
        path, blobs, end = Path(folder) / "looks", [], 0
        with path.open("wb") as file:
            for message in messages:
                blobs.append(Blob(str(path), end, len(message)))
                end += file.write(message)
        return list(draw_all(blobs, look_at_all, SIDE, limits=limits, workers=workers))
