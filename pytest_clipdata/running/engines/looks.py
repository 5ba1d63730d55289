"""Second looks at pictures that may be copies: remembered from an earlier run, or made now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from pytest_clipdata.images.facts import ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.signature import SIDE, Signatures
from pytest_clipdata.images.workers.pool import draw_all
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.running.memory.verdicts import SecondLooks
from pytest_clipdata.similarity.candidates import candidate_pairs
from pytest_clipdata.similarity.confirmation import Look, confirm
from pytest_clipdata.similarity.match import Copy, SamePicture


class LocalLooks:
    """A `similarity.stars.Looks`: candidates by signature, rasters drawn by the workers.

    ``blobs`` gives the bytes of a picture by its SHA-256. Only pictures that have a candidate whose look is not
    remembered are opened again.
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
        self._looks: dict[str, Look] = {}

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
        self._draw([pictures[n] for n in found])
        return found

    def look(self, picture: ImageFacts, other: ImageFacts) -> Copy | None:
        ours, theirs = str(picture.sha256), str(other.sha256)
        known = self._remembered.get(theirs, ours, self._rules.grey)
        if known is None:
            copy = confirm(self._looks[theirs], self._looks[ours], grey=self._rules.grey)
            self._remembered.put(theirs, ours, self._rules.grey, copy)
            return copy
        return known.copy

    def _draw(self, pictures: Sequence[ImageFacts]) -> None:
        """Open the pictures again that may have to be looked at."""
        wanted = [picture for picture in pictures if str(picture.sha256) in self._blobs]
        blobs = [self._blobs[str(picture.sha256)] for picture in wanted]
        drawings = draw_all(blobs, "for_comparison", SIDE, limits=self._limits, workers=self._workers)
        for picture, drawn in zip(wanted, drawings, strict=True):
            if drawn.status is not ImageStatus.OK or drawn.data is None:
                # It was measured a moment ago. To leave it out would call it no copy of anything.
                raise RuntimeError(f"a picture could not be opened again to compare it: {drawn.error}")
            raster = np.frombuffer(drawn.data, dtype=np.uint8).reshape(SIDE, SIDE, 3)
            size = picture.width or 0, picture.height or 0
            self._looks[str(picture.sha256)] = Look.at(raster, *size, picture.signature)
