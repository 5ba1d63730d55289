from __future__ import annotations

import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Related, Report, Severity, SplitSummary

words = st.text(st.characters(codec=None), max_size=12)
related = st.builds(Related, csv=words, line=st.integers(1), value=st.none() | words)
found = st.builds(
    Finding,
    csv=st.sampled_from(["train.csv", "a/val.csv"]),
    line=st.none() | st.integers(1, 10**9),
    check=st.sampled_from(["labels", "paths"]),
    severity=st.sampled_from(Severity),
    column=st.none() | words,
    value=st.none() | words,
    message=words,
    grade=st.none() | st.sampled_from(["bytes", "perceptual"]),
    transform=st.none() | words,
    related=st.lists(related, max_size=2).map(tuple),
)


@given(st.lists(found, max_size=4), st.sampled_from(Outcome), st.none() | words)
def test_a_result_survives_json_whatever_the_data_hold(findings: list[Finding], outcome: Outcome, reason: str) -> None:
    result = CheckResult("train.csv", "labels", Severity.WARNING, outcome, 9, 4, reason, tuple(findings), {"loss": 0.5})
    text = result.dumps()
    assert text.isascii()
    assert CheckResult.loads(text) == result


@given(st.lists(found, min_size=1, max_size=8, unique=True), st.randoms(use_true_random=False))
def test_findings_json_is_ascii_valid_and_the_same_for_any_order_of_checks(
    findings: list[Finding], random: Random
) -> None:
    def dumps(order: list[Finding]) -> str:
        results = tuple(CheckResult(f.csv, f.check, f.severity, Outcome.FAILED, 1, 1, findings=(f,)) for f in order)
        return Report("datasets", (SplitSummary("train.csv", "train", 3, 2),), results).dumps()

    text = dumps(findings)
    assert text.isascii()
    record = json.loads(text)
    assert list(record) == ["version", "tool", "dataset", "splits", "checks", "findings"]
    assert len(record["findings"]) == len(findings)
    shuffled = sorted(findings, key=lambda _: random.random())
    same = [(f.csv, f.line or 0, f.check, f.column or "", f.message) for f in findings]
    if len(set(same)) == len(same):
        assert json.loads(dumps(shuffled))["findings"] == record["findings"]


def test_findings_are_sorted_by_csv_line_and_check_the_whole_csv_first() -> None:
    def finding(csv: str, line: int | None, check: str) -> Finding:
        return Finding(csv, line, check, Severity.CRITICAL, None, None, "words")

    wanted = [
        finding("train.csv", None, "label_balance"),
        finding("train.csv", 2, "labels"),
        finding("train.csv", 2, "paths"),
        finding("train.csv", 10, "labels"),
        finding("val.csv", 3, "labels"),
    ]
    results = [CheckResult(f.csv, f.check, f.severity, Outcome.FAILED, 1, 1, findings=(f,)) for f in wanted[::-1]]
    assert Report("d", (), tuple(results)).findings == wanted


def test_a_transform_is_there_only_where_one_applies() -> None:
    finding = Finding("train.csv", 2, "leakage", Severity.CRITICAL, "image_path", "a.jpg", "words", "pixels")
    assert "transform" not in finding.to_json()
    turned = Finding(**{**{f: getattr(finding, f) for f in Finding.__slots__}, "transform": "mirrored"})
    assert turned.to_json()["transform"] == "mirrored"
