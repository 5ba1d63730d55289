"""Settings: one table per check id, read from ``clipdata.toml`` or ``[tool.clipdata]`` of ``pyproject.toml``.

The options of a check are declared by the check itself; this room only reads, validates and merges them. Nothing is
guessed: an unknown key, a wrong type or a value out of range is a `SettingsError` that names the valid ones.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pytest_clipdata.findings import Severity


class SettingsError(ValueError):
    """Settings that cannot be used; the message is one sentence that says where and what is valid."""


@dataclass(frozen=True, slots=True)
class Option:
    """One key of a table: its default (whose type it must have), what it means, and its range."""

    default: Any
    help: str
    at_least: float | None = None
    at_most: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """What one table of the settings may hold. Only the table of a check has a severity."""

    options: Mapping[str, Option]
    severity: Severity | None = None
    per_row: bool = False  #: takes ``mostly``


@dataclass(frozen=True, slots=True)
class CheckSettings:
    """The settings of one check: its severity, the share of rows (0..1] that must hold, its options."""

    severity: Severity
    mostly: float
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UserExpectation:
    """A rule of the user's own: a Great Expectations expectation over the facts table."""

    id: str
    type: str
    kwargs: Mapping[str, Any]
    severity: Severity


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a dataset wants to be judged by. ``source`` is the file it came from, None for the defaults."""

    checks: Mapping[str, CheckSettings]
    general: Mapping[str, Any]
    same_picture: Mapping[str, Any]
    expectations: tuple[UserExpectation, ...] = ()
    source: Path | None = field(default=None, compare=False)


GENERAL = Table(
    {
        "image_root": Option("", "folder that relative image paths start from; empty: chosen by what exists"),
        "image_timeout": Option(30.0, "seconds that one picture may take to decode", at_least=0.1),
        "image_max_bytes": Option(256 * 1024 * 1024, "size of an image file in bytes that is still opened", at_least=1),
    }
)
SAME_PICTURE = Table(
    {
        "radius": Option(10, "bits of the 64-bit perceptual hashes in which copies may differ", at_least=0, at_most=16),
        "colour_tolerance": Option(
            0.35, "share of its colour, 0 to 1, by which a copy may differ: 0 none, 1 any", at_least=0, at_most=1
        ),
        "orientations": Option(True, "find mirrored and turned copies"),
        "crops": Option(True, "find copies that lack up to 5 % of a side or have a thin border"),
    }
)
#: Keys that every check has beside its own options.
SHARED_KEYS = ("severity", "mostly")


def find_settings_file(folder: Path, top: Path) -> Path | None:
    """The nearest ``clipdata.toml`` from ``folder`` up to ``top``, else the nearest ``pyproject.toml`` with our table.

    A folder outside of ``top`` is searched alone: what lies above it belongs to somebody else.
    """
    folder, top = folder.resolve(), top.resolve()
    folders = [folder, *folder.parents] if folder.is_relative_to(top) else [folder]
    folders = [candidate for candidate in folders if candidate.is_relative_to(top) or candidate == folder]
    for candidate in folders:
        if (candidate / "clipdata.toml").is_file():
            return candidate / "clipdata.toml"
    for candidate in folders:
        pyproject = candidate / "pyproject.toml"
        if pyproject.is_file() and "clipdata" in _read_toml(pyproject).get("tool", {}):
            return pyproject
    return None


def load(source: Path | None, overrides: Iterable[str], tables: Mapping[str, Table]) -> Settings:
    """Settings from a file and from ``KEY=VALUE`` overrides, which win.

    ``tables`` holds the tables of all checks by id. Raises SettingsError for whatever is not valid.
    """
    raw: dict[str, Any] = {}
    if source is not None:
        raw = _read_toml(source)
        if source.name == "pyproject.toml":
            raw = raw["tool"]["clipdata"]
    where = source.name if source else "settings"
    general, same_picture, checks = _defaults(tables)
    expectations = _expectations(raw.pop("expectations", []), tables, where)
    for key, value in raw.items():
        _apply(key, value, general, same_picture, checks, tables, where)
    if source is not None and general["image_root"]:
        general["image_root"] = str(source.parent / general["image_root"])
    for assignment in overrides:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise SettingsError(f"--clip-set wants KEY=VALUE, not {assignment!r}")
        table, *parts = key.strip().split(".")
        override: Any = _override_value(text.strip())
        for part in reversed(parts):
            override = {part: override}
        _apply(table, override, general, same_picture, checks, tables, "--clip-set")
    for check_id, values in checks.items():
        _check_order(check_id, values)
    _check_labels(**{name: words for name, words in checks.get("labels", {}).items() if name in ("match", "mismatch")})
    return Settings(
        checks={
            check_id: CheckSettings(
                Severity(values["severity"]),
                float(values["mostly"]),
                {key: value for key, value in values.items() if key not in SHARED_KEYS},
            )
            for check_id, values in checks.items()
        },
        general=general,
        same_picture=same_picture,
        expectations=expectations,
        source=source,
    )


def suggest(word: str, valid: Iterable[str]) -> str:
    """``; did you mean 'x'?`` if something close is valid, and else what is."""
    names = sorted(valid)
    close = get_close_matches(word, names, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else f"; valid are {', '.join(names)}"


def _defaults(tables: Mapping[str, Table]) -> tuple[dict[str, Any], dict[str, Any], dict[str, dict[str, Any]]]:
    checks: dict[str, dict[str, Any]] = {
        check_id: {key: option.default for key, option in table.options.items()}
        | {"severity": table.severity, "mostly": 1.0}
        for check_id, table in tables.items()
    }
    plain = [{key: option.default for key, option in table.options.items()} for table in (GENERAL, SAME_PICTURE)]
    return plain[0], plain[1], checks


def _apply(
    key: str,
    value: Any,
    general: dict[str, Any],
    same_picture: dict[str, Any],
    checks: dict[str, dict[str, Any]],
    tables: Mapping[str, Table],
    where: str,
) -> None:
    if key in GENERAL.options:
        general[key] = _valid(key, value, GENERAL.options[key], where)
        return
    known = {**tables, "same_picture": SAME_PICTURE}
    if key not in known:
        raise SettingsError(f"{where}: unknown key {key!r}{suggest(key, [*known, *GENERAL.options, 'expectations'])}")
    if not isinstance(value, Mapping):
        raise SettingsError(f"{where}: {key!r} is a table; write {key}.KEY = VALUE")
    target = same_picture if key == "same_picture" else checks[key]
    table = known[key]
    for name, setting in value.items():
        target[name] = _valid(f"{key}.{name}", setting, _option(key, name, table, where), where)


def _option(table_id: str, name: str, table: Table, where: str) -> Option:
    if table.severity is not None and name == "severity":
        return Option(str(table.severity), "", choices=tuple(Severity))
    if table.per_row and name == "mostly":
        return Option(1.0, "", at_least=1e-9, at_most=1.0)
    if name not in table.options:
        shared = SHARED_KEYS if table.per_row else SHARED_KEYS[:1] if table.severity is not None else ()
        raise SettingsError(f"{where}: unknown key {table_id + '.' + name!r}{suggest(name, [*table.options, *shared])}")
    return table.options[name]


def _valid(key: str, value: Any, option: Option, where: str) -> Any:
    kind = type(option.default)
    if kind is float and type(value) is int:
        value = float(value)
    if kind is list and isinstance(value, str):
        value = [value]
    wrong_type = type(value) is not kind or (kind is list and not all(isinstance(part, str) for part in value))
    if wrong_type:
        names = {list: "a list of strings", str: "a string", bool: "true or false", int: "a whole number"}
        raise SettingsError(f"{where}: {key} must be {names.get(kind, 'a number')}, not {value!r}")
    if option.choices and value not in option.choices:
        raise SettingsError(f"{where}: {key} must be one of {', '.join(option.choices)}, not {value!r}")
    if (option.at_least is not None and not value >= option.at_least) or (
        option.at_most is not None and not value <= option.at_most
    ):
        bounds = [f">= {option.at_least:g}"] if option.at_least is not None else []
        bounds += [f"<= {option.at_most:g}"] if option.at_most is not None else []
        raise SettingsError(f"{where}: {key} must be {' and '.join(bounds)}, not {value!r}")
    return value


def _check_order(check_id: str, values: Mapping[str, Any]) -> None:
    """Great Expectations accepts min > max and then finds every row wrong: refuse it here."""
    for name in values:
        low, high = name, name.replace("min", "max", 1)
        if name.startswith("min") and high in values and values[low] > values[high]:
            raise SettingsError(f"{check_id}.{low} = {values[low]} is over {check_id}.{high} = {values[high]}")


def _check_labels(match: Sequence[str] = (), mismatch: Sequence[str] = ()) -> None:
    for word in match:
        if word.strip().casefold() in [other.strip().casefold() for other in mismatch]:
            raise SettingsError(f"labels: {word!r} is a word of both labels")


def _expectations(raw: Any, tables: Mapping[str, Table], where: str) -> tuple[UserExpectation, ...]:
    if not isinstance(raw, list) or not all(isinstance(entry, Mapping) for entry in raw):
        raise SettingsError(f"{where}: write each expectation as a table [[expectations]]")
    seen: set[str] = set()
    found = []
    for entry in raw:
        valid = ("id", "type", "kwargs", "severity")
        for key in entry:
            if key not in valid:
                raise SettingsError(f"{where}: unknown key {key!r} in [[expectations]]{suggest(key, valid)}")
        check_id, kind, kwargs = entry.get("id"), entry.get("type"), entry.get("kwargs", {})
        if not isinstance(check_id, str) or not check_id.isidentifier():
            raise SettingsError(f"{where}: an expectation's id must be a name like 'mentions_colour', not {check_id!r}")
        if check_id in tables or check_id in seen:
            raise SettingsError(f"{where}: the expectation id {check_id!r} is already taken")
        if not isinstance(kind, str) or not kind.startswith("expect_"):
            raise SettingsError(f"{where}: the expectation {check_id!r} needs a type like 'expect_column_...'")
        if not isinstance(kwargs, Mapping):
            raise SettingsError(f"{where}: the kwargs of the expectation {check_id!r} must be a table")
        if "row_condition" in kwargs and _may_run_code(kwargs["row_condition"]):
            raise SettingsError(f"{where}: the row_condition of {check_id!r} must be a condition object, not a string")
        severity = _valid(
            f"{check_id}.severity", entry.get("severity", "critical"), Option("", "", choices=tuple(Severity)), where
        )
        seen.add(check_id)
        found.append(UserExpectation(check_id, kind, dict(kwargs), Severity(severity)))
    return tuple(found)


def _may_run_code(condition: Any) -> bool:
    """Great Expectations hands a string condition to ``DataFrame.query``, which can run code, also from within an
    object of the type ``pass_through``."""
    if not isinstance(condition, Mapping):
        return True
    inner = condition.get("conditions", [])
    return condition.get("type") not in ("comparison", "nullity", "and", "or") or not (
        isinstance(inner, list) and not any(map(_may_run_code, inner))
    )


def _override_value(text: str) -> Any:
    """A TOML value, else the text itself: ``336``, ``0.5``, ``["a", "b"]``, ``warning``."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        if text[:1] in ("[", "{", '"', "'"):  # begun as TOML: most likely a shell took the quotes
            raise SettingsError(f"--clip-set: {text} is no TOML value: {error}") from error
        return text


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path.name}: {error}") from error


def paths_agree(sources: Sequence[Path | None]) -> Path | None:
    """The one settings file of a dataset; two would let its splits be judged by different rules."""
    distinct = sorted({source for source in sources if source is not None})
    if len(distinct) > 1:
        raise SettingsError(f"one dataset, two settings files: {distinct[0]} and {distinct[1]}")
    return distinct[0] if distinct else None
