"""What the reports say of a check beside its findings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.findings import Severity
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.declared import GENERAL, REPORT, SAME_PICTURE, CheckSettings, Option, Table


@dataclass(frozen=True, slots=True)
class InForce:
    """One setting as it was in force: its key, its value as JSON, and whether that is not the default."""

    key: str
    value: str
    changed: bool = False


@dataclass(frozen=True, slots=True)
class RuleText:
    """One check's manual page: ``short`` is its first sentence, ``full`` the whole page, both plain text.

    ``settings`` are those by which it judged; ``own`` says that it is a rule of the settings, and not one of ours.
    """

    id: str
    severity: Severity
    short: str
    full: str
    settings: tuple[InForce, ...] = ()
    own: bool = False


def rule_texts(run: DatasetRun) -> dict[str, RuleText]:
    """The manual page of every check of a run, for reports."""
    own = {rule.id: rule for rule in run.settings.expectations}
    texts = {}
    for check_id in run.check_ids():
        check = run.check(check_id)
        if check_id in own:
            rule = own[check_id]
            values = {"type": rule.type, "kwargs": rule.kwargs, "severity": str(rule.severity)}
            told = tuple(InForce(key, _json(value), changed=True) for key, value in values.items())
        else:
            told = _of_check(check.table, run.settings.checks[check_id])
        full = (check.manual or check_id).strip()
        texts[check_id] = RuleText(check_id, check.severity, check.summary, full, told, check_id not in REGISTRY)
    return texts


def settings_beside(run: DatasetRun) -> tuple[InForce, ...]:
    """The settings that belong to no check."""
    settings = run.settings
    general = {name: settings.general[name] for name in GENERAL.options}
    told = _in_force(GENERAL.options, general)
    told += _in_force(SAME_PICTURE.options, settings.same_picture, "same_picture.")
    return told + _in_force(REPORT.options, settings.general["report"], "report.")


def documentation() -> str | None:
    """The address of the documentation as the package's metadata have it, without a slash at its end."""
    try:
        urls = metadata.metadata("pytest-clipdata").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return None
    named = dict(url.split(", ", 1) for url in urls if ", " in url)
    return named.get("Documentation", "").rstrip("/") or None


def _of_check(table: Table, settings: CheckSettings) -> tuple[InForce, ...]:
    told = [InForce("severity", _json(str(settings.severity)), settings.severity is not table.severity)]
    if table.per_row:
        told.append(InForce("mostly", _json(settings.mostly), settings.mostly != 1))
    return (*told, *_in_force(table.options, settings.options))


def _in_force(options: Mapping[str, Option], values: Mapping[str, Any], prefix: str = "") -> tuple[InForce, ...]:
    return tuple(
        InForce(f"{prefix}{name}", _json(values[name]), values[name] != option.default)
        for name, option in options.items()
        if name in values
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
