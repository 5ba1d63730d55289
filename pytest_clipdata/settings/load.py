"""Settings: one table per check id, read from ``clipdata.toml`` or ``[tool.clipdata]`` of ``pyproject.toml``.

The options of a check are declared by the check itself; this room only reads, validates and merges them. Nothing is
guessed: an unknown key, a wrong type or a value out of range is a `SettingsError` that names the valid ones.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import (
    GENERAL,
    REPORT,
    SAME_PICTURE,
    SHARED_KEYS,
    CheckSettings,
    Settings,
    SettingsError,
    Table,
    suggest,
)
from pytest_clipdata.settings.own_rules import own_rules
from pytest_clipdata.settings.valid import check_labels, check_order, option_of, valid_value


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
    expectations = own_rules(raw.pop("expectations", []), tables, where)
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
        check_order(check_id, values)
    check_labels(**{name: words for name, words in checks.get("labels", {}).items() if name in ("match", "mismatch")})
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


def _defaults(tables: Mapping[str, Table]) -> tuple[dict[str, Any], dict[str, Any], dict[str, dict[str, Any]]]:
    checks: dict[str, dict[str, Any]] = {
        check_id: {key: option.default for key, option in table.options.items()}
        | {"severity": table.severity, "mostly": 1.0}
        for check_id, table in tables.items()
    }
    general, same_picture, report = (
        {key: option.default for key, option in table.options.items()} for table in (GENERAL, SAME_PICTURE, REPORT)
    )
    return general | {"report": report}, same_picture, checks


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
    known = {**tables, "same_picture": SAME_PICTURE, "report": REPORT}
    if key not in known:
        raise SettingsError(f"{where}: unknown key {key!r}{suggest(key, [*known, *GENERAL.options, 'expectations'])}")
    if not isinstance(value, Mapping):
        raise SettingsError(f"{where}: {key!r} is a table; write {key}.KEY = VALUE")
    beside = {"same_picture": same_picture, "report": general["report"]}
    target = beside[key] if key in beside else checks[key]
    table = known[key]
    for name, setting in value.items():
        target[name] = valid_value(f"{key}.{name}", setting, option_of(key, name, table, where), where)


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
