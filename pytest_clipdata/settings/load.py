"""Settings: one table per check id, read from ``clipdata.toml`` or ``[tool.clipdata]`` of ``pyproject.toml``.

The options of a check are declared by the check itself; this room only reads, validates and merges them. Nothing is
guessed: an unknown key, a wrong type or a value out of range is a `SettingsError` that names the valid ones.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import (
    FURTHER,
    GENERAL,
    RESERVED,
    RETIRED,
    SAME_PICTURE,
    SHARED_KEYS,
    CheckSettings,
    Settings,
    SettingsError,
    Table,
    suggest,
)
from pytest_clipdata.settings.find import our_table
from pytest_clipdata.settings.models import MODELS, SET_BY_MODEL, Model
from pytest_clipdata.settings.own_rules import own_rules
from pytest_clipdata.settings.toml import plain, read_toml, refuse_monsters
from pytest_clipdata.settings.valid import check_labels, check_order, option_of, shown, valid_value


def load(
    source: Path | None,
    overrides: Sequence[str],
    tables: Mapping[str, Table],
    checkpoint: Model | None = None,
    *,
    strangers: bool = False,
) -> Settings:
    """Settings from a file and from ``KEY=VALUE`` overrides, which win.

    ``tables`` holds the tables of all checks by id; with ``strangers`` there are checks of which nothing is known, and
    a table of the file that has none of these names is theirs. What a model sets stands for what is not set itself:
    that of the ``checkpoint`` if there is one, else of ``model``. Raises SettingsError for whatever is not valid.
    """
    raw: dict[str, Any] = {}
    if source is not None:
        raw = our_table(source) if source.name == "pyproject.toml" else read_toml(source)
    where = plain(source) if source else "settings"
    if not isinstance(raw, Mapping):
        raise SettingsError(f"{where}: [tool.clipdata] is not a table")
    raw = dict(raw)
    refuse_monsters(raw, where)
    general, same_picture, checks = _defaults(tables)
    expectations = own_rules(raw.pop("expectations", []), tables, where)
    given = {f"{key}.{name}" for key, value in raw.items() if isinstance(value, Mapping) for name in value}
    origins = dict.fromkeys(given | {key for key in raw if not isinstance(raw[key], Mapping)}, where)
    origins |= {assignment.partition("=")[0].strip(): "--clip-set" for assignment in overrides}
    given |= origins.keys()
    if strangers:
        known = {*tables, *RESERVED}
        raw = {key: value for key, value in raw.items() if key in known or not isinstance(value, Mapping)}
    for key, value in raw.items():
        _apply(key, value, general, same_picture, checks, tables, where)
    if source is not None and general["image_root"]:
        general["image_root"] = str(source.parent / general["image_root"])
    if source is not None and general["baseline"]:
        general["baseline"] = str(source.parent / general["baseline"])
    for assignment in overrides:
        key, equals, text = assignment.partition("=")
        if not equals:
            raise SettingsError(f"--clip-set wants KEY=VALUE, not {shown(assignment)}")
        table, *parts = key.strip().split(".")
        override: Any = _override_value(text.strip())
        for part in reversed(parts):
            override = {part: override}
        refuse_monsters(override, "--clip-set")
        if isinstance(override, Mapping):  # also where a whole table was given in one assignment
            origins |= dict.fromkeys((f"{table}.{name}" for name in override), "--clip-set")
            given |= origins.keys()
        _apply(table, override, general, same_picture, checks, tables, "--clip-set")
    model = checkpoint or MODELS[general["model"]]
    for (check_id, name), what in SET_BY_MODEL.items():
        if check_id in checks and f"{check_id}.{name}" not in given:
            checks[check_id][name] = getattr(model, what)
    try:
        for check_id, values in checks.items():
            check_order(check_id, values)
        check_labels(**{name: checks["labels"][name] for name in ("match", "mismatch") if "labels" in checks})
    except SettingsError as error:  # it may be between the file and the command line
        raise SettingsError(f"{where if source is not None else '--clip-set'}: {error}") from None
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
        model=model,
        retired=tuple(sorted(given & RETIRED)),
        given=tuple(sorted(given)),
        source=source,
        origins=origins,
    )


def _defaults(tables: Mapping[str, Table]) -> tuple[dict[str, Any], dict[str, Any], dict[str, dict[str, Any]]]:
    checks: dict[str, dict[str, Any]] = {
        check_id: {key: option.default for key, option in table.options.items()}
        | {"severity": table.severity, "mostly": 1.0}
        for check_id, table in tables.items()
    }
    general, same_picture, *further = (
        {key: option.default for key, option in table.options.items()}
        for table in (GENERAL, SAME_PICTURE, *FURTHER.values())
    )
    return general | dict(zip(FURTHER, further, strict=True)), same_picture, checks


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
        general[key] = valid_value(key, value, GENERAL.options[key], where)
        return
    known = {**tables, "same_picture": SAME_PICTURE, **FURTHER}
    if key not in known:
        valid = [*known, *GENERAL.options, "expectations"]
        raise SettingsError(f"{where}: unknown key {shown(key)}{suggest(key, valid)}")
    if not isinstance(value, Mapping):
        raise SettingsError(f"{where}: {key!r} is a table; write {key}.KEY = VALUE")
    beside = {"same_picture": same_picture} | {name: general[name] for name in FURTHER}
    target = beside[key] if key in beside else checks[key]
    table = known[key]
    for name, setting in value.items():
        if f"{key}.{name}" in RETIRED:
            continue
        target[name] = valid_value(f"{key}.{name}", setting, option_of(key, name, table, where), where)


def _override_value(text: str) -> Any:
    """A TOML value, else the text itself: ``336``, ``0.5``, ``["a", "b"]``, ``warning``."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        if text[:1] in ("[", "{", '"', "'"):  # begun as TOML: most likely a shell took the quotes
            raise SettingsError(f"--clip-set: {plain(text)} is no TOML value: {plain(error)}") from error
        return text
    except (ValueError, RecursionError):
        raise SettingsError("--clip-set: the value is nested too deeply or holds a number that is too long") from None


def paths_agree(sources: Sequence[Path | None]) -> Path | None:
    """The one settings file of a dataset; two would let its splits be judged by different rules."""
    distinct = sorted({source for source in sources if source is not None})
    if len(distinct) > 1:
        raise SettingsError(f"one dataset, two settings files: {plain(distinct[0])} and {plain(distinct[1])}")
    return distinct[0] if distinct else None
