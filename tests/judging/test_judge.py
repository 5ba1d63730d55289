"""Great Expectations' traps: whatever it does not say clearly must never pass bad data."""

from __future__ import annotations

import logging
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest
from helpers.tools import BLUE, RED, judge, open_run, places, write

from pytest_clipdata.findings import CheckResult, Outcome
from pytest_clipdata.judging import great_expectations
from pytest_clipdata.judging import judge as judging
from pytest_clipdata.judging.answers import error_words
from pytest_clipdata.settings.declared import SettingsError

ROWS = [("a.jpg", RED, "match"), ("b.jpg", "too short", "mismatch"), ("c.jpg", BLUE, "mismatch")]


def own(rule: str, kwargs: str, rows: Any = ROWS, severity: str = "critical") -> CheckResult:
    toml = f"[[expectations]]\nid = 'mine'\ntype = '{rule}'\nkwargs = {{ {kwargs} }}\nseverity = '{severity}'\n"
    return judge(rows, "mine", toml=toml)["train.csv"]


def several(folder: Path, toml: str, *checks: str) -> dict[str, CheckResult]:
    write(folder, {"train.csv": ROWS})
    (folder / "clipdata.toml").write_text(toml)
    run = open_run(folder)
    for check in checks:
        run.want("train.csv", check)
    return {check: run.result("train.csv", check) for check in checks}


# --- a rule of the user's own ------------------------------------------------------------


def test_a_rule_of_ones_own_finds_lines() -> None:
    result = own("expect_column_values_to_match_regex", "column = 'text', regex = 'cotton|den'")
    assert places([result]) == {
        "train.csv:3": "text 'too short' breaks expect_column_values_to_match_regex(column='text', regex='cotton|den')"
    }
    assert (result.outcome, result.evaluated, result.unexpected) == (Outcome.FAILED, 3, 1)
    result = own("expect_column_values_to_match_regex", "column = 'text', regex = 'x'", severity="warning")
    assert result.outcome is Outcome.WARNED


def test_a_rule_about_the_whole_csv_has_no_line() -> None:
    result = own("expect_column_mean_to_be_between", "column = 'word_count', min_value = 50")
    (finding,) = result.findings
    assert finding.place.line is None
    assert finding.message.startswith("observed 4.6")


def test_a_rule_with_a_condition_and_one_over_two_columns() -> None:
    condition = "{ type = 'comparison', column = { name = 'is_match' }, operator = '==', parameter = 0 }"
    result = own(
        "expect_column_values_to_be_between", f"column = 'word_count', min_value = 9, row_condition = {condition}"
    )
    assert [finding.place.line for finding in result.findings] == [3, 4]
    result = own(
        "expect_column_pair_values_a_to_be_greater_than_b", "column_A = 'token_count', column_B = 'word_count'"
    )
    assert result.outcome is Outcome.PASSED
    result = own("expect_column_pair_values_a_to_be_greater_than_b", "column_A = 'word_count', column_B = 'line'")
    assert [finding.place.line for finding in result.findings] == [3]


def test_a_rule_about_nulls_judges_every_row() -> None:
    result = own("expect_column_values_to_be_null", "column = 'text_problem'")
    assert (result.outcome, result.evaluated) == (Outcome.PASSED, 3)
    result = own("expect_column_values_to_not_be_null", "column = 'text_problem'")
    assert [finding.place.line for finding in result.findings] == [2, 3, 4]


@pytest.mark.parametrize(
    ("rule", "kwargs", "message"),
    [
        ("expect_column_values_to_be_shiny", "column = 'text'", "expect_column_values_to_be_shiny"),
        ("expect_column_values_to_match_regex", "column = 'text', regx = 'a'", "regx"),
        ("expect_column_values_to_match_regex", "column = 'text', regex = 'a', meta = 3", "meta"),
        ("expect_column_mean_to_be_between", "column = 'text', min_value = 3", "Great Expectations could not judge"),
    ],
)
def test_a_rule_that_cannot_be_judged_is_an_error_and_harms_no_other(
    tmp_path: Path, rule: str, kwargs: str, message: str
) -> None:
    toml = f"[[expectations]]\nid = 'mine'\ntype = '{rule}'\nkwargs = {{ {kwargs} }}\n"
    results = several(tmp_path, toml, "mine", "word_count")
    assert results["mine"].outcome is Outcome.ERROR
    assert message in str(results["mine"].reason)
    assert results["mine"].findings == ()
    assert places([results["word_count"]]) == {
        "train.csv:3": "the text has 2 words, it must have 5 to 100: 'too short'"
    }


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ("column = 'txt'", "mine: the facts table has no column 'txt'; did you mean 'text'?"),
        ("column_A = 'line', column_B = 'lin'", "mine: the facts table has no column 'lin'; did you mean 'line'?"),
        ("column_list = ['line', 'lable']", "mine: the facts table has no column 'lable'; did you mean 'label'?"),
    ],
)
def test_an_unknown_column_names_the_nearest(kwargs: str, message: str) -> None:
    with pytest.raises(SettingsError) as error:
        own("expect_something", kwargs)
    assert str(error.value).endswith(f"clipdata.toml: {message}")


# --- nothing passes by accident ------------------------------------------------------------


def test_editing_a_threshold_of_the_suite_changes_the_outcome(monkeypatch: pytest.MonkeyPatch) -> None:
    built = great_expectations._build

    def edited(key: str, expectation: Any) -> Any:
        made = built(key, expectation)
        made.min_value = 1
        return made

    assert judge(ROWS, "word_count")["train.csv"].outcome is Outcome.FAILED
    monkeypatch.setattr(great_expectations, "_build", edited)
    assert judge(ROWS, "word_count")["train.csv"].outcome is Outcome.PASSED


@pytest.mark.parametrize("change", ["lost", "twice", "unknown"])
def test_an_answer_that_does_not_come_back_exactly_once_is_an_error(
    monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    asked = judging.validate

    def answers(*arguments: Any) -> Any:
        made, validation = asked(*arguments)
        results = validation["results"]
        if change == "lost":
            results = results[1:]
        elif change == "twice":
            results = [*results, results[0]]
        else:
            results[0]["expectation_config"]["meta"]["clipdata"] = "other/0"
        return made, {**validation, "results": results}

    monkeypatch.setattr(judging, "validate", answers)
    with pytest.raises(RuntimeError, match="did not answer for every expectation exactly once"):
        judge(ROWS, "missing_values")


@pytest.mark.parametrize(
    ("info", "error"),
    [
        ({}, None),
        ({"raised_exception": False, "exception_message": None}, None),
        ({"raised_exception": True, "exception_message": "boom"}, "Great Expectations could not judge: boom"),
        ({"raised_exception": True, "exception_message": None}, "Great Expectations could not judge: unknown error"),
        (
            {"('m', 'x', ())": {"raised_exception": True, "exception_message": "bang"}},
            "Great Expectations could not judge: bang",
        ),
        (
            {"a": {"raised_exception": False}, "b": {"raised_exception": True}},
            "Great Expectations could not judge: unknown error",
        ),
    ],
)
def test_both_shapes_of_exception_info(info: dict[str, Any], error: str | None) -> None:
    assert error_words(info) == error


def test_rows_that_are_wrong_but_not_named_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = great_expectations._answer

    def nameless(*result: Any) -> dict[str, Any]:
        record = answer(*result)
        record["result"]["unexpected_index_list"] = []
        return record

    monkeypatch.setattr(great_expectations, "_answer", nameless)
    result = judge(ROWS, "word_count")["train.csv"]
    assert (result.outcome, result.reason) == (
        Outcome.ERROR,
        "Great Expectations says that rows are wrong, but not which",
    )


@pytest.mark.parametrize("check", ["word_count", "labels", "text_hygiene", "label_balance", "paths", "resolution"])
@pytest.mark.parametrize("data", ["", "image_path,text,label\n", "image_path,text,label\n,,\n,,\n"])
def test_what_judged_nothing_is_skipped_and_says_so(check: str, data: str) -> None:
    result = judge(data, check)["train.csv"]
    assert (result.outcome, result.evaluated) == (Outcome.SKIPPED, 0)
    assert str(result.reason).startswith("no row could be judged: ")


def test_no_answer_is_cut_at_two_hundred_rows() -> None:
    rows = [("a.jpg", "short", "match")] * 450
    assert [f.place.line for f in judge(rows, "word_count")["train.csv"].findings] == list(range(2, 452))


# --- side effects ------------------------------------------------------------


def test_warnings_stay_warnings_and_a_project_of_the_users_survives(tmp_path: Path) -> None:
    script = f"""
import sys, warnings
sys.path[:0] = {[str(Path(__file__).parents[1])]!r}
import great_expectations as gx
context = gx.get_context(mode="ephemeral")
mine = context.data_sources.add_pandas("mine")
from helpers.tools import judge, RED
import logging
logging.captureWarnings(False)
show = warnings.showwarning
judge([("a.jpg", RED, "match")], "word_count")
assert warnings.showwarning is show
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    warnings.warn("seen")
assert [str(w.message) for w in caught] == ["seen"]
from great_expectations.data_context.data_context.context_factory import project_manager
assert project_manager.get_expectations_store() is context.expectations_store
assert list(context.data_sources.all()) == ["mine"]
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=tmp_path)


def test_the_import_leaves_warnings_alone() -> None:
    script = """
import warnings
warnings.simplefilter("error")
show = warnings.showwarning
from pytest_clipdata.judging.great_expectations import preload
preload()
assert warnings.showwarning is show
try:
    warnings.warn("an error still")
except UserWarning:
    pass
else:
    raise SystemExit("swallowed")
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_nothing_is_left_in_the_session(caplog: pytest.LogCaptureFixture) -> None:
    filters = list(warnings.filters)
    judge(ROWS, "word_count")
    assert list(warnings.filters) == filters
    assert logging.getLogger("py.warnings").handlers == []


# --- what any Great Expectations user can load ------------------------------------------------------------


def test_the_suite_loads_again_with_every_expectation(tmp_path: Path) -> None:
    import great_expectations as gx

    write(tmp_path, {"train.csv": ROWS, "val.csv": ROWS})
    run = open_run(tmp_path, "word_count.mostly=0.5")
    record = run.suite("train.csv")
    gx.get_context(mode="ephemeral")
    loaded = gx.ExpectationSuite(**record)
    assert len(loaded.expectations) == len(record["expectations"]) > 25
    keys = [expectation.meta["clipdata"] for expectation in loaded.expectations]
    assert len(set(keys)) == len(keys)
    (words,) = [expectation for expectation in loaded.expectations if expectation.meta["clipdata"] == "word_count/0"]
    assert (words.min_value, words.max_value, words.mostly) == (5, 100, 0.5)


def test_a_figure_of_nothing_is_no_pass() -> None:
    result = own("expect_column_max_to_be_between", "column = 'training_share', max_value = 1")
    assert result.outcome is Outcome.SKIPPED
