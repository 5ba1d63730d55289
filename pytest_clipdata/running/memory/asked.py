"""What the steps of plugins said of pictures, by the bytes of the picture and the version of the plugin."""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterable, Mapping

from pytest_clipdata.facts.step import PictureStep, Plugged
from pytest_clipdata.images.facts import MEASURE_VERSION, Limits, Value
from pytest_clipdata.running.memory.store import Store, digest


def keys_of(plugged: Plugged, step: PictureStep, limits: Limits, pictures: Iterable[str]) -> dict[str, bytes]:
    """Under what the answer for each of ``pictures``, by SHA-256, is kept: all that it depends on."""
    decoders = [importlib.metadata.version(name) for name in ("pillow", "simplejpeg")]
    facts = [(fact.name, fact.dtype) for fact in step.facts]
    function = (step.measure.__module__, step.measure.__qualname__, step.side)
    of = (plugged.plugin, plugged.version, function, facts, limits.max_pixels, limits.max_bytes)
    asked = repr((of, MEASURE_VERSION, decoders)).encode("utf-8", "surrogatepass")
    return {sha256: digest(b"asked", asked, sha256.encode()) for sha256 in pictures}


class Answers:
    """Values of pictures by the keys of `keys_of`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, keys: Mapping[str, bytes], count: int) -> dict[str, tuple[Value, ...]]:
        """The ``count`` values of those pictures of ``keys`` that are known, by the names that ``keys`` gives them."""
        stored = self._store.get(list(keys.values()))
        known = {name: tuple(json.loads(stored[key])) for name, key in keys.items() if key in stored}
        return {name: values for name, values in known.items() if len(values) == count}

    def put(self, answers: Mapping[bytes, tuple[Value, ...]]) -> None:
        """Keep values; written together."""
        self._store.put({key: json.dumps(values).encode("ascii") for key, values in answers.items()})
        self._store.flush()
