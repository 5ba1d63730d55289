"""Image facts as JSON text, exact both ways: between processes and in the cache. No pickle: reading it runs nothing."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import fields
from typing import Any

from pytest_clipdata.images.facts import ImageFacts, ImageStatus

_NAMES = tuple(field.name for field in fields(ImageFacts))
_ALL = frozenset(_NAMES)


def dumps(facts: ImageFacts) -> str:
    """One line of ASCII; facts that are None are left out. Floats keep every bit."""
    record: dict[str, Any] = {name: value for name in _NAMES if (value := getattr(facts, name)) is not None}
    if facts.signature is not None:
        record["signature"] = b64encode(facts.signature).decode("ascii")
    return json.dumps(record, separators=(",", ":"))


def loads(text: str) -> ImageFacts:
    """The facts that ``dumps`` wrote. ValueError for anything else."""
    record = json.loads(text)
    if not isinstance(record, dict) or not _ALL.issuperset(record):
        raise ValueError("not the facts of an image")
    record["status"] = ImageStatus(record.get("status", ""))
    if "signature" in record:
        record["signature"] = b64decode(record["signature"], validate=True)
    return ImageFacts(**record)
