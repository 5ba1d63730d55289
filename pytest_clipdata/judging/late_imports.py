"""Imports that wait until something is asked of the module, and imports that no collection of garbage interrupts."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType


@contextmanager
def late_imports(*names: str) -> Iterator[None]:
    """Whoever imports one of these modules meanwhile gets it unexecuted: its first attribute loads it.

    A module that is loaded already stays as it is. For modules that an import pulls in and hardly anybody uses.
    """
    finder = _Late(frozenset(names))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@contextmanager
def no_collections() -> Iterator[None]:
    """Garbage is not looked for meanwhile.

    An import makes hundreds of thousands of objects that stay; going through them again and again is a fifth of what
    the import of Great Expectations takes.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


class _Late:
    """A finder of the import system that hands on what the usual one finds, with a loader that waits."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in self._names:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec
