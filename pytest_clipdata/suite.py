"""Checks become one Great Expectations suite per CSV; its verdict becomes findings. The only Great Expectations import.

Great Expectations judges: a check passes or fails because `Batch.validate` says so. This room builds the suite, asks
once, refuses an answer that is not complete, and turns unexpected rows into findings.
"""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_clipdata.checks.check import Check, Expectation, Row, columns_in
from pytest_clipdata.findings import CheckResult, Finding, Outcome, Related, Severity
from pytest_clipdata.settings import CheckSettings

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core.batch import Batch


@dataclass(frozen=True, slots=True)
class Rule:
    """One check as it is to be judged: with its settings, and the reason why it cannot be, if there is one."""

    check: Check
    settings: CheckSettings
    not_judged: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What Great Expectations said of one CSV: our results, its suite and its validation result as JSON."""

    results: tuple[CheckResult, ...]
    suite: dict[str, Any]
    validation: dict[str, Any]


def judge(
    csv: str, facts: pd.DataFrame, rules: Sequence[Rule], strict: bool, refer: Callable[[str], Related]
) -> Verdict:
    """Judge the facts of one CSV by ``rules``.

    ``refer`` turns ``csv:line`` into the other row. A rule that could not be judged is SKIPPED, an expectation that
    errors is an ERROR. Raises RuntimeError if Great Expectations does not answer for every expectation exactly once.
    """
    evaluated = {rule.check.id: int(facts[list(rule.check.judges)].notna().all(axis=1).sum()) for rule in rules}
    asked = [rule for rule in rules if rule.not_judged is None and evaluated[rule.check.id] and not rule.check.by_model]
    refused = _refused(_expectations(asked))
    asked = [rule for rule in asked if rule.check.id not in refused]
    expectations = _expectations(asked)
    suite, validation = _validate(csv, facts, expectations) if expectations else ({}, {})
    answers = _answers(expectations, validation.get("results", []))
    results = []
    for rule in rules:
        count = evaluated[rule.check.id]
        if rule in asked:
            mine = [
                (expectations[key], answer) for key, answer in answers.items() if key.split("/")[0] == rule.check.id
            ]
            results.append(_result(csv, facts, rule, count, mine, strict, refer))
        elif error := refused.get(rule.check.id):
            results.append(CheckResult(csv, rule.check.id, rule.settings.severity, Outcome.ERROR, count, 0, error))
        else:
            reason = rule.not_judged or _why_nothing_to_judge(facts)
            results.append(CheckResult(csv, rule.check.id, rule.settings.severity, Outcome.SKIPPED, 0, 0, reason))
    return Verdict(tuple(results), suite, validation)


def suite_json(csv: str, rules: Sequence[Rule]) -> dict[str, Any]:
    """The suite of a CSV in Great Expectations' own JSON, whatever the CSV holds."""
    with _great_expectations() as gx:
        gx.get_context(mode="ephemeral")  # a suite wants one
        return _suite(gx, csv, _expectations(rules)).to_json_dict()  # type: ignore[no-any-return]


def _expectations(rules: Sequence[Rule]) -> dict[str, Expectation]:
    """Every expectation of the rules under a key that its answer will carry: ``resolution/0``."""
    return {
        f"{rule.check.id}/{number}": _with_mostly(expectation, rule)
        for rule in rules
        for number, expectation in enumerate(rule.check.expectations(rule.settings.options))
    }


def _with_mostly(expectation: Expectation, rule: Rule) -> Expectation:
    if rule.settings.mostly == 1.0 or not rule.check.per_row:
        return expectation
    return Expectation(expectation.type, {**expectation.kwargs, "mostly": rule.settings.mostly}, expectation.shows)


def _why_nothing_to_judge(facts: pd.DataFrame) -> str:
    """The check that took the rows away: an item that judged nothing must say so, not pass."""
    total = len(facts)
    bad_paths = facts["path_status"].notna() & facts["image_key"].isna()
    causes = {
        "columns": int(facts["row_problem"].notna().sum()),
        "missing_values": int(facts[["image_path", "text", "label"]].isna().any(axis=1).sum()),
        "labels": int((facts["label_norm"].notna() & facts["is_match"].isna()).sum()),
        "paths": int(bad_paths.sum()),
        "decodable": int((facts["image_status"].notna() & (facts["image_status"] != "ok")).sum()),
    }
    causes["missing_values"] -= causes["columns"]
    found = ", ".join(f"{check} reports {count}" for check, count in causes.items() if count > 0)
    return f"none of the {total} rows could be judged" + (f": {found}" if found else "")


# --- Great Expectations -------------------------------------------------------------------------------------------


@contextmanager
def _great_expectations() -> Iterator[Any]:
    """Great Expectations, imported without its side effects: it routes all warnings into logging and replaces the
    project of a user who works with it in the same session."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        showwarning = warnings.showwarning
        import great_expectations as gx
        from great_expectations.data_context.data_context.context_factory import project_manager
    logging.captureWarnings(False)
    warnings.showwarning = showwarning
    project = vars(project_manager)["_ProjectManager__project"]
    try:
        yield gx
    finally:
        project_manager.set_project(project)


def preload() -> None:
    """Import Great Expectations ahead of need: it takes seconds, and the main process idles while workers decode."""
    with _great_expectations():
        pass


def _validate(
    csv: str, facts: pd.DataFrame, expectations: Mapping[str, Expectation]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The suite and its validation result in Great Expectations' own JSON, from one call: each hashes the frame."""
    used = {name for expectation in expectations.values() for name in columns_in(expectation.kwargs)}
    with _great_expectations() as gx:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        suite = _suite(gx, csv, expectations)
        batch: Batch = (
            context.data_sources.add_pandas("clipdata")
            .add_dataframe_asset("facts")
            .add_batch_definition_whole_dataframe("csv")
            .get_batch({"dataframe": facts[[name for name in facts.columns if name in used or name == "line"]]})
        )
        result_format = {"result_format": "COMPLETE", "return_unexpected_index_query": False}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            validation = batch.validate(suite, result_format=result_format)
        return suite.to_json_dict(), {
            **validation.to_json_dict(),
            "results": [_answer(answer) for answer in validation.results],
        }


class ExpectationError(ValueError):
    """An expectation of the settings that Great Expectations does not know or does not accept."""


def _suite(gx: Any, csv: str, expectations: Mapping[str, Expectation]) -> Any:
    suite = gx.ExpectationSuite(name=csv)
    for key, expectation in expectations.items():
        suite.add_expectation(_build(key, expectation))
    return suite


def _build(key: str, expectation: Expectation) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    kwargs = {name: value for name, value in expectation.kwargs.items() if name != "severity"}
    try:
        return get_expectation_impl(expectation.type)(**kwargs, meta={"clipdata": key})
    except Exception as error:
        raise ExpectationError(f"{key.split('/')[0]}: {expectation.type}: {error}") from error


def _refused(expectations: Mapping[str, Expectation]) -> dict[str, str]:
    """What Great Expectations does not take, by check, in its words: a slip in one rule must not cost the others."""
    refused = {}
    if expectations:
        with _great_expectations():
            for key, expectation in expectations.items():
                try:
                    _build(key, expectation)
                except ExpectationError as error:
                    refused[key.split("/")[0]] = str(error)
    return refused


def _answer(answer: Any) -> dict[str, Any]:
    """One expectation's result as JSON, but with the lines complete (as plain integers)."""
    record: dict[str, Any] = answer.to_json_dict()
    lines = answer.result.get("unexpected_index_list") or []
    record["result"]["unexpected_index_list"] = [int(line) for line in lines]
    for long in ("unexpected_list", "partial_unexpected_index_list"):
        record["result"].pop(long, None)
    return record


def _answers(expectations: Mapping[str, Expectation], results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Results by our key. Great Expectations drops what it does not understand: every key must come back once."""
    answers = {result["expectation_config"]["meta"]["clipdata"]: result for result in results}
    if len(results) != len(expectations) or answers.keys() != expectations.keys():
        lost = ", ".join(sorted(expectations.keys() ^ answers.keys())) or "some twice"
        raise RuntimeError(f"Great Expectations did not answer for every expectation exactly once: {lost}")
    return {key: answers[key] for key in expectations}


# --- findings -----------------------------------------------------------------------------------------------------


def _result(
    csv: str,
    facts: pd.DataFrame,
    rule: Rule,
    evaluated: int,
    answers: Sequence[tuple[Expectation, Mapping[str, Any]]],
    strict: bool,
    refer: Callable[[str], Related],
) -> CheckResult:
    check, severity = rule.check, rule.settings.severity
    for _, answer in answers:
        error = _error(answer.get("exception_info") or {})
        if error:
            return CheckResult(csv, check.id, severity, Outcome.ERROR, evaluated, 0, error)
    found: dict[tuple[int | None, str | None], Finding] = {}
    for expectation, answer in answers:
        for row in _unexpected_rows(facts, check, expectation, answer):
            finding = _finding(csv, rule, expectation, row, refer)
            column = finding.column if finding.line is not None else expectation.kwargs.get("column")
            found.setdefault((finding.line, column), finding)
    holds = all(answer["success"] for _, answer in answers)
    if holds and (doubt := check.unsure()):
        return CheckResult(csv, check.id, severity, Outcome.SKIPPED, 0, 0, doubt)
    failed = Outcome.FAILED if strict or severity is Severity.CRITICAL else Outcome.WARNED
    findings = tuple(sorted(found.values(), key=lambda finding: (finding.line or 0, finding.column or "")))
    unexpected = len({finding.line for finding in findings})
    return CheckResult(
        csv, check.id, severity, Outcome.PASSED if holds else failed, evaluated, unexpected, findings=findings
    )


def _error(info: Mapping[str, Any]) -> str | None:
    """The message of an expectation that raised; ``exception_info`` is flat or keyed by metric."""
    infos = [info] if "raised_exception" in info else list(info.values())
    messages = [part.get("exception_message") or "unknown error" for part in infos if part.get("raised_exception")]
    return f"Great Expectations could not judge: {messages[0]}" if messages else None


def _unexpected_rows(
    facts: pd.DataFrame, check: Check, expectation: Expectation, answer: Mapping[str, Any]
) -> Iterator[Row]:
    column = expectation.kwargs.get("column")
    result = answer["result"]
    if "unexpected_count" not in result and not answer["success"]:
        observed = result.get("observed_value")
        yield {"line": None, "column": column, "observed": observed.item() if hasattr(observed, "item") else observed}
        return
    lines = result["unexpected_index_list"]
    if not lines:
        if not answer["success"]:
            raise RuntimeError(f"{check.id}: Great Expectations says that rows are wrong, but not which")
        return  # most checks of most CSVs: a frame made for nothing costs 10 ms
    rows = facts.loc[lines]
    plain = rows.astype(object).where(rows.notna(), None)
    for row in plain.to_dict("records"):
        yield {**{str(name): value for name, value in row.items()}, "column": column}


def _finding(csv: str, rule: Rule, expectation: Expectation, row: Row, refer: Callable[[str], Related]) -> Finding:
    check, options = rule.check, rule.settings.options
    related = (refer(row[check.refers_to]),) if check.refers_to and row.get(check.refers_to) else ()
    value = row.get(expectation.shows) if expectation.shows else None
    return Finding(
        csv=csv,
        line=row["line"],
        check=check.id,
        severity=rule.settings.severity,
        column=expectation.shows,
        value=None if value is None else str(value),
        message=check.message({**row, "related": related[0] if related else None}, options),
        grade=row.get(f"{check.grade}_grade") if check.grade else None,
        transform=row.get(f"{check.grade}_transform") if check.grade else None,
        related=related,
    )
