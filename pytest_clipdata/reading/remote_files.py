"""Files at URLs, read through fsspec: the one file that knows it.

A look-up asks for size and version (an etag, else a time) in the process of pytest; the bytes are fetched by the worker
that decodes them, and only while the version is still the one that was looked up. Each request has a deadline and is
tried again a few times where that can help. No message holds words of a server or of a library: they may quote the URL.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pytest_clipdata.reading.remote_failures import Failure, RedirectError, RemoteError, worded
from pytest_clipdata.reading.remote_urls import without_user

T = TypeVar("T")

_ATTEMPTS = 3
_SECONDS = 6.0  # of one request; two that fail and a slow one are less than the 30 s that a picture may take
_PAUSE = 0.25  # before the second request; doubled before each further one
_LARGEST = 1 << 30  # bytes that are read where the server does not say how many there are
_PART = 1 << 20
_SLOWEST = 1 << 20  # bytes a second
_PACKAGES = {"https": "aiohttp", "s3": "s3fs", "gs": "gcsfs", "hf": "huggingface_hub"}
# By what a server names a version, in lower case; the first of them that there is.
_VERSIONS = ("etag", "generation", "blob_id", "content-md5", "last-modified", "lastmodified", "updated")


def version_at(url: str) -> tuple[int | None, str | None]:
    """(bytes, version) of the file at a URL, None for what the server does not say. Raises RemoteError."""
    return tried(lambda: _version_of(_ask(filesystem(url), "info", _path(url))))


def stamp_of(version: str | None) -> int | None:
    """A number of 56 bits that changes with the version, as a time would."""
    return None if version is None else int.from_bytes(hashlib.sha256(version.encode()).digest()[:7])


class RemoteFile(io.RawIOBase):
    """The bytes at a URL, fetched when they are first read; reading raises RemoteError."""

    def __init__(self, url: str, size: int | None, version: str | None) -> None:
        self._url, self._size, self._version = url, size, version
        self._data: io.BytesIO | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._fetched().readinto(buffer)

    def length(self) -> int:
        """How many bytes there are; fetches them only if the server did not say."""
        return len(self._fetched().getbuffer()) if self._size is None else self._size

    def _fetched(self) -> io.BytesIO:
        if self._data is None:
            self._data = io.BytesIO(tried(lambda: fetch(self._url, self._size, self._version)))
        return self._data


def fetch(url: str, size: int | None, version: str | None) -> bytes:
    """The bytes at a URL, once; RemoteError unless they are those of the version that was looked up."""
    return b"".join(_parts(url, size, version))


def download(url: str, size: int | None, version: str | None, to: Path) -> None:
    """Write the bytes at a URL to a file, which is replaced only by all of them. Raises RemoteError, and OSError."""
    part = to.with_name(f".{to.name}.part")
    with part.open("wb", buffering=0) as file:

        def write() -> None:
            if file.tell():
                file.seek(0)
                file.truncate()
            for data in _parts(url, size, version):
                try:
                    while data:
                        data = data[file.write(data) :]
                except OSError as error:  # of this machine's, not of the store's
                    raise RemoteError(f"it cannot be written here: {error.strerror}") from None

        tried(write)
    part.replace(to)


def _parts(url: str, size: int | None, version: str | None) -> Iterator[bytes]:
    limit = _LARGEST if size is None else size
    seconds = 2 * _SECONDS + (size or 0) / _SLOWEST
    until = time.monotonic() + seconds
    count = 0
    with _open(url) as file:
        answer = getattr(file, "r", None)  # of https
        if _version_of(file.details if answer is None else {**answer.headers})[1] != version:
            raise RemoteError("", Failure.CHANGED)
        while count <= limit and (part := file.read(min(_PART, limit + 1 - count))):
            count += len(part)
            yield part
            if time.monotonic() > until:
                raise RemoteError(f"no end of it within {seconds:.0f} s")
    if size is not None and count != size:
        raise RemoteError("", Failure.CHANGED)
    if count > limit:
        raise RemoteError(f"it has more than {limit} bytes")


def files_under(url: str) -> dict[str, tuple[int | None, str | None]]:
    """(bytes, version) of each file under a folder of a store, by its name relative to the folder.

    The file alone, named "", if the URL is that of one. Raises RemoteError.
    """
    system, top = filesystem(url), _path(url)
    if urlsplit(url).scheme.lower() == "https":
        return {"": version_at(url)}
    found = tried(lambda: system.find(top, detail=True))
    start = system._strip_protocol(top).rstrip("/")
    return {name[len(start) :].lstrip("/"): _version_of(info) for name, info in found.items() if not name.endswith("/")}


def _open(url: str) -> Any:
    system = filesystem(url)
    if urlsplit(url).scheme.lower() == "https":  # a stream: one request, and no more of it than is asked for
        return system.open(_path(url), "rb", block_size=0)
    return system.open(_path(url), "rb", cache_type="readahead", block_size=4 * _PART)


def _path(url: str) -> str:
    """How fsspec is given a URL: in a store a question mark is a letter of the name like any other."""
    return url if urlsplit(url).scheme.lower() == "https" else without_user(url)


def _version_of(info: Mapping[str, Any]) -> tuple[int | None, str | None]:
    told = {str(name).lower(): value for name, value in info.items() if value is not None}
    size = told.get("size")
    version = next((str(told[name]) for name in _VERSIONS if name in told), None)
    return (size if isinstance(size, int) else None), version


def filesystem(url: str) -> Any:
    """The fsspec file system of a URL. Raises RemoteError with what to install."""
    return _filesystem(urlsplit(url).scheme.lower())


@lru_cache(maxsize=len(_PACKAGES))
def _filesystem(scheme: str) -> Any:
    if importlib.util.find_spec("fsspec") is None:
        raise RemoteError("to read it: pip install 'pytest-clipdata[remote]'")
    package = _PACKAGES[scheme]
    if importlib.util.find_spec(package) is None:
        raise RemoteError(f"to read {scheme}://: pip install {package}")
    import fsspec

    options: dict[str, Any] = {"use_listings_cache": False, "skip_instance_cache": True}
    if scheme == "https":
        import aiohttp

        trace = aiohttp.TraceConfig()
        trace.on_request_redirect.append(_stay_on_host)
        options["client_kwargs"] = {
            "headers": {"Accept-Encoding": "identity"},  # the size that is told is that of the bytes
            "timeout": aiohttp.ClientTimeout(total=None, sock_connect=_SECONDS, sock_read=_SECONDS),
            "trace_configs": [trace],
        }
    elif scheme == "s3":
        limits = {"connect_timeout": _SECONDS, "read_timeout": _SECONDS, "retries": {"max_attempts": 1}}
        options["config_kwargs"] = limits
    system = fsspec.filesystem(scheme, **options)
    if scheme == "s3":
        system.retries = 1  # the attempts are ours
    return system


async def _stay_on_host(session: Any, context: Any, params: Any) -> None:
    """Raise before a redirect to another host, port or scheme is followed."""
    from yarl import URL

    if params.url.join(URL(params.response.headers.get("Location", ""))).origin() != params.url.origin():
        raise RedirectError


def _ask(system: Any, name: str, *arguments: Any, **options: Any) -> Any:
    """Call a method of a file system, with a deadline where it takes one."""
    deadline = {"timeout": _SECONDS} if getattr(system, "async_impl", False) else {}
    return getattr(system, name)(*arguments, **options, **deadline)


def tried(call: Callable[[], T]) -> T:
    """What ``call`` returns, tried a few times where the failure may pass. Raises RemoteError."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            return call()
        except RemoteError:
            raise
        except Exception as error:
            failure = worded(error, _SECONDS)
            if not failure.again or attempt == _ATTEMPTS:
                raise failure from None
        time.sleep(_PAUSE * 2 ** (attempt - 1))
    raise AssertionError("the last attempt returns or raises")
