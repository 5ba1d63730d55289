"""What was judged before: results by all that they depend on, and the scores that a model gave."""

from __future__ import annotations

from collections.abc import Mapping

from pytest_clipdata.running.memory.store import Store, digest


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


def _text(store: Store, key: bytes) -> str | None:
    value = store.get([key]).get(key)
    return None if value is None else value.decode("utf-8", "surrogatepass")


def _key(*parts: str) -> bytes:
    return digest(*map(_encoded, parts))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
