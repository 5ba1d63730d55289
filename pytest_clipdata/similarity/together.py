"""Many second looks at once, as one piece of bytes: so that worker processes can make them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from io import BytesIO

import numpy as np

from pytest_clipdata.images.facts import Drawn, ImageStatus, Limits
from pytest_clipdata.images.signature import SIDE, SIGNATURE_BYTES
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.similarity.confirmation import Look, confirm
from pytest_clipdata.similarity.match import Copy

_RASTER = SIDE * SIDE * 3


def packed(pairs: Sequence[tuple[Look, Look]], grey: bool) -> bytes:
    """The two pictures of each pair, each picture once; what ``look_at_all`` reads."""
    numbers: dict[int, int] = {}
    looks: list[Look] = []
    rows = []
    for look in (look for pair in pairs for look in pair):
        if id(look) not in numbers:
            numbers[id(look)] = len(looks)
            looks.append(look)
        rows.append(numbers[id(look)])
    head = np.array([len(looks), len(pairs), grey], dtype="<u4")
    parts = [head.tobytes(), np.array(rows, dtype="<u4").tobytes()]
    for look in looks:
        parts += [look.pixels.tobytes(), look.signed, np.array([look.width, look.height], dtype="<u4").tobytes()]
    return b"".join(parts)


def look_at_all(blob: Blob, limits: Limits, *, side: int) -> Drawn:
    """What ``confirm`` says of each pair of what was ``packed`` into a blob, for `verdicts`."""
    with blob.open() as file:
        data = BytesIO(file.read(blob.length(file)))
    count, pairs, grey = np.frombuffer(data.read(12), dtype="<u4").tolist()
    rows = np.frombuffer(data.read(8 * pairs), dtype="<u4").reshape(pairs, 2).tolist()
    looks = []
    for _ in range(count):
        raster = np.frombuffer(data.read(_RASTER), dtype=np.uint8).reshape(side, side, 3)
        signed = data.read(SIGNATURE_BYTES)
        width, height = np.frombuffer(data.read(8), dtype="<u4").tolist()
        looks.append(Look.at(raster, width, height, signed))
    said = [confirm(looks[i], looks[j], grey=bool(grey)) for i, j in rows]
    text = json.dumps([copy and [copy.transform, copy.distance] for copy in said])
    return Drawn(ImageStatus.OK, data=text.encode("ascii"))


def verdicts(answers: Iterable[Drawn]) -> list[Copy | None]:
    """What ``look_at_all`` said, in order. RuntimeError where a worker could not say it."""
    said: list[Copy | None] = []
    for answer in answers:
        if answer.status is not ImageStatus.OK or answer.data is None:
            raise RuntimeError(f"pictures could not be compared: {answer.error}")
        said += [None if copy is None else Copy(*copy) for copy in json.loads(answer.data)]
    return said
