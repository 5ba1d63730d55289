"""What was judged before: results by all that they depend on, scores that a model gave, looks at two pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from pytest_clipdata.images.facts import MEASURE_VERSION
from pytest_clipdata.running.memory.store import Store, digest
from pytest_clipdata.similarity.match import LOOK_VERSION, Copy


class Verdicts:
    """Texts of results, by the source and the check under a digest of everything that they depend on."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, depends_on: str, source: str, check: str) -> str | None:
        """The text kept for this check of this source; None if there is none."""
        return _text(self._store, _key("verdict", depends_on, source, check))

    def put(self, depends_on: str, texts: Mapping[tuple[str, str], str]) -> None:
        """Keep texts by (source, check), written together."""
        entries = {_key("verdict", depends_on, *names): _encoded(text) for names, text in texts.items()}
        self._store.put(entries)
        self._store.flush()


class Scores:
    """The scores that a model gave, by a key of the checkpoint, the picture and the text."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, key: str) -> float | None:
        """The score kept under ``key``, every bit of it; None if there is none."""
        text = _text(self._store, _key("score", key))
        return None if text is None else float(text)

    def put(self, key: str, score: float) -> None:
        """Keep one score; written in batches."""
        self._store.put({_key("score", key): _encoded(repr(score))})


class SecondLooks:
    """How one picture is a copy of another, by the SHA-256 of both: a function of these two alone.

    A pair is (SHA-256 of the other, SHA-256 of the picture); None stands for "no copy".
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, pairs: Sequence[tuple[str, str]], grey: bool) -> dict[tuple[str, str], Copy | None]:
        """What is remembered of these pairs."""
        keys = {pair: _look_key(pair, grey) for pair in pairs}
        found = self._store.get(list(keys.values()))
        return {pair: _copy(found[key]) for pair, key in keys.items() if key in found}

    def put(self, looks: Mapping[tuple[str, str], Copy | None], grey: bool) -> None:
        """Keep looks; written in batches."""
        records = {pair: None if copy is None else [copy.transform, copy.distance] for pair, copy in looks.items()}
        self._store.put({_look_key(pair, grey): _encoded(json.dumps(record)) for pair, record in records.items()})


def _look_key(pair: tuple[str, str], grey: bool) -> bytes:
    return _key("look", str(MEASURE_VERSION), str(LOOK_VERSION), str(grey), *pair)


def _copy(value: bytes) -> Copy | None:
    record = json.loads(value)
    return None if record is None else Copy(*record)


def _text(store: Store, key: bytes) -> str | None:
    value = store.get([key]).get(key)
    return None if value is None else value.decode("utf-8", "surrogatepass")


def _key(*parts: str) -> bytes:
    return digest(*map(_encoded, parts))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
