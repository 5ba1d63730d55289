"""Rules of the user's own: every expectation of Great Expectations' core is an item that ends alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.drawn import encoded, photo
from helpers.projects import settled
from helpers.tools import BLUE, RED, judge, open_run, write

from pytest_clipdata.findings import CheckResult, Outcome
from pytest_clipdata.judging.great_expectations import preload
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.options import RunOptions

ROWS = [("a.jpg", RED, "match"), ("b.jpg", "too short", "mismatch"), ("c.jpg", BLUE, "mismatch")]
NOTHING = "{ type = 'comparison', column = { name = 'line' }, operator = '>', parameter = 99 }"
#: Rules that the rows break, and the findings: by line, or of the whole source (None).
BROKEN = {
    "expect_column_distinct_values_to_be_in_set": ("column = 'text', value_set = ['too short']", [None], repr(RED)),
    "expect_column_distinct_values_to_equal_set": ("column = 'label', value_set = ['match']", [None], "'mismatch'"),
    "expect_column_distinct_values_to_contain_set": ("column = 'label', value_set = ['new']", [None], "missing 'new'"),
    "expect_column_most_common_value_to_be_in_set": ("column = 'label', value_set = ['match']", [None], "['mismatch']"),
    "expect_column_max_to_be_between": ("column = 'line', max_value = 3", [None], "observed 4"),
    "expect_column_min_to_be_between": ("column = 'line', min_value = 3", [None], "observed 2"),
    "expect_column_mean_to_be_between": ("column = 'line', min_value = 9", [None], "observed 3"),
    "expect_column_median_to_be_between": ("column = 'line', min_value = 9", [None], "observed 3"),
    "expect_column_sum_to_be_between": ("column = 'line', min_value = 99", [None], "observed 9"),
    "expect_column_stdev_to_be_between": ("column = 'line', min_value = 99", [None], "observed 1"),
    "expect_column_unique_value_count_to_be_between": ("column = 'label', min_value = 3", [None], "observed 2"),
    "expect_column_proportion_of_unique_values_to_be_between": ("column = 'label', min_value = 1", [None], "observed"),
    "expect_column_quantile_values_to_be_between": (
        "column = 'line', quantile_ranges = { quantiles = [0.5], value_ranges = [[8, 9]] }", [None], "observed"
    ),
    "expect_column_value_lengths_to_be_between": ("column = 'text', min_value = 20", [3], "text 'too short'"),
    "expect_column_value_lengths_to_equal": ("column = 'label', value = 8", [2], "label 'match'"),
    "expect_column_values_to_be_between": ("column = 'line', max_value = 3", [4], "line 4"),
    "expect_column_values_to_be_in_set": ("column = 'label', value_set = ['match']", [3, 4], "label 'mismatch'"),
    "expect_column_values_to_not_be_in_set": ("column = 'label', value_set = ['match']", [2], "label 'match'"),
    "expect_column_values_to_be_unique": ("column = 'label'", [3, 4], "label 'mismatch'"),
    "expect_column_values_to_be_null": ("column = 'text'", [2, 3, 4], "text"),
    "expect_column_values_to_not_be_null": ("column = 'text_problem'", [2, 3, 4], "text_problem None"),
    "expect_column_values_to_match_regex": ("column = 'text', regex = 'cotton|den'", [3], "text 'too short'"),
    "expect_column_values_to_not_match_regex": ("column = 'text', regex = 'too'", [3], "text 'too short'"),
    "expect_column_values_to_match_regex_list": ("column = 'text', regex_list = ['cotton', 'den']", [3], "text"),
    "expect_column_values_to_not_match_regex_list": ("column = 'text', regex_list = ['too']", [3], "text"),
    "expect_column_pair_values_a_to_be_greater_than_b": (
        "column_A = 'word_count', column_B = 'line'", [3], "word_count 2, line 3"
    ),
    "expect_column_pair_values_to_be_equal": ("column_A = 'text', column_B = 'label'", [2, 3, 4], "text"),
    "expect_compound_columns_to_be_unique": ("column_list = ['label', 'split']", [3, 4], "label 'mismatch', split"),
    "expect_multicolumn_sum_to_equal": ("column_list = ['line', 'row'], sum_total = 2", [3, 4], "line 3, row 1"),
    "expect_select_column_values_to_be_unique_within_record": ("column_list = ['split', 'split']", None, ""),
    "expect_table_row_count_to_be_between": ("min_value = 9", [None], "observed 3"),
    "expect_table_row_count_to_equal": ("value = 9", [None], "observed 3"),
    "expect_table_column_count_to_equal": ("value = 1", [None], "observed"),
    "expect_table_columns_to_match_set": ("column_set = ['text']", [None], "observed"),
}  # fmt: skip


def toml(name: str, rule: str, kwargs: str, more: str = "") -> str:
    return f"[[expectations]]\nid = '{name}'\ntype = '{rule}'\nkwargs = {{ {kwargs} }}\n{more}"


def own(rule: str, kwargs: str, more: str = "") -> CheckResult:
    return judge(ROWS, "mine", toml=toml("mine", rule, kwargs, more))["train.csv"]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckResult]:
    """Every expectation of the core in one run, those without sensible arguments as well."""
    preload()  # without the warnings of its import
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    folder = tmp_path_factory.mktemp("gallery")
    write(folder, {"train.csv": ROWS})
    rules = [name for name in list_registered_expectation_implementations() if name.startswith("expect_")]
    assert len(rules) > 50
    arguments = {name: BROKEN[name][0] if name in BROKEN else "column = 'text'" for name in rules}
    (folder / "clipdata.toml").write_text("".join(toml(name, name, arguments[name]) for name in sorted(rules)))
    run = open_run(folder)
    for check in (*rules, "word_count"):
        run.want("train.csv", check)
    return {check: run.result("train.csv", check) for check in (*rules, "word_count")}


def test_in_the_whole_gallery_every_item_ends_alone(gallery: dict[str, CheckResult]) -> None:
    assert gallery["word_count"].outcome is Outcome.FAILED
    assert [finding.place.line for finding in gallery["word_count"].findings] == [3]
    for result in gallery.values():
        assert (result.outcome is Outcome.FAILED) == bool(result.findings)
        assert (result.reason is not None) == (result.outcome in (Outcome.ERROR, Outcome.SKIPPED))
        assert len(result.dumps()) < 10_000


@pytest.mark.parametrize("rule", BROKEN)
def test_a_broken_rule_names_lines_and_values(gallery: dict[str, CheckResult], rule: str) -> None:
    _, lines, words = BROKEN[rule]
    if lines is None:
        return
    result = gallery[rule]
    assert result.outcome is Outcome.FAILED, result.reason
    assert [finding.place.line for finding in result.findings] == lines
    assert words in result.findings[0].message
    assert "observed None" not in result.findings[0].message


@pytest.mark.parametrize(
    ("rule", "kwargs"),
    [
        ("expect_column_values_to_be_in_set", "column = 'label', value_set = ['x']"),
        ("expect_column_max_to_be_between", "column = 'line', max_value = 0"),
        ("expect_column_distinct_values_to_be_in_set", "column = 'label', value_set = ['x']"),
        ("expect_column_values_to_not_be_null", "column = 'text_problem'"),
        ("expect_column_pair_values_to_be_equal", "column_A = 'text', column_B = 'label'"),
    ],
)
def test_a_condition_that_meets_nothing_is_skipped(rule: str, kwargs: str) -> None:
    result = own(rule, f"{kwargs}, row_condition = {NOTHING}")
    assert (result.outcome, result.evaluated, result.findings) == (Outcome.SKIPPED, 0, ())
    assert "none meets the row condition" in str(result.reason)


def test_a_condition_of_alternatives_counts_what_it_judges() -> None:
    some = "{ type = 'comparison', column = { name = 'line' }, operator = '==', parameter = 3 }"
    either = f"{{ type = 'or', conditions = [{some}, {NOTHING}] }}"
    result = own("expect_column_values_to_be_in_set", f"column = 'label', value_set = ['x'], row_condition = {either}")
    assert (result.outcome, result.evaluated, result.unexpected) == (Outcome.FAILED, 1, 1)


def test_no_rows_that_meet_a_condition_can_be_what_is_wanted() -> None:
    result = own("expect_table_row_count_to_equal", f"value = 0, row_condition = {NOTHING}")
    assert result.outcome is Outcome.PASSED


def test_a_message_of_ones_own() -> None:
    result = own(
        "expect_column_values_to_match_regex", "column = 'text', regex = 'cotton|den'", "message = 'name the fabric'\n"
    )
    assert [finding.message for finding in result.findings] == ["text 'too short': name the fabric"]


def test_the_suite_says_the_severity_of_the_check(tmp_path: Path) -> None:
    write(tmp_path, {"train.csv": ROWS})
    rule = toml("mine", "expect_column_values_to_be_unique", "column = 'text'", "severity = 'warning'\n")
    (tmp_path / "clipdata.toml").write_text(rule)
    run = open_run(tmp_path)
    suite = run.suite("train.csv")
    said = {entry["meta"]["clipdata"].split("/")[0]: entry["severity"] for entry in suite["expectations"]}
    said = {check: severity for check, severity in said.items() if check not in ("labels", "columns")}  # they also warn
    assert said == {check: str(run.check(check).severity) for check in said}
    assert said["mine"] == "warning"


def test_mostly_is_bad_rows_over_judged_rows_of_all_expectations() -> None:
    # Of ten rows each of three lacks another cell: 30 % are bad, though of each column 90 % are there.
    rows = [("", RED, "match"), ("a.jpg", "", "match"), ("a.jpg", RED, "")] + [("a.jpg", RED, "match")] * 7
    assert judge(rows, "missing_values", "mostly=0.71")["train.csv"].outcome is Outcome.FAILED
    kept = judge(rows, "missing_values", "mostly=0.7")["train.csv"]
    assert (kept.outcome, kept.unexpected) == (Outcome.PASSED, 3)
    # Rows that nobody could judge are no good rows: here two of three judged rows are repeated.
    rows = [("a.jpg", RED, "match")] * 3 + [("", BLUE, "match")] * 7
    files = {"a.jpg": encoded(photo(1, (96, 96)))}
    assert judge(rows, "duplicate_rows", "mostly=0.5", files=files)["train.csv"].outcome is Outcome.FAILED
    assert judge(rows, "duplicate_rows", "mostly=0.33", files=files)["train.csv"].outcome is Outcome.PASSED


def test_a_class_of_somebodys_own_is_never_replayed(tmp_path: Path) -> None:
    preload()
    from great_expectations.expectations import core
    from great_expectations.expectations.registry import _registered_expectations

    folder = tmp_path / "data"
    write(folder, {"train.csv": ROWS})
    names = ("core_rule", "own_rule")
    types = ("expect_column_values_to_be_in_set", "expect_column_values_to_be_lucky")
    kwargs = "column = 'label', value_set = ['match', 'mismatch']"
    rules = "".join(toml(name, kind, kwargs) for name, kind in zip(names, types, strict=True))
    (folder / "clipdata.toml").write_text(rules)
    settled(folder)

    def run() -> dict[str, Outcome]:
        (dataset,) = discover([folder])
        options = RunOptions(top=folder, workers=1, device="off", cache=tmp_path / "cache")
        opened = DatasetRun(dataset, load_settings(dataset, options), options)
        for name in names:
            opened.want("train.csv", name)
        outcomes = {name: opened.result("train.csv", name).outcome for name in names}
        opened.cache.close()
        return outcomes

    type("ExpectColumnValuesToBeLucky", (core.ExpectColumnValuesToBeInSet,), {})
    try:
        assert run() == dict.fromkeys(names, Outcome.PASSED)
        type("ExpectColumnValuesToBeLucky", (core.ExpectColumnValuesToNotBeInSet,), {})  # its code changes
        assert run() == {"core_rule": Outcome.PASSED, "own_rule": Outcome.FAILED}
    finally:
        del _registered_expectations[types[1]]
    assert run() == {"core_rule": Outcome.PASSED, "own_rule": Outcome.ERROR}  # it is gone
