"""What is known of an image as JSON text, exact both ways: between processes and in the cache.

No pickle: reading it runs nothing.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode, b64encode
from dataclasses import fields
from typing import Any, TypeVar

from pytest_clipdata.images.facts import Answer, Asked, Drawn, ImageFacts, ImageStatus

A = TypeVar("A", bound=Answer)

_NAMES: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (ImageFacts, Drawn, Asked)
}
_BYTES = ("signature", "data")  # fields of bytes


def dumps(answer: Answer) -> str:
    """One line of ASCII; what is None is left out. Floats keep every bit."""
    record: dict[str, Any] = {
        name: value for name in _NAMES[type(answer)] if (value := getattr(answer, name)) is not None
    }
    for name in _BYTES:
        if name in record:
            record[name] = b64encode(record[name]).decode("ascii")
    return json.dumps(record, separators=(",", ":"))


def loads(text: str, kind: type[A]) -> A:
    """The ``kind`` of answer that ``dumps`` wrote. ValueError for anything else."""
    record = json.loads(text)
    if not isinstance(record, dict) or not record.keys() <= set(_NAMES[kind]):
        raise ValueError("not what a worker says of an image")
    record["status"] = ImageStatus(record.get("status", ""))
    if kind is ImageFacts:
        _share(record)
    for name in _BYTES:
        if name in record:
            record[name] = b64decode(record[name], validate=True)
    if "values" in record:
        record["values"] = tuple(record["values"])
    return kind(**record)


def _share(record: dict[str, Any]) -> None:
    """Make one string of equal ones, in place: facts of a million pictures are held, and few words are new in them."""
    for name in ("format", "mode"):
        if isinstance(word := record.get(name), str):
            record[name] = sys.intern(word)
    if record.get("pixel_digest") == record.get("sha256"):
        record["pixel_digest"] = record.get("sha256")
