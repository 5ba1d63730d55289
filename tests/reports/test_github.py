"""GitHub is told what is wrong on which line, and obeys nothing that the data says."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Related, Report, Severity, SplitSummary
from pytest_clipdata.reports.github import annotation_lines, job_summary

SMALL = Finding("train.csv", 17, "resolution", Severity.CRITICAL, "image_path", "images/a.jpg", "a.jpg is 180x240")
DARK = Finding("train.csv", 3, "visibility", Severity.WARNING, "image_path", "images/a.jpg", "a.jpg is 100% dark")
SPLITS = (SplitSummary("train.csv", "train", 960, 480, 0.5),)
HOSTILE = "<img src=x onerror=alert(1)>|`x`\n::error::pwned\r\n@octocat #1 http://evil.test [a](b) **b** ##[add-mask]x"


def report(*findings: Finding, outcome: Outcome = Outcome.FAILED, reason: str | None = None) -> Report:
    checks = {f.check: [g for g in findings if g.check == f.check] for f in findings}
    results = [
        CheckResult(fs[0].csv, check, fs[0].severity, outcome, 960, len(fs), reason, tuple(fs))
        for check, fs in checks.items()
    ]
    return Report("datasets", SPLITS, tuple(results))


def unescape(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_a_finding_is_an_annotation_on_its_line() -> None:
    assert annotation_lines(report(SMALL), "datasets") == [
        "::error file=datasets/train.csv,line=17,title=resolution::a.jpg is 180x240"
    ]


def test_one_about_a_whole_csv_has_no_line() -> None:
    (line,) = annotation_lines(report(replace(SMALL, line=None)), "")
    assert line == "::error file=train.csv,title=resolution::a.jpg is 180x240"


@pytest.mark.parametrize(
    ("outcome", "command"),
    [(Outcome.FAILED, "error"), (Outcome.WARNED, "warning"), (Outcome.PASSED, "notice"), (Outcome.ERROR, "error")],
)
def test_the_outcome_is_the_level(outcome: Outcome, command: str) -> None:
    assert annotation_lines(report(DARK, outcome=outcome), "")[0].split()[0] == f"::{command}"


def test_a_related_row_links_from_the_repository() -> None:
    leak = replace(SMALL, message="the same as b.jpg (train.csv:88)", related=(Related("train.csv", 88, "b.jpg"),))
    assert "(datasets/train.csv:88)" in annotation_lines(report(leak), "datasets")[0]


def test_ten_a_check_and_the_rest_counted() -> None:
    lines = annotation_lines(report(*(replace(SMALL, line=n) for n in range(2, 59)), DARK), "")
    assert sum("title=resolution::a.jpg" in line for line in lines) == 10
    assert [line for line in lines if "more" in line] == [
        "::notice title=resolution::47 more findings of resolution, 57 in all; findings.json has them all"
    ]
    assert sum("title=visibility" in line for line in lines) == 1
    assert len(annotation_lines(report(*(replace(SMALL, line=n) for n in range(2, 12))), "")) == 10


def test_known_findings_are_not_annotated() -> None:
    assert annotation_lines(report(SMALL, DARK), "", known={SMALL}) == annotation_lines(report(DARK), "")


def test_a_check_that_went_wrong_is_an_error() -> None:
    broken = Report(
        "d", SPLITS, (CheckResult("train.csv", "smoke", Severity.CRITICAL, Outcome.ERROR, 0, 0, "no\nroom"),)
    )
    assert annotation_lines(broken, "") == ["::error file=train.csv,title=smoke::no\\nroom"]


@given(st.text(max_size=60), st.text(min_size=1, max_size=20))
def test_nothing_in_the_data_ends_a_line_or_a_property(message: str, csv: str) -> None:
    (line,) = annotation_lines(report(replace(SMALL, message=message, csv=csv)), "")
    match = re.fullmatch(r"::error file=([^:,\r\n]+),line=17,title=resolution::([^\r\n]*)", line)
    assert match
    assert len(line.splitlines()) == 1
    assert "##[" not in line


def test_percent_signs_come_back() -> None:
    (line,) = annotation_lines(report(replace(SMALL, message="100%0A, a:b", csv="50%,a:b.csv")), "")
    assert line == "::error file=50%25%2Ca%3Ab.csv,line=17,title=resolution::100%250A, a:b"
    assert unescape(line.split("=")[1].split(",line")[0]) == "50%,a:b.csv"


def test_the_summary_says_what_to_do() -> None:
    text = job_summary(report(SMALL, DARK), prefix="datasets")
    assert text.startswith("### ❌ <code>datasets</code>: not ready to train\n")
    assert "| <code>train&#46;csv</code> | <code>train</code> | 960 | 480 | 50.0% |" in text
    assert "datasets&#47;train&#46;csv&#58;17" in text


@pytest.mark.parametrize(
    ("outcome", "sign"),
    [(Outcome.PASSED, "✅"), (Outcome.WARNED, "✅"), (Outcome.ERROR, "❌"), (Outcome.SKIPPED, "❔")],
)
def test_only_what_was_judged_and_held_is_green(outcome: Outcome, sign: str) -> None:
    assert job_summary(report(SMALL, outcome=outcome)).startswith(f"### {sign} ")
    assert job_summary(Report("d", SPLITS)).startswith("### ❔ ")


def test_a_cell_makes_no_markup_no_link_and_no_row() -> None:
    hostile = replace(SMALL, message=HOSTILE, csv=HOSTILE, check=HOSTILE)
    made = report(hostile, reason=HOSTILE)
    plain = report(replace(hostile, message="m", csv="c", check="k"), reason="r")
    text = job_summary(replace(made, dataset=HOSTILE, splits=(SplitSummary(HOSTILE, HOSTILE, 1, 1),)))
    quiet = job_summary(replace(plain, splits=(SplitSummary("c", "s", 1, 1),)))
    assert len(text.splitlines()) == len(quiet.splitlines())
    for ours, theirs in zip(text.splitlines(), quiet.splitlines(), strict=True):
        assert re.findall(r"[|<>`*@\[\]]", ours) == re.findall(r"[|<>`*@\[\]]", theirs)
    assert "http:" not in text
    assert "&#64;octocat" in text


def test_a_summary_of_many_findings_fits() -> None:
    many = [replace(SMALL, line=n, message="&" * 5_000) for n in range(2, 3_000)]
    text = job_summary(report(*many, *(replace(f, check=f"rule_{f.line}") for f in many[:900])))
    assert len(text.encode()) < 1024 * 1024
    assert "2,988 more are in findings.json." in text
