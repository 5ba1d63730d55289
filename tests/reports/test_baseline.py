"""A baseline knows content, not lines: what was accepted stays accepted, what is new is new."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from helpers.values import finding, place, related

from pytest_clipdata.faults import Fault, Side
from pytest_clipdata.findings import CheckResult, Finding, Outcome, Place, Report, Severity, SplitSummary
from pytest_clipdata.reports.baseline.apply import apply
from pytest_clipdata.reports.baseline.entries import Baseline, Content, ContentOf
from pytest_clipdata.reports.baseline.file import BaselineError, dumps, load
from pytest_clipdata.reports.baseline.of_run import write_baseline

ENTRY = '{"check": "a", "source": "b", "pictures": [], "text": "", "label": "", "message": "", %s}'
SPLITS = (SplitSummary("train.csv", "train", 960, 480), SplitSummary("val.csv", "val", 240, 120))
#: One row a line of a small CSV, from line 2 on.
ROWS = [Content(f"sha256:{i:04}", f"shirt number {i}", "match") for i in range(8)]


def content_of(rows: Sequence[Content | None]) -> ContentOf:
    def content(at: Place) -> Content | None:
        return rows[at.row] if at.row is not None and at.row < len(rows) else None

    return content


def small(line: int, check: str = "resolution") -> Finding:
    return finding("train.csv", line, check, Severity.CRITICAL, "image_path", "a.jpg", f"a.jpg is {check}")


def same(line: int, other: int, grade: str = "perceptual", check: str = "duplicate_images") -> Finding:
    words = f"a.jpg is the same picture as b.jpg (train.csv:{other})"
    others = [related("train.csv", other, "b.jpg")]
    return finding("train.csv", line, check, Severity.CRITICAL, "image_path", "a.jpg", words, grade, None, others)


def report(*findings: Finding, outcome: Outcome = Outcome.FAILED, also: Sequence[str] = ()) -> Report:
    checks = {finding.check: [f for f in findings if f.check == finding.check] for finding in findings}
    results = [
        CheckResult(fs[0].place.source, check, fs[0].severity, outcome, 960, len(fs), None, tuple(fs))
        for check, fs in checks.items()
    ]
    passed = [CheckResult("train.csv", name, Severity.CRITICAL, Outcome.PASSED, 960, 0) for name in also]
    return Report("datasets", SPLITS, (*results, *passed))


def known(first: Report, rows: Sequence[Content | None] = ROWS) -> Baseline:
    return load(dumps(first, content_of(rows)))


def test_what_was_written_no_longer_fails() -> None:
    first = report(small(3), small(4), same(5, 2))
    applied = apply(first, known(first), content_of(ROWS))
    assert [result.outcome for result in applied.report.checks] == [Outcome.PASSED, Outcome.PASSED]
    assert applied.report.checks[0].reason == "2 known findings"
    assert applied.report.findings == first.findings
    assert applied.known == frozenset(first.findings)
    assert applied.stale == ()


def test_an_inserted_row_revives_nothing() -> None:
    first = report(small(3), same(5, 2))
    shifted = [Content("sha256:new", "a new row", "match"), *ROWS]
    applied = apply(report(small(4), same(6, 3)), known(first), content_of(shifted))
    assert {result.outcome for result in applied.report.checks} == {Outcome.PASSED}
    assert applied.stale == ()


@pytest.mark.parametrize("change", [{"picture": "sha256:x"}, {"text": "other words"}, {"label": "mismatch"}])
def test_a_row_that_changes_is_judged_anew(change: dict[str, str]) -> None:
    rows = [ROWS[0], replace(ROWS[1], **change), *ROWS[2:]]
    applied = apply(report(small(3)), known(report(small(3))), content_of(rows))
    assert [result.outcome for result in applied.report.checks] == [Outcome.FAILED]
    assert applied.known == frozenset()
    assert applied.stale == ("train.csv: resolution: a.jpg is resolution",)


def test_another_check_of_the_same_row_is_new() -> None:
    applied = apply(report(small(3), small(3, "paths")), known(report(small(3))), content_of(ROWS))
    assert [result.outcome for result in applied.report.checks] == [Outcome.PASSED, Outcome.FAILED]


def test_one_new_finding_leaves_the_outcome_and_marks_the_others() -> None:
    applied = apply(report(small(3), small(4)), known(report(small(3))), content_of(ROWS))
    assert [result.outcome for result in applied.report.checks] == [Outcome.FAILED]
    assert applied.known == {small(3)}


def test_one_entry_stands_for_one_finding() -> None:
    rows = [ROWS[0], ROWS[0]]
    applied = apply(report(small(2), small(3)), known(report(small(2)), rows), content_of(rows))
    assert len(applied.known) == 1
    assert applied.report.checks[0].outcome is Outcome.FAILED


def test_a_pair_is_the_same_either_way_round() -> None:
    applied = apply(report(same(2, 5)), known(report(same(5, 2))), content_of(ROWS))
    assert applied.known == {same(2, 5)}


def test_a_pair_across_csvs_stays_known_when_both_rows_move() -> None:
    """The other CSV is named ``train:a.csv``, and a picture is named like the row's place in it."""

    def content(sources: dict[str, int]) -> ContentOf:
        """The two rows, each as many lines further down as ``sources`` says."""
        return lambda at: ROWS[0 if at.source == "val.csv" else 1] if at.row == sources[at.source] else None

    def leak(line: int, other: int) -> Finding:
        others = [related("train:a.csv", other, "train:a.csv:4")]
        words = ("a.jpg is the same picture as train:a.csv:4 (", ")")
        made = finding("val.csv", line, "leakage", Severity.CRITICAL, "image_path", "a.jpg", "", "bytes")
        return replace(made, words=words, related=tuple(others))

    before = load(dumps(report(leak(2, 4)), content({"val.csv": 0, "train:a.csv": 2})))
    (entry,) = before.known
    assert entry.pictures == ("sha256:0000", "sha256:0001")
    assert entry.source == "val.csv"
    assert entry.message == "a.jpg is the same picture as train:a.csv:4 (train:a.csv)"
    moved = report(leak(5, 9))
    assert apply(moved, before, content({"val.csv": 3, "train:a.csv": 7})).known == frozenset(moved.findings)


def test_of_several_rows_with_one_leaking_picture_the_new_one_is_named() -> None:
    rows = [Content("sha256:a", text, "match") for text in ("one", "two")] + [ROWS[7]]
    before = known(report(same(3, 4, check="leakage")), rows)
    applied = apply(report(same(2, 4, check="leakage"), same(3, 4, check="leakage")), before, content_of(rows))
    assert applied.known == {same(3, 4, check="leakage")}


def test_pictures_judged_different_are_settled_for_every_check() -> None:
    judged = Baseline(different=((ROWS[0].picture, ROWS[3].picture),))
    both = report(same(5, 2), same(5, 2, check="leakage"))
    applied = apply(both, judged, content_of(ROWS))
    assert {result.outcome for result in applied.report.checks} == {Outcome.PASSED}
    assert applied.stale == ()


def test_equal_bytes_cannot_be_judged_different() -> None:
    judged = Baseline(different=((ROWS[0].picture, ROWS[3].picture),))
    assert apply(report(same(5, 2, "bytes")), judged, content_of(ROWS)).known == frozenset()


def test_a_judged_pair_is_kept_and_not_listed_twice_and_goes_stale() -> None:
    pair = (ROWS[3].picture, ROWS[0].picture)
    again = load(dumps(report(same(5, 2), small(3)), content_of(ROWS), {pair}))
    assert again.different == ((ROWS[0].picture, ROWS[3].picture),)
    assert [entry.check for entry in again.known] == ["resolution"]
    gone = report(also=["duplicate_images", "leakage", "resolution"])
    assert "judged different: sha256:0000 and sha256:0003" in apply(gone, again, content_of(ROWS)).stale
    assert apply(report(also=["leakage"]), again, content_of(ROWS)).stale == ()


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.ERROR])
def test_what_was_not_judged_is_not_stale_and_not_passed(outcome: Outcome) -> None:
    before = known(report(small(3)))
    assert apply(report(), before, content_of(ROWS)).stale == ()
    broken = replace(report(small(3)).checks[0], outcome=outcome, findings=())
    applied = apply(Report("d", SPLITS, (broken,)), before, content_of(ROWS))
    assert applied.report.checks == (broken,)
    assert applied.stale == ()


def version_1(first: Report, rows: Sequence[Content | None] = ROWS) -> Baseline:
    """The same findings in a file as it was written before faults were known."""
    record = json.loads(dumps(first, content_of(rows)))
    for entry in record["known"]:
        del entry["faults"]
        entry["csv"] = entry.pop("source")
    return load(json.dumps(record | {"version": 1}))


def test_a_finding_about_a_whole_csv_is_known_until_it_gets_worse() -> None:
    few = finding("train.csv", None, "row_count", Severity.WARNING, None, None, "the source has 95 pairs")
    few = replace(few, faults=(Fault("expect_table_row_count_to_be_between", None, 95.0, Side.BELOW),))

    def rows(count: int) -> Report:
        fault = replace(few.faults[0], figure=float(count))
        return report(replace(few, words=(f"{count} pairs",), faults=(fault,)), outcome=Outcome.WARNED)

    before = known(report(few, outcome=Outcome.WARNED))
    for count, is_known in ((95, True), (96, True), (94, False), (4, False)):
        assert bool(apply(rows(count), before, content_of(ROWS)).known) is is_known, count
    assert not apply(report(replace(few, place=place("val.csv"))), before, content_of(ROWS)).known


def test_another_or_a_worse_fault_of_a_known_row_is_new() -> None:
    space = Fault("text_problem", "white space at the end")
    small_side = Fault("image_short_side", None, 180.0, Side.BELOW)
    first = replace(small(3), faults=(space, small_side))
    before = known(report(first))
    for faults, is_known in (
        ((space, small_side), True),
        ((small_side, space), True),
        ((small_side,), True),  # one of the two was mended
        ((space, replace(small_side, figure=200.0)), True),
        ((space, replace(small_side, figure=90.0)), False),
        ((Fault("text_problem", "control character; white space at the end"), small_side), False),
        ((space, small_side, Fault("image_contrast", None, 0.001, Side.BELOW)), False),
        ((space, space), False),
        ((), False),
    ):
        applied = apply(report(replace(first, faults=faults)), before, content_of(ROWS))
        assert bool(applied.known) is is_known, faults
        assert bool(applied.stale) is not is_known


def test_entries_of_one_row_that_differ_in_their_fault_alone_stay_apart() -> None:
    faults = [Fault("text_problem", words) for words in ("a", "b")]
    both = report(*(replace(small(3), faults=(fault,)) for fault in faults))
    before = known(both)
    for fault in faults:
        found = replace(small(3), faults=(fault,))
        applied = apply(report(found), before, content_of(ROWS))
        assert applied.known == {found}
        assert len(applied.stale) == 1
    assert apply(both, before, content_of(ROWS)).known == frozenset(both.findings)


def test_a_baseline_of_version_1_knows_no_faults_and_keeps_its_matching() -> None:
    balance = finding("train.csv", None, "label_balance", Severity.WARNING, None, None, "72.1 % of 960 rows match")
    other = replace(balance, words=("70 % of 1,024 rows match",), faults=(Fault("is_match", None, 0.7, Side.ABOVE),))
    before = version_1(report(balance, small(3), outcome=Outcome.WARNED))
    assert before.version == 1
    assert apply(report(other, outcome=Outcome.WARNED), before, content_of(ROWS)).known == {other}
    assert not apply(report(replace(balance, words=("no row is a match",))), before, content_of(ROWS)).known
    assert not apply(report(replace(balance, place=place("val.csv"))), before, content_of(ROWS)).known
    worse = replace(small(3), words=("a.jpg is smaller",), faults=(Fault("image_short_side", None, 9.0, Side.BELOW),))
    assert apply(report(worse), before, content_of(ROWS)).known == {worse}
    again = load(dumps(report(), content_of(ROWS), (), before.known))
    assert (again.version, again.known) == (2, before.known)  # what was not judged anew knows no more than it did


def test_a_row_that_could_not_be_read_is_known_by_its_value() -> None:
    ragged = replace(small(3, "columns"), value="a,b")
    before = known(report(ragged), [None] * 9)
    assert apply(report(replace(ragged, place=place("train.csv", 5))), before, content_of([None] * 9)).known
    assert not apply(report(replace(ragged, value="a")), before, content_of([None] * 9)).known


def test_the_file_is_sorted_one_finding_a_line_and_the_same_again() -> None:
    text = dumps(report(small(4), small(3), same(5, 2)), content_of(ROWS))
    assert text == dumps(report(same(5, 2), small(3), small(4)), content_of(ROWS))
    lines = text.splitlines()
    assert [json.loads(line.rstrip(","))["check"] for line in lines[4:-2]] == [
        "duplicate_images", "resolution", "resolution",
    ]  # fmt: skip
    assert "train.csv:2" not in text
    assert load(dumps(report(), content_of(ROWS))) == Baseline()


def test_huge_and_hostile_texts_stay_short_and_apart() -> None:
    rows = [Content("\udcff.jpg", "x" * 1_000_000 + end, "match\n") for end in ("a", "b\ud800")]
    text = dumps(report(small(2), small(3)), content_of(rows))
    assert len(text.encode()) < 1500
    assert len({entry.key for entry in load(text).known}) == 2


def test_half_a_character_in_a_baseline_is_kept_as_it_is(tmp_path: Path) -> None:
    """Entries of checks that were not judged stay, whatever somebody wrote into them."""
    entry = ENTRY.replace('"message": ""', '"message": "\\\\ \\ud800"') % '"faults": []'
    before = load('{"version": 2, "different": [["a", "\\udfff"]], "known": [' + entry + "]}")
    write_baseline(tmp_path / "known.json", report(), before, content_of(ROWS))
    assert load((tmp_path / "known.json").read_text("utf-8")) == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: is not JSON"),
        ('{\n"version": 1,\n}', "line 3: is not JSON"),
        ("[]", "not a baseline of version 1 or 2"),
        ('{"version": 3}', "not a baseline of version 1 or 2"),
        ('{"version": true}', "not a baseline of version 1 or 2"),
        ('{"version": ' + "1" * 5000 + "}", "holds a number that is too long"),
        ('{"version": 2, "known": [' + ENTRY % '"faults": {}' + "]}", '"faults" is not a list'),
        ('{"version": 2, "known": [' + ENTRY % '"faults": [{}]' + "]}", 'a fault is an object with a "kind"'),
        ('{"version": 2, "known": [' + ENTRY % '"faults": [{"kind": "a", "figure": "9"}]' + "]}", '"figure" a number'),
        ('{"version": 2, "known": [' + ENTRY % '"faults": [{"kind": "a", "figure": NaN}]' + "]}", "holds a number"),
        ("[" * 100_000, "nested too deeply"),
        ('{"version": ' + "9" * 5000 + "}", "holds a number that is too long"),
        ('{"version": 1,\n<<<<<<< HEAD\n', "unfinished merge"),
        ('{"version": 1, "known": {}}', '"known" is not a list'),
        ('{"version": 1, "known": [3]}', '"known", entry 1: is not an object'),
        ('{"version": 1, "known": [{"check": "x"}]}', '"known", entry 1: "text" is missing'),
        ('{"version": 1, "different": [["a"]]}', '"different", entry 1: is not a pair'),
    ],
)
def test_a_broken_file_says_what_is_wrong(text: str, words: str) -> None:
    with pytest.raises(BaselineError, match=words.replace("[", r"\[")):
        load(text)
