"""What was measured and judged before, so that what did not change is not done again.

The facts of an image are a function of its bytes, so they are kept by the SHA-256 of the bytes; beside them it is kept
which bytes a path held when its size, mtime and ctime were these. A warm run in place costs one ``stat`` an image; a
fresh checkout (other folder, other times) or a restored CI cache costs one hash, not one decode. All keys hold the
level (header or pixels), the limits, and the versions of the measures and of the decoders.

A file that was younger than 2 s when it was looked up is hashed again the next time: it may have been replaced without
its times showing it.
"""

from __future__ import annotations

import importlib.metadata
import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pytest_clipdata.images.facts import MEASURE_VERSION, ImageFacts, ImageStatus, Limits
from pytest_clipdata.images.workers import wire
from pytest_clipdata.reading.blob import sha256_of
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.running.memory.store import Store, digest

_STAMP = struct.Struct("<qqq")

#: They tell of this run (a busy machine, a permission, a silent host), not of the image.
TRANSIENT = frozenset({ImageStatus.TIMED_OUT, ImageStatus.CRASHED, ImageStatus.UNREADABLE, ImageStatus.UNREACHABLE})


class MeasuredPictures:
    """The facts of the pictures that earlier runs measured."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._decoders = " ".join(importlib.metadata.version(name) for name in ("pillow", "simplejpeg"))

    def lookup(
        self,
        files: Iterable[FileFacts],
        *,
        pixels: bool,
        limits: Limits,
        progress: Callable[[int], None] | None = None,
    ) -> dict[Path, ImageFacts]:
        """The facts of those ``files`` (usable ones) that are known, by ``FileFacts.path``.

        A file whose times do not tell is hashed if facts of a file of its size are known; ``progress`` is called with
        the number of files hashed.
        """
        context = self._context(pixels, limits)
        wanted = {_place(file, context): file for file in files if file.path is not None}
        stored = self._store.get([place for place, file in wanted.items() if file.settled])
        contents = {
            place: value[_STAMP.size :]
            for place, value in stored.items()
            if value[: _STAMP.size] == _stamp(wanted[place])
        }
        known = self._facts(contents)
        if len(known) < len(wanted):
            sizes = self._store.sizes()
            unsure = [place for place, file in wanted.items() if place not in known and _may_be(file.size, sizes)]
            hashed: dict[bytes, bytes] = {}
            for done, sha256 in enumerate(_sha256s([wanted[place] for place in unsure])):
                if sha256 is not None:
                    hashed[unsure[done]] = _content(sha256, context)
                if progress is not None:
                    progress(done + 1)
            for place, facts in self._facts(hashed).items():
                known[place] = facts
                if wanted[place].settled:
                    self._store.put({place: _stamp(wanted[place]) + hashed[place]})
        return {path: facts for place, facts in known.items() if (path := wanted[place].path) is not None}

    def store(self, file: FileFacts, facts: ImageFacts, *, pixels: bool, limits: Limits) -> None:
        """Remember what was measured of ``file`` as it was when it was looked up. Written in batches."""
        if facts.status in TRANSIENT or file.path is None or file.size not in (None, facts.bytes or file.size):
            return
        context = self._context(pixels, limits)
        place = _place(file, context)
        if facts.sha256 is not None:
            content = _content(facts.sha256, context)
            self._store.put({content: wire.dumps(facts).encode("ascii")}, size=facts.bytes)
        elif file.settled:
            content = digest(b"unhashed", place, _stamp(file))
            self._store.put({content: wire.dumps(facts).encode("ascii")})
        if file.settled:
            self._store.put({place: _stamp(file) + content})

    def flush(self) -> None:
        """Write what waits for its batch."""
        self._store.flush()

    def _context(self, pixels: bool, limits: Limits) -> bytes:
        # Not the time limit: what depends on it is not stored.
        level = "pixels" if pixels else "header"
        return f"{level} {limits.max_pixels} {limits.max_bytes} {MEASURE_VERSION} {self._decoders}".encode()

    def _facts(self, contents: Mapping[bytes, bytes]) -> dict[bytes, ImageFacts]:
        """The facts by place, given the key of the content of each place."""
        values = self._store.get(list(dict.fromkeys(contents.values())))
        known = {}
        for place, content in contents.items():
            if content in values:
                known[place] = wire.loads(values[content].decode("ascii"), ImageFacts)
        return known


def _place(file: FileFacts, context: bytes) -> bytes:
    # The absolute path: two datasets in one cache may hold an images/1.jpg each, of one size and one set time.
    inside = file.inside
    where = b"" if inside is None else f"{inside.start} {inside.size} {inside.column}".encode()
    return digest(b"place", str(file.path or "").encode("utf-8", "surrogatepass"), where, context)


def _may_be(size: int | None, sizes: Collection[int]) -> bool:
    """Whether a picture of ``size`` bytes (None: unknown) may be one of those that are known by their bytes."""
    return size in sizes if size is not None else bool(sizes)


def _content(sha256: str, context: bytes) -> bytes:
    return digest(b"sha256", sha256.encode("ascii"), context)


def _stamp(file: FileFacts) -> bytes:
    return _STAMP.pack(file.size or 0, file.mtime_ns or 0, file.ctime_ns or 0)


def _sha256s(files: Sequence[FileFacts]) -> Iterator[str | None]:
    """The SHA-256 of each file in hexadecimal, or None for one that is not what it was. Threads: hashing frees them."""
    # Cells of a Parquet file are read forwards, by one.
    if len(files) < 8 or any(file.inside is not None and file.inside.column is not None for file in files):
        yield from map(_sha256, files)
        return
    pool = ThreadPoolExecutor()
    try:
        yield from pool.map(_sha256, files)
    finally:
        pool.shutdown(cancel_futures=True)


def _sha256(file: FileFacts) -> str | None:
    return None if (blob := file.blob) is None else sha256_of(blob, file.size)
