"""What reaches a terminal: linked, complete in its numbers, and unable to do anything to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from helpers.values import finding, place, related
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Report, Severity, SplitSummary
from pytest_clipdata.reports.closing import next_lines, not_judged_lines, summary_table
from pytest_clipdata.reports.terminal import failure_lines, finding_line, header_lines, headline, one_line
from pytest_clipdata.reports.view import View
from pytest_clipdata.reports.visible import visible

SMALL = finding(
    "train.csv", 17, "resolution", Severity.CRITICAL, "image_path", "images/a.jpg",
    "images/a.jpg is 180x240, its short side must be at least 224",
)  # fmt: skip
LEAK = finding(
    "val.csv", 12, "leakage", Severity.CRITICAL, "image_path", "images/a.jpg",
    "images/a.jpg is the same picture as images/b.jpg (train.csv:88), mirrored",
    "perceptual", "mirrored", (related("train.csv", 88, "images/b.jpg"),),
)  # fmt: skip


def row(line: int | None) -> Finding:
    """Another small picture in another line, or none."""
    return replace(SMALL, place=place("train.csv", line), value=f"images/{line}.jpg")


def again(line: int) -> Finding:
    """The small picture in another line."""
    return replace(SMALL, place=place("train.csv", line))


def result(*findings: Finding, outcome: Outcome = Outcome.FAILED, reason: str | None = None) -> CheckResult:
    first = findings[0] if findings else SMALL
    return CheckResult(first.place.source, first.check, first.severity, outcome, 960, len(findings), reason, findings)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[2J\a", "\\x1b[2J\\x07"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\u202egpj.exe", "\\u202egpj.exe"),
        ("\u2066x\u200b\ufeff\u2028", "\\u2066x\\u200b\\ufeff\\u2028"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("\x9b31m", "\\x9b31m"),
        ("Größe 45 – 赤い靴 👟", "Größe 45 – 赤い靴 👟"),
        ("red ##[add-mask]shoe", "red ##\\x5badd-mask]shoe"),
    ],
)
def test_unseen_characters_are_written_out_and_all_others_stay(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@given(st.text(alphabet=st.characters(codec=None), max_size=80))
def test_what_is_shown_is_one_printable_line_that_encodes(text: str) -> None:
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert "\x1b" not in shown
    assert "##[" not in shown
    shown.encode()


def test_a_huge_caption_is_cut_and_counted() -> None:
    shown = visible("x" * 5_000_000)
    assert len(shown) < 700
    assert shown.endswith("… (4,999,400 more characters)")


@pytest.mark.parametrize("prefix", ["datasets", "datasets/"])
def test_the_path_links_from_the_folder_that_the_reader_is_in(prefix: str) -> None:
    view = View(prefix)
    assert finding_line(SMALL, view).startswith("datasets/train.csv:17: resolution: images/a.jpg is 180x240,")
    assert finding_line(row(None), view).startswith("datasets/train.csv: resolution: ")


@pytest.mark.parametrize("prefix", ["", "."])
def test_the_folder_itself_needs_no_prefix(prefix: str) -> None:
    assert finding_line(SMALL, View(prefix)).startswith("train.csv:17: resolution: ")


def test_a_row_named_in_the_words_links_too() -> None:
    line = finding_line(LEAK, View("datasets"))
    assert line.startswith("datasets/val.csv:12: leakage: images/a.jpg is the same picture as images/b.jpg ")
    assert line.endswith(" (datasets/train.csv:88), mirrored")


def test_a_place_is_not_taken_for_a_longer_one_nor_rewritten_twice() -> None:
    others = (related("train.csv", 8, "a"), related("d/train.csv", 8, "b"))
    named = replace(LEAK, words=("(", ") (train.csv:88) (", ")"), related=others)
    assert named.message == "(train.csv:8) (train.csv:88) (d/train.csv:8)"
    assert finding_line(named, View("d")).endswith(": (d/train.csv:8) (train.csv:88) (d/d/train.csv:8)")


@pytest.mark.parametrize("name", ["::error::x.csv", "-rf.csv", "##[error].csv", " ::set-output::.csv"])
def test_a_file_name_is_never_a_command_at_the_start_of_a_line(name: str) -> None:
    line = finding_line(replace(SMALL, place=place(name, 17)), View())
    assert line.startswith("./")
    assert "##[" not in line


def test_at_most_20_are_shown_with_the_total() -> None:
    many = result(*(row(line) for line in range(58, 1, -1)))
    lines = failure_lines(many, View())
    assert [line.split(":")[1] for line in lines[:20]] == [str(line) for line in range(2, 22)]
    assert lines[20].startswith("... 37 more, in all 57 of 960 rows; ")
    assert len(lines) == 21
    assert len(failure_lines(many, View(), limit=None)) == 57
    assert len(failure_lines(many, View(), limit=57)) == 57


def test_findings_that_are_not_rows_are_counted_as_findings() -> None:
    some = result(*(row(line) for line in range(2, 32)))
    assert "in all 30 findings in 12 of 960 rows" in failure_lines(replace(some, unexpected=12), View())[-1]


def test_one_line_and_the_headline_name_the_first_new_finding_and_count_the_rows() -> None:
    some = result(*[row(line) for line in (30, 17, 4)])
    view = View("d", frozenset({row(4)}))
    assert one_line(some, view) == f"d/train.csv:17: resolution: {SMALL.message} (and 1 more)"
    assert headline(some, view) == f"2 of 960 rows; line 17: {SMALL.message}"
    whole = result(replace(row(None), check="row_count", words=("the source has 5 pairs",)))
    assert one_line(whole, View()) == "train.csv: row_count: the source has 5 pairs"
    assert headline(whole, View()) == "the source has 5 pairs"


def test_known_findings_are_counted_not_shown() -> None:
    other = row(30)
    lines = failure_lines(result(SMALL, other), View("", frozenset({SMALL})))
    assert [lines[0].split(": ")[0], *lines[1:]] == ["train.csv:30", "... 1 known from the baseline"]


@pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.ERROR])
def test_a_check_without_a_verdict_says_why(outcome: Outcome) -> None:
    nothing = result(outcome=outcome, reason="no row could be judged\x1b[0m")
    assert failure_lines(nothing, View("d")) == ["d/train.csv: resolution: no row could be judged\\x1b[0m"]


def test_an_error_is_named_beside_the_findings_it_left() -> None:
    lines = failure_lines(result(SMALL, outcome=Outcome.ERROR, reason="the engine stopped"), View())
    assert lines[-1] == "train.csv: resolution: the engine stopped"
    assert len(lines) == 2


def test_the_closing_table_lines_up() -> None:
    splits = (SplitSummary("train.csv", "train", 960, 480, 0.5), SplitSummary("値.csv", "val", 12_345, 7, None))
    splits += (SplitSummary("test.csv", "test", 9, 9, 1.0),)
    checks = (
        result(SMALL, row(18)),
        replace(result(SMALL), check="visibility", severity=Severity.WARNING, outcome=Outcome.WARNED),
        replace(result(outcome=Outcome.ERROR, reason="x"), check="smoke"),
        replace(result(outcome=Outcome.PASSED), source="値.csv"),
    )
    report = Report("datasets", splits, checks)
    assert summary_table([report]) == [
        "dataset datasets",
        "  split  source       rows  images   match  findings",
        "  train  train.csv     960     480   50.0%  resolution 2, smoke could not be judged",
        "                                            warnings: visibility 1",
        "  val    値.csv     12,345       7       -  none",
        "  test   test.csv        9       9  100.0%  not judged",
    ]
    assert summary_table([report], width=70)[2:5] == [
        "  train  train.csv     960     480   50.0%  resolution 2,",
        "                                            smoke could not be judged",
        "                                            warnings: visibility 1",
    ]
    assert summary_table([report], width=50)[1:5] == [
        "  split  source       rows  images   match",
        "  train  train.csv     960     480   50.0%",
        "      resolution 2, smoke could not be judged",
        "      warnings: visibility 1",
    ]


@given(st.integers(1, 200), st.lists(st.sampled_from(["columns", "duplicate_images", "text_style"]), max_size=12))
def test_the_closing_table_is_no_wider_than_the_terminal(width: int, checks: list[str]) -> None:
    split = SplitSummary("train.csv", "train", 960, 480, 0.5)
    results = [replace(result(SMALL), check=f"{check}_{i}", severity=Severity(("critical", "warning")[i % 2]))
               for i, check in enumerate(checks)]  # fmt: skip
    lines = summary_table([Report("d", (split,), tuple(results))], width=width)
    assert all(len(line) <= max(width, 42) for line in lines)
    assert all(any(f"{r.check} 1" in line for line in lines) for r in results)


class Counted(tuple[CheckResult, ...]):
    """Results that count how often somebody goes through them."""

    turns = 0

    def __iter__(self) -> Iterator[CheckResult]:
        self.turns += 1
        return super().__iter__()


def test_the_closing_table_of_many_sources_goes_through_the_results_once() -> None:
    splits = tuple(SplitSummary(f"{i}.csv", f"{i}", 1, 1) for i in range(30))
    results = Counted(replace(result(), source=split.source) for split in splits)
    assert len(summary_table([Report("d", splits, results)])) == 2 + 30
    assert results.turns == 1


def test_findings_of_one_picture_stand_once_with_their_lines() -> None:
    lines = failure_lines(result(SMALL, row(20), again(31), again(18)), View())
    assert lines == [f"train.csv:17: resolution: {SMALL.message} (also lines 18, 31)", finding_line(row(20), View())]
    many = failure_lines(result(*map(again, range(2, 60))), View())
    assert many[0].endswith(" (also lines 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 47 more)")
    assert failure_lines(result(*map(again, range(2, 60))), View(), limit=None)[0].endswith(" 57, 58, 59)")
    other = replace(again(18), words=("images/a.jpg is something else",))
    assert len(failure_lines(result(SMALL, other), View())) == 2
    assert failure_lines(result(SMALL, again(18)), View())[0].endswith(" (also line 18)")


def skipped(source: str, check: str, reason: str) -> CheckResult:
    return CheckResult(source, check, Severity.CRITICAL, Outcome.SKIPPED, 0, 0, reason)


def test_skips_of_one_cause_are_one_line() -> None:
    cause = "no row could be judged: columns reports 7"
    checks = [replace(skipped("a.csv", f"c{i}", cause), blocked_by=("columns",)) for i in range(21)]
    checks += [
        skipped("b.csv", "smoke", "torch is not there"),
        skipped("b.csv", "leakage", "judged on the other splits"),
    ]
    report = Report("data", (), tuple(checks))
    assert not_judged_lines([report]) == [
        "not judged: 21 checks of data/a.csv: columns",
        "not judged: smoke of data/b.csv: torch is not there",
    ]
    both = Report("data", (), (*checks[:2], replace(checks[1], source="c.csv")))
    assert not_judged_lines([both]) == ["not judged: c0, c1 of 2 sources of data: columns"]


def test_what_to_do_next() -> None:
    report = Report("data", (), (result(SMALL, row(20)), replace(result(SMALL), check="paths")))
    nothing = {"report": None, "quarantine": None}
    assert next_lines([report], frozenset(), nothing, 80, {"data": 1, "other": 0}) == [
        "1 of 3 findings can be fixed: clipdata fix data shows how",
        "failed: resolution 2, paths 1",
        "next: clipdata explain resolution says what must hold and why",
        "  or: --clip-report DIR writes a page with the pictures",
        "  or: --clip-quarantine DIR copies the rows that pass",
    ]
    written = {"report": "out", "quarantine": "q"}
    assert len(next_lines([report], frozenset(), written, 80, {})) == 2
    passed = replace(result(SMALL), outcome=Outcome.WARNED)
    assert next_lines([Report("data", (), (passed,))], frozenset(), nothing, 80, {}) == []


def test_the_header_says_root_settings_engine_and_formats() -> None:
    splits = [
        SplitSummary("a.csv", "train", 1, 1),
        SplitSummary("b/c-#.parquet", "val", 0, 2),
        SplitSummary("d", "d", 2, 0),
    ]
    assert header_lines("data", ["."], splits, None, "local") == [
        "clip-dataset: data, image root .",
        "  settings: the defaults; engine: local",
        "  a.csv: train, CSV, 1 row, 1 image",
        "  b/c-#.parquet: val, Parquet, 0 rows, 2 images",
        "  d: d, folder, 2 rows, 0 images",
    ]
