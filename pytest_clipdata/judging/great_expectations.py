"""The only import of Great Expectations: a suite is built, asked once, and its answers are taken as plain data."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pytest_clipdata.checks.check import Expectation, columns_in
from pytest_clipdata.facts.table import Table
from pytest_clipdata.findings import Severity

if TYPE_CHECKING:
    from great_expectations.core.batch import Batch
from pytest_clipdata.judging.late_imports import late_imports, no_collections
from pytest_clipdata.judging.rule import Rule, expectations_of
from pytest_clipdata.settings.declared import SettingsError
from pytest_clipdata.settings.toml import plain


def suite_json(source: str, rules: Sequence[Rule]) -> dict[str, Any]:
    """The suite of a CSV in Great Expectations' own JSON, whatever the CSV holds."""
    with _great_expectations() as gx:
        gx.get_context(mode="ephemeral")  # a suite wants one
        written: dict[str, Any] = _suite(gx, source, expectations_of(rules)).to_json_dict()
        return written


@contextmanager
def _great_expectations() -> Iterator[Any]:
    """Great Expectations, imported without its side effects: it routes all warnings into logging and replaces the
    project of a user who works with it in the same session."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    # Its charts and one expectation need these two, which are two fifths of the time of its import.
    with warnings.catch_warnings(), late_imports("altair", "scipy.stats"), no_collections():
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


def validate(
    source: str, table: Table, expectations: Mapping[str, Expectation]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The suite and its validation result in Great Expectations' own JSON, from one call: each hashes the frame."""
    used = {name for expectation in expectations.values() for name in columns_in(expectation.kwargs, table.names)}
    if any(expectation.type.startswith("expect_table_column") for expectation in expectations.values()):
        used = set(table.names)  # what is said of the columns of the table is said of all of them
    with _great_expectations() as gx:
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = {"globally": False}
        suite = _suite(gx, source, expectations)
        batch: Batch = table.batch(context, ["row", *sorted(used)])
        result_format = {"result_format": table.result_format, "return_unexpected_index_query": False}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                validation = batch.validate(suite, result_format=result_format)
                results = [_answer(answer, table, batch) for answer in validation.results]
            finally:
                table.release()
        return suite.to_json_dict(), {**validation.to_json_dict(), "results": results}


class ExpectationError(SettingsError):
    """An expectation of the settings that Great Expectations does not know or does not accept."""


def _suite(gx: Any, source: str, expectations: Mapping[str, Expectation]) -> Any:
    # Not added one by one: each would be compared with all before it, and two checks may ask the same.
    made = [_build(key, expectation) for key, expectation in expectations.items()]
    return gx.ExpectationSuite(name=source, expectations=made)


def _build(key: str, expectation: Expectation) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    severity = str(expectation.severity or Severity.CRITICAL)
    try:
        made = get_expectation_impl(expectation.type)
        return made(**expectation.kwargs, severity=severity, meta={"clipdata": key})
    except Exception as error:
        words = plain(" ".join(str(error).split()), 1000)
        raise ExpectationError(f"{key.split('/')[0]}: {expectation.type}: {words}") from error


def refused_by_check(expectations: Mapping[str, Expectation], *, unknown: bool = True) -> dict[str, str]:
    """What Great Expectations does not take, by check, in its words: a slip in one rule must not cost the others.

    Types that are not registered are left out if not ``unknown``.
    """
    refused = {}
    if expectations:
        with _great_expectations():
            from great_expectations.expectations.registry import list_registered_expectation_implementations

            known = set(list_registered_expectation_implementations())
            for key, expectation in expectations.items():
                if not unknown and expectation.type not in known:
                    continue
                try:
                    _build(key, expectation)
                except ExpectationError as error:
                    refused[key.split("/")[0]] = str(error)
    return refused


def is_custom(expectation_type: str) -> bool:
    """Whether an expectation is of somebody's own class, whose code is no part of what a verdict is kept under.

    Free of an import: before Great Expectations is imported nobody can have registered a class with it.
    """
    if "great_expectations" not in sys.modules:
        return False
    from great_expectations.expectations.registry import get_expectation_impl

    try:
        made = get_expectation_impl(expectation_type)
    except Exception:  # not registered: an error of its item, which is not kept either
        return True
    return not made.__module__.startswith("great_expectations.")


#: Values of one observation that are kept.
_MOST_OBSERVED = 200


def _answer(answer: Any, table: Table, batch: Batch) -> dict[str, Any]:
    """One expectation's result as JSON, but with the rows complete (as plain integers)."""
    record: dict[str, Any] = answer.to_json_dict()
    record["result"]["unexpected_index_list"] = table.unexpected(
        answer.result, lambda: _wrong_rows(answer.expectation_config, batch)
    )
    for long in ("unexpected_list", "partial_unexpected_index_list"):
        record["result"].pop(long, None)
    observed = record["result"].get("observed_value")
    if isinstance(observed, list):  # the most common values of a column without repetitions are all of them
        record["result"]["observed_value"] = observed[:_MOST_OBSERVED]
    return record


def _wrong_rows(configuration: Any, batch: Batch) -> Any:
    """The rows of a batch of Spark that break an expectation, by the condition that Great Expectations counts them by.

    They are a frame of Spark; what Great Expectations itself would name them by is a list of mappings in this process.
    """
    from great_expectations.validator.metric_configuration import MetricConfiguration
    from great_expectations.validator.metrics_calculator import MetricsCalculator

    engine = batch.data.execution_engine
    expectation = configuration.to_domain_obj()
    asked = {"result_format": {"result_format": "BASIC", "partial_unexpected_count": 0}}
    dependencies = expectation.get_validation_dependencies(execution_engine=engine, runtime_configuration=asked)
    counted = dependencies.metric_configurations[f"{expectation.map_metric}.unexpected_count"]
    values = {name: value for name, value in counted.metric_value_kwargs.items() if name != "result_format"}
    metric = MetricConfiguration(f"{expectation.map_metric}.condition", counted.metric_domain_kwargs, values)
    condition, domain, accessor = MetricsCalculator(engine).get_metric(metric)
    frame = engine.get_domain_records({**domain, **accessor})
    # A condition over a window is one of a column, not of a filter.
    return frame.withColumn("__wrong", condition).filter("__wrong")


def answers_by_key(expectations: Mapping[str, Expectation], results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Results by our key. Great Expectations drops what it does not understand: every key must come back once."""
    answers = {result["expectation_config"]["meta"]["clipdata"]: result for result in results}
    if len(results) != len(expectations) or answers.keys() != expectations.keys():
        lost = ", ".join(sorted(expectations.keys() ^ answers.keys())) or "some twice"
        raise RuntimeError(f"Great Expectations did not answer for every expectation exactly once: {lost}")
    return {key: answers[key] for key in expectations}
