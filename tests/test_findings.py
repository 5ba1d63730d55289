from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import pytest
from helpers import values
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Place, Related, Report, Severity, SplitSummary

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
        return Report("datasets", (SplitSummary("train.csv", "train", 3, 2),), results).dumps()

    text = dumps(findings)
    assert text.isascii()
    record = json.loads(text)
    assert list(record) == ["version", "tool", "dataset", "splits", "checks", "findings"]
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


def test_a_transform_is_there_only_where_one_applies() -> None:
    finding = values.finding("train.csv", 2, "leakage", Severity.CRITICAL, "image_path", "a.jpg", "words", "pixels")
    assert "transform" not in finding.to_json()
    turned = replace(finding, transform="mirrored")
    assert turned.to_json()["transform"] == "mirrored"


def test_the_json_names_the_source_as_csv_and_a_related_row_by_csv_line_and_value() -> None:
    at = Place("train", "train/00.tar", 3, "shoe-17", 1003)
    other = Related(Place("train:a", "train:a/00.tar", 88, "shirt-88", 87), "b.jpg")
    made = Finding(at, "leakage", Severity.CRITICAL, "image_path", "a.jpg", ("as in ", ""), "bytes", None, (other,))
    assert made.to_json() == {
        "csv": "train",
        "line": 3,
        "check": "leakage",
        "severity": "critical",
        "column": "image_path",
        "value": "a.jpg",
        "message": "as in train:a/00.tar:88",
        "grade": "bytes",
        "related": [{"csv": "train:a", "line": 88, "value": "b.jpg"}],
    }
    assert failed(made).to_json()["csv"] == "train"
    assert SplitSummary("train", "train", 3, 2).to_json() == {"csv": "train", "split": "train", "rows": 3, "images": 2}


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
