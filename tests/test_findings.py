from __future__ import annotations

import io
import json
from dataclasses import replace
from random import Random

import pyarrow.parquet as pq
import pytest
from helpers import values
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.faults import Fault, Side
from pytest_clipdata.findings import CheckResult, Finding, Outcome, Place, Related, Report, Severity, SplitSummary
from pytest_clipdata.reports.findings_json import dumps as dumps_report
from pytest_clipdata.reports.findings_json import findings_json
from pytest_clipdata.reports.findings_parquet import findings_parquet

words = st.text(st.characters(codec=None), max_size=12)
places = st.builds(
    Place,
    source=st.sampled_from(["train.csv", "a/val.csv", "train:a.csv"]),
    file=words,
    line=st.none() | st.integers(1, 10**9),
    key=st.none() | words,
    row=st.none() | st.integers(0, 10**9),
)
related = st.builds(Related, place=places, value=st.none() | words)
found = st.builds(
    Finding,
    place=places,
    check=st.sampled_from(["labels", "paths"]),
    severity=st.sampled_from(Severity),
    column=st.none() | words,
    value=st.none() | words,
    words=st.lists(words, min_size=1, max_size=3).map(tuple),
    grade=st.none() | st.sampled_from(["bytes", "perceptual"]),
    transform=st.none() | words,
    related=st.lists(related, max_size=2).map(tuple),
    faults=st.lists(st.deferred(lambda: faults), max_size=2).map(tuple),
)


faults = st.builds(
    Fault,
    kind=words,
    value=st.none() | words,
    figure=st.none() | st.floats(allow_nan=False),
    side=st.none() | st.sampled_from(Side),
)


def failed(finding: Finding) -> CheckResult:
    return CheckResult(finding.place.source, finding.check, finding.severity, Outcome.FAILED, 1, 1, findings=(finding,))


@given(st.lists(found, max_size=4), st.sampled_from(Outcome), st.none() | words)
def test_a_result_survives_json_whatever_the_data_hold(findings: list[Finding], outcome: Outcome, reason: str) -> None:
    result = CheckResult("train.csv", "labels", Severity.WARNING, outcome, 9, 4, reason, tuple(findings), {"loss": 0.5})
    text = result.dumps()
    assert text.isascii()
    assert CheckResult.loads(text) == result


def test_what_comes_back_is_known_among_the_findings_that_went() -> None:
    others = (Related(Place("t.csv", "t-1.csv", 4, "b", 9), "b.jpg"), Related(Place.whole("v.csv"), None))
    at = Place("t.csv", "t-0.csv", 3, "a", 1)
    sent = Finding(at, "leakage", Severity.CRITICAL, None, None, ("as ", " and ", ""), None, None, others)
    (back,) = CheckResult.loads(failed(sent).dumps()).findings
    assert hash(back) == hash(sent)
    assert back == sent
    assert back.message == "as t-1.csv:4 and v.csv"
    assert isinstance(back.severity, Severity)
    assert (back.place, back.related) == (at, others)


@given(st.lists(found, min_size=1, max_size=8, unique=True), st.randoms(use_true_random=False))
def test_findings_json_is_ascii_valid_and_the_same_for_any_order_of_checks(
    findings: list[Finding], random: Random
) -> None:
    def dumps(order: list[Finding]) -> str:
        results = tuple(map(failed, order))
        report = Report("datasets", (SplitSummary("train.csv", "train", 3, 2),), results)
        return dumps_report(report)

    text = dumps(findings)
    assert text.isascii()
    record = json.loads(text)
    assert list(record) == ["version", "tool", "dataset", "complete", "splits", "checks", "findings"]
    assert len(record["findings"]) == len(findings)
    shuffled = sorted(findings, key=lambda _: random.random())
    same = [(f.place.source, f.place.file, f.place.line or 0, f.check, f.column or "", f.message) for f in findings]
    if len(set(same)) == len(same):
        assert json.loads(dumps(shuffled))["findings"] == record["findings"]


def test_findings_are_sorted_by_csv_line_and_check_the_whole_csv_first() -> None:
    def finding(source: str, line: int | None, check: str) -> Finding:
        return values.finding(source, line, check, Severity.CRITICAL, None, None, "words")

    wanted = [
        finding("train.csv", None, "label_balance"),
        finding("train.csv", 2, "labels"),
        finding("train.csv", 2, "paths"),
        finding("train.csv", 10, "labels"),
        finding("val.csv", 3, "labels"),
    ]
    assert Report("d", (), tuple(map(failed, wanted[::-1]))).findings == wanted


def test_findings_json_is_what_its_readers_were_promised() -> None:
    at = Place("train", "train/00.tar", 3, "shoe-17", 1003)
    other = Related(Place("train:a", "train:a/00.tar", 88, "shirt-88", 87), "b.jpg")
    made = Finding(at, "leakage", Severity.CRITICAL, "image_path", "a.jpg", ("as in ", ""), "bytes", None, (other,))
    ran, left = failed(made), CheckResult("train", "labels", Severity.WARNING, Outcome.NOT_RUN, 0, 0)
    report = Report("data", (SplitSummary("train", "train", 3, 2),), (ran, left))
    assert findings_json(report, {made}) == {
        "version": 2,
        "tool": "pytest-clipdata",
        "dataset": "data",
        "complete": False,
        "splits": [{"source": "train", "split": "train", "rows": 3, "images": 2}],
        "checks": [
            {
                "source": "train",
                "check": "leakage",
                "severity": "critical",
                "outcome": "failed",
                "evaluated": 1,
                "unexpected": 1,
                "known": 1,
                "reason": None,
            },
            {
                "source": "train",
                "check": "labels",
                "severity": "warning",
                "outcome": "not run",
                "evaluated": 0,
                "unexpected": 0,
                "known": 0,
                "reason": None,
            },
        ],
        "findings": [
            {
                "source": "train",
                "file": "train/00.tar",
                "line": 3,
                "key": "shoe-17",
                "check": "leakage",
                "severity": "critical",
                "column": "image_path",
                "value": "a.jpg",
                "message": "as in train:a/00.tar:88",
                "known": True,
                "grade": "bytes",
                "transform": None,
                "related": [
                    {
                        "source": "train:a",
                        "file": "train:a/00.tar",
                        "line": 88,
                        "key": "shirt-88",
                        "value": "b.jpg",
                    }
                ],
            }
        ],
    }
    assert findings_json(Report("data", (), (ran,)))["complete"] is True
    assert report.in_part == "Judged in part: 1 of 2 tests"


def test_of_many_findings_the_new_ones_are_kept_and_all_are_in_the_table() -> None:
    found = [
        values.finding("train.csv", line, "labels", Severity.CRITICAL, "label", "\udcff", "words")
        for line in range(2, 9)
    ]
    results = tuple(
        CheckResult("train.csv", check, Severity.CRITICAL, Outcome.FAILED, 7, 7, findings=tuple(findings))
        for check, findings in (("labels", found), ("paths", [replace(finding, check="paths") for finding in found]))
    )
    report = Report("d", (), results)
    record = findings_json(report, set(found[:-1]), limit=3)
    by_check = [(finding["check"], finding["line"]) for finding in record["findings"]]
    assert by_check == [("labels", 2), ("paths", 2), ("labels", 3), ("paths", 3), ("paths", 4), ("labels", 8)]
    assert [(check["unexpected"], check["known"]) for check in record["checks"]] == [(7, 6), (7, 0)]
    table = pq.read_table(io.BytesIO(findings_parquet(report, set(found[:-1]))))
    assert table.num_rows == 14
    assert table.column_names == list(record["findings"][0])
    assert table["known"].to_pylist().count(True) == 6
    assert findings_parquet(Report("d", (), ()))  # a table without rows


@pytest.mark.parametrize(
    ("known", "found", "covered"),
    [
        (Fault("image_short_side", None, 180.0, Side.BELOW), Fault("image_short_side", None, 180.0, Side.BELOW), True),
        (Fault("image_short_side", None, 180.0, Side.BELOW), Fault("image_short_side", None, 200.0, Side.BELOW), True),
        (Fault("image_short_side", None, 180.0, Side.BELOW), Fault("image_short_side", None, 179.0, Side.BELOW), False),
        (Fault("token_count", None, 80.0, Side.ABOVE), Fault("token_count", None, 79.0, Side.ABOVE), True),
        (Fault("token_count", None, 80.0, Side.ABOVE), Fault("token_count", None, 81.0, Side.ABOVE), False),
        (Fault("is_match", None, 0.71, Side.ABOVE), Fault("is_match", None, 0.713, Side.ABOVE), True),
        (Fault("is_match", None, 0.71, Side.ABOVE), Fault("is_match", None, 0.75, Side.ABOVE), False),
        (Fault("is_match", None, 0.71, Side.ABOVE), Fault("is_match", None, 0.2, Side.BELOW), False),
        (Fault("text_problem", "white space at the end"), Fault("text_problem", "white space at the end"), True),
        (Fault("text_problem", "white space at the end"), Fault("text_problem", "control character"), False),
        (Fault("leaks_from"), Fault("leaks_from"), True),
        (Fault("leaks_from"), Fault("duplicate_of"), False),
    ],
)
def test_a_known_fault_covers_the_same_one_and_a_smaller_one_no_other(
    known: Fault, found: Fault, covered: bool
) -> None:
    assert known.covers(found) is covered


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (Place.whole("train.csv"), "train.csv"),
        (Place("train.csv", "train.csv", 17, None, 15), "train.csv:17"),
        (Place("train", "train/00.tar", 3, "shoe-17", 1003), "train/00.tar:3"),
        (Place("train:a.csv", "train:a.csv", 17), "train:a.csv:17"),
    ],
)
def test_a_place_reads_as_file_and_line(place: Place, text: str) -> None:
    assert str(place) == text


def test_the_words_name_as_many_related_rows_as_they_have_gaps_each_in_its_own() -> None:
    others = tuple(values.related(source, 8, "train.csv:8") for source in ("train:a.csv", "train.csv", "left out.csv"))
    made = values.finding("val.csv", 2, "leakage", Severity.CRITICAL, None, None, "unlike train.csv:8")
    named = replace(made, words=("train.csv:8 is in ", " and ", ", twice"), related=others)
    assert named.message == "train.csv:8 is in train:a.csv:8 and train.csv:8, twice"
    assert named.told(lambda place: place.source) == "train.csv:8 is in train:a.csv and train.csv, twice"
    assert replace(made, related=others).message == "unlike train.csv:8"
