"""Why a URL cannot be read: kinds and words of our own for what fsspec and the packages below it raise."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

# What becomes of a file between the look-up and the fetch, in words that follow its name.
_TOLD = {
    "missing": "is not there any more",
    "unreadable": "cannot be read",
    "unreachable": "is unreachable",
    "changed": "has changed since it was looked up",
}
_GONE, _FORBIDDEN, _BUSY = (404, 410), (401, 403), (408, 425, 429)


class Failure(StrEnum):
    """What keeps a URL from being read; all but the last have the names of `file_facts.PathStatus`."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    INVALID = "invalid"
    UNREACHABLE = "unreachable"
    CHANGED = "changed"  #: since it was looked up


class RemoteError(OSError):
    """Why a URL cannot be read, in words of our own."""

    def __init__(self, words: str, kind: Failure = Failure.UNREACHABLE, *, again: bool = False) -> None:
        super().__init__(words)
        self.words, self.kind, self.again = words, kind, again

    @property
    def told(self) -> str:
        """What became of a file that was there when it was looked up, in words that follow its name."""
        return "; ".join(filter(None, (_TOLD.get(self.kind), self.words)))


class RedirectError(Exception):
    """A server sends to another host."""


def worded(error: Exception, seconds: float) -> RemoteError:
    """An exception of fsspec or what lies below it, as words; ``seconds`` is what a request may take."""
    cause = error.__cause__ or error
    if isinstance(cause, RedirectError) or isinstance(error, RedirectError):
        return RemoteError("redirects to another host, which is not followed", Failure.INVALID)
    code = _http_status(cause)
    if code in _GONE or (code is None and cause is error and isinstance(error, FileNotFoundError)):
        return RemoteError("", Failure.MISSING)
    if code in _FORBIDDEN or (code is None and isinstance(error, PermissionError)):
        return RemoteError(f"the server refuses it{f' ({code})' if code else ''}", Failure.UNREADABLE)
    if code is not None:
        return RemoteError(f"the server answers {code}", again=code >= 500 or code in _BUSY)
    if isinstance(cause, TimeoutError) or "Timeout" in type(cause).__name__:
        return RemoteError(f"no answer within {seconds:g} s", again=True)
    if isinstance(cause, ImportError):
        return RemoteError("a package that fsspec needs for it is not installed")
    return RemoteError(f"no connection ({type(cause).__name__})", again=True)


def _http_status(error: BaseException) -> int | None:
    """The HTTP status that aiohttp, botocore or requests put on their exceptions."""
    answer = getattr(error, "response", None)
    if isinstance(answer, Mapping):
        code = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    else:
        code = getattr(error, "status", None) or getattr(answer, "status_code", None)
    return code if isinstance(code, int) and 100 <= code < 600 else None
