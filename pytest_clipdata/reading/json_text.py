"""JSON, read strictly: no key twice, no NaN, nothing nested without end, numbers as they are written."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pytest_clipdata.reading.head import Head
from pytest_clipdata.reading.strict_text import MAX_CELL, cell, quoted

MAX_DEPTH = 100  #: objects and lists within each other; Python's own limit depends on who calls
_HEAD_CELLS = 100_000  # of the rows of a head


class _RefusedError(ValueError):
    """What json would take and we do not; the message is what is wrong, in words."""


def parsed_json(text: str) -> Any:
    """What a text of JSON holds, numbers as they are written; or the words for why it is not an object."""
    if text.count("[") + text.count("{") > MAX_DEPTH and _is_deep(text):
        return f"objects and lists are nested more than {MAX_DEPTH} deep"
    try:
        found = _DECODER.decode(text)
    except _RefusedError as error:
        return str(error)
    except json.JSONDecodeError as error:
        return f"is not JSON: {error.msg} at character {error.pos + 1}"
    return found if isinstance(found, dict) else f"is {kind_of(found)}, not an object"


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        name, count = Counter(name for name, _ in pairs).most_common(1)[0]
        raise _RefusedError(f"the key {quoted(name)} is there {count} times")
    return members


def _refuse_constant(name: str) -> Any:
    raise _RefusedError(f"{name} is not JSON")


class _Number(str):
    """A number as it is written."""

    __slots__ = ()


_DECODER = json.JSONDecoder(
    object_pairs_hook=_members, parse_constant=_refuse_constant, parse_int=_Number, parse_float=_Number
)
#: A text that does not end is taken as well: from each quote in it the rest would be gone through again.
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.?)*+"?|([\[{])|([\]}])', re.DOTALL)


def _is_deep(text: str) -> bool:
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += (match.group(1) is not None) - (match.group(2) is not None)
        if depth > MAX_DEPTH:
            return True
    return False


def kind_of(value: Any) -> str:
    """What a value of JSON is, in words."""
    kinds = {dict: "an object", list: "a list", bool: "true or false", _Number: "a number", type(None): "null"}
    return kinds.get(type(value), "a text")


_SURROGATES = re.compile("[\ud800-\udfff]")


def text_of(name: str, value: Any) -> tuple[str | None, str | None]:
    """The text of a cell, and why it has none."""
    if value is None:
        return None, None
    if isinstance(value, bool):
        return str(value).lower(), None
    if not isinstance(value, str):
        return None, f"{quoted(name)} is {kind_of(value)}, not a text"
    if len(value) > MAX_CELL:
        return None, f"{quoted(name)} is longer than {MAX_CELL:,} characters"
    if not value.isascii() and _SURROGATES.search(value):
        return None, f"{quoted(name)} holds half a character: a \\u escape of a surrogate pair without the other one"
    return cell(str(value)), None


def head_of(objects: Sequence[Mapping[str, Any]], own: Mapping[str, str] | None = None) -> Head:
    """The head of a table of objects: their members in the order in which they come, of lists the first.

    Objects that share no names would make a table of as many columns as they have members: of so wide a table fewer
    rows are looked at.
    """
    names = tuple(dict.fromkeys(name for members in objects for name in members))
    rows = objects[: max(1, _HEAD_CELLS // max(1, len(names)))]
    return Head(names, [[_shown(members.get(name)) for name in names] for members in rows], own or {})


def _shown(value: Any) -> str | None:
    value = value[0] if isinstance(value, list) and value else value
    return text_of("", value)[0] if not isinstance(value, list) else None
