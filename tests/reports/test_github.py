"""GitHub is told what is wrong on which line, and obeys nothing that the data says."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from helpers.values import finding, place, related
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Place, Report, Severity, SplitSummary
from pytest_clipdata.reports.github import annotation_lines, job_summary
from pytest_clipdata.reports.view import View

SMALL = finding("train.csv", 17, "resolution", Severity.CRITICAL, "image_path", "images/a.jpg", "a.jpg is 180x240")
DARK = finding("train.csv", 3, "visibility", Severity.WARNING, "image_path", "images/a.jpg", "a.jpg is 100% dark")
SPLITS = (SplitSummary("train.csv", "train", 960, 480, 0.5),)
HOSTILE = "<img src=x onerror=alert(1)>|`x`\n::error::pwned\r\n@octocat #1 http://evil.test [a](b) **b** ##[add-mask]x"


def row(line: int | None) -> Finding:
    """The small picture in another line, or none."""
    return replace(SMALL, place=place("train.csv", line))


def report(*findings: Finding, outcome: Outcome = Outcome.FAILED, reason: str | None = None) -> Report:
    checks = {f.check: [g for g in findings if g.check == f.check] for f in findings}
    results = [
        CheckResult(fs[0].place.source, check, fs[0].severity, outcome, 960, len(fs), reason, tuple(fs))
        for check, fs in checks.items()
    ]
    return Report("datasets", SPLITS, tuple(results))


def unescape(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def test_a_finding_is_an_annotation_on_its_line() -> None:
    assert annotation_lines(report(SMALL), View("datasets")) == [
        "::error file=datasets/train.csv,line=17,title=resolution::a.jpg is 180x240"
    ]


def test_one_about_a_whole_csv_has_no_line() -> None:
    (line,) = annotation_lines(report(row(None)), View())
    assert line == "::error file=train.csv,title=resolution::a.jpg is 180x240"


@pytest.mark.parametrize(
    ("outcome", "command"),
    [(Outcome.FAILED, "error"), (Outcome.WARNED, "warning"), (Outcome.PASSED, "notice"), (Outcome.ERROR, "error")],
)
def test_the_outcome_is_the_level(outcome: Outcome, command: str) -> None:
    assert annotation_lines(report(DARK, outcome=outcome), View())[0].split()[0] == f"::{command}"


def test_a_row_of_a_shard_is_annotated_in_its_shard() -> None:
    sharded = replace(SMALL, place=Place("train", "train/00.tar", 3, "shoe", 1003))
    (line,) = annotation_lines(report(sharded), View("d"))
    assert line == "::error file=d/train/00.tar,line=3,title=resolution::a.jpg is 180x240"


def test_a_related_row_links_from_the_repository() -> None:
    others = (related("train.csv", 88, "b.jpg"),)
    leak = replace(SMALL, words=("the same as b.jpg (", ")"), related=others)
    assert "(datasets/train.csv:88)" in annotation_lines(report(leak), View("datasets"))[0]


def test_ten_a_check_and_the_rest_counted() -> None:
    lines = annotation_lines(report(*map(row, range(2, 59)), DARK), View())
    assert sum("title=resolution::a.jpg" in line for line in lines) == 10
    assert [line for line in lines if "more" in line] == [
        "::notice title=resolution::47 more findings of resolution, 57 in all; findings.json has them all"
    ]
    assert sum("title=visibility" in line for line in lines) == 1
    assert len(annotation_lines(report(*map(row, range(2, 12))), View())) == 10


def test_errors_come_first_then_severity_then_check() -> None:
    def result(check: str, outcome: Outcome, severity: Severity, source: str = "train.csv") -> CheckResult:
        found = replace(SMALL, check=check, severity=severity, place=place(source, 9))
        return CheckResult(source, check, severity, outcome, 9, 1, None, (found,))

    checks = (
        result("b", Outcome.WARNED, Severity.WARNING),
        result("z", Outcome.FAILED, Severity.CRITICAL),
        result("a", Outcome.PASSED, Severity.CRITICAL),
        result("c", Outcome.FAILED, Severity.WARNING),  # --clip-strict
        result("y", Outcome.FAILED, Severity.CRITICAL),
        result("y", Outcome.WARNED, Severity.WARNING, "a.csv"),
        CheckResult("train.csv", "x", Severity.CRITICAL, Outcome.ERROR, 0, 0, "no room"),
    )
    lines = annotation_lines(Report("d", SPLITS, checks), View())
    told = [(line.split(" ")[0].strip(":"), re.findall("title=(\\w+)", line)[0]) for line in lines]
    errors, warnings = ["x", "y", "z", "c"], ["b", "y"]
    assert told == [*(("error", c) for c in errors), *(("warning", c) for c in warnings), ("notice", "a")]


def test_of_a_check_that_failed_on_one_csv_the_errors_are_kept() -> None:
    warned = replace(report(*map(row, range(2, 40)), outcome=Outcome.WARNED).checks[0], source="a.csv")
    failed = report(row(99)).checks[0]
    lines = annotation_lines(Report("d", SPLITS, (warned, failed)), View())
    assert lines[0].startswith("::error file=train.csv,line=99,")
    assert len(lines) == 11


def test_known_findings_are_not_annotated() -> None:
    seen = View("", frozenset({SMALL}))
    assert annotation_lines(report(SMALL, DARK), seen) == annotation_lines(report(DARK), View())


def test_a_check_that_went_wrong_is_an_error() -> None:
    broken = Report(
        "d", SPLITS, (CheckResult("train.csv", "smoke", Severity.CRITICAL, Outcome.ERROR, 0, 0, "no\nroom"),)
    )
    assert annotation_lines(broken, View()) == ["::error file=train.csv,title=smoke::no\\nroom"]


@given(st.text(max_size=60), st.text(min_size=1, max_size=20))
def test_nothing_in_the_data_ends_a_line_or_a_property(message: str, csv: str) -> None:
    (line,) = annotation_lines(report(replace(SMALL, words=(message,), place=place(csv, 17))), View())
    match = re.fullmatch(r"::error file=([^:,\r\n]+),line=17,title=resolution::([^\r\n]*)", line)
    assert match
    assert len(line.splitlines()) == 1
    assert "##[" not in line


def test_percent_signs_come_back() -> None:
    odd = replace(SMALL, words=("100%0A, a:b",), place=place("50%,a:b.csv", 17))
    (line,) = annotation_lines(report(odd), View())
    assert line == "::error file=50%25%2Ca%3Ab.csv,line=17,title=resolution::100%250A, a:b"
    assert unescape(line.split("=")[1].split(",line")[0]) == "50%,a:b.csv"


def test_the_summary_says_what_to_do() -> None:
    text = job_summary(report(SMALL, DARK), View("datasets"))
    assert text.startswith("### ❌ <code>datasets</code>: not ready to train\n")
    assert "| <code>train&#46;csv</code> | <code>train</code> | 960 | 480 | 50.0% |" in text
    assert "datasets&#47;train&#46;csv&#58;17" in text


@pytest.mark.parametrize(
    ("outcome", "sign"),
    [(Outcome.PASSED, "✅"), (Outcome.WARNED, "✅"), (Outcome.ERROR, "❌"), (Outcome.SKIPPED, "❔")],
)
def test_only_what_was_judged_and_held_is_green(outcome: Outcome, sign: str) -> None:
    assert job_summary(report(SMALL, outcome=outcome), View()).startswith(f"### {sign} ")
    assert job_summary(Report("d", SPLITS), View()).startswith("### ❔ ")


def test_a_cell_makes_no_markup_no_link_and_no_row() -> None:
    hostile = replace(SMALL, words=(HOSTILE,), place=place(HOSTILE, 17), check=HOSTILE)
    made = report(hostile, reason=HOSTILE)
    plain = report(replace(hostile, words=("m",), place=place("c", 17), check="k"), reason="r")
    text = job_summary(replace(made, dataset=HOSTILE, splits=(SplitSummary(HOSTILE, HOSTILE, 1, 1),)), View())
    quiet = job_summary(replace(plain, splits=(SplitSummary("c", "s", 1, 1),)), View())
    assert len(text.splitlines()) == len(quiet.splitlines())
    for ours, theirs in zip(text.splitlines(), quiet.splitlines(), strict=True):
        assert re.findall(r"[|<>`*@\[\]]", ours) == re.findall(r"[|<>`*@\[\]]", theirs)
    assert "http:" not in text
    assert "&#64;octocat" in text


def test_a_summary_of_many_findings_fits() -> None:
    many = [replace(row(n), words=("&" * 5_000,)) for n in range(2, 3_000)]
    others = (replace(finding, check=f"rule_{finding.place.line}") for finding in many[:900])
    text = job_summary(report(*many, *others), View())
    assert len(text.encode()) < 1024 * 1024
    assert "2,988 more are in findings.json." in text
