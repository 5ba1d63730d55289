"""The page says what the report says, and nothing in the data can make it do anything else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from helpers import pages
from helpers.values import finding, located

from pytest_clipdata.findings import CheckResult, Outcome, Report, Severity
from pytest_clipdata.images.facts import Limits
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reports.html import render as rendering
from pytest_clipdata.reports.html.about import About, encoded_file, moment, picture_link, url_path
from pytest_clipdata.reports.html.index import Entry, index
from pytest_clipdata.reports.html.profile import SAMPLE, Profile, build_profile, held_findings
from pytest_clipdata.reports.html.render import render
from pytest_clipdata.reports.html.spread import Histogram, LabelShare, Names, charts_of, names
from pytest_clipdata.reports.html.thumbnails import thumbnails
from pytest_clipdata.reports.view import View


def content(page: str) -> Any:
    """The data that the script makes cards of."""
    found = re.findall('<script type="application/json" id="content">(.*?)</script>', page, re.DOTALL)
    assert len(found) == 1
    return json.loads(found[0])


def check(name: str, outcome: Outcome, *findings: Any, severity: Severity = Severity.CRITICAL) -> CheckResult:
    return CheckResult("t.csv", name, severity, outcome, 99, len(findings), None, findings)


def small(line: int, name: str = "resolution", words: str = "is small") -> Any:
    return finding("t.csv", line, name, Severity.CRITICAL, "image_path", f"{line}.jpg", words)


def test_every_value_is_escaped() -> None:
    hostile = pages.HOSTILE
    page = render(
        *pages.hostile(), {(hostile, hostile): b"RIFF"}, View(hostile), pages.hostile_rules(), pages.hostile_about()
    )
    assert page.count("<script") == 2
    assert "<img" not in page
    assert not re.search(r'\s(?:on\w+|style)="', page)
    assert not re.search(r'href="(?!#|data:)', page)
    assert "\u202e" not in page
    page.encode()


@pytest.mark.parametrize(
    ("outcomes", "title"),
    [
        ([], "Nothing was judged"),
        ([Outcome.SKIPPED], "Nothing was judged"),
        ([Outcome.PASSED, Outcome.SKIPPED], "Ready to train"),
        ([Outcome.PASSED, Outcome.WARNED], "Ready to train, with warnings"),
        ([Outcome.WARNED, Outcome.ERROR], "Not judged in full"),
        ([Outcome.ERROR, Outcome.FAILED], "Not ready to train"),
    ],
)
def test_the_first_line_answers_the_question(outcomes: list[Outcome], title: str) -> None:
    checks = tuple(CheckResult("t.csv", f"c{i}", Severity.CRITICAL, o, 1, 0) for i, o in enumerate(outcomes))
    page = render(Report("d", (), checks), Profile(), {}, View())
    assert re.findall("<h1>(.*?)</h1>", page) == [title]


def test_the_failing_checks_are_named_first_by_number_and_no_warning_among_them() -> None:
    many = check(
        "visibility", Outcome.WARNED, *(small(n, "visibility") for n in range(2, 9)), severity=Severity.WARNING
    )
    failing = (
        check("paths", Outcome.FAILED, *(small(n, "paths") for n in (2, 3))),
        check("labels", Outcome.FAILED, *(small(n, "labels") for n in (3, 4, 5))),
    )
    page = render(Report("d", (), (many, *failing)), Profile(), {}, View())
    told = re.findall('<div class="failing">(.*?)</div>', page)
    assert [re.sub("<[^>]+>", " ", words).split() for words in told] == [
        ["2", "checks", "fail:", "labels", "3", "paths", "2"]
    ]
    of_labels = View("", frozenset(failing[1].findings[:2]))
    told = re.findall('<div class="failing">(.*?)</div>', render(Report("d", (), failing), Profile(), {}, of_labels))
    assert re.sub("<[^>]+>", " ", told[0]).split()[3:] == ["paths", "2", "labels", "1"], "what is new is counted"
    warned = render(Report("d", (), (many,)), Profile(), {}, View())
    assert "1 check warns:" in warned


def test_the_page_says_what_was_run_and_by_which_settings() -> None:
    report, _ = pages.dataset(1, ["a.jpg"])
    page = render(report, Profile(), {}, View(), pages.RULES, pages.ABOUT)
    words = " ".join(re.sub("<[^>]+>", " ", page).split())
    assert "datasets/shop · 24 November 2026, 17:33 UTC · pytest-clipdata 0.1.0" in words
    assert "pytest --clip-dataset datasets/shop" in words
    assert "2 settings in force, 1 changed" in words
    assert "resolution.min_side 336 changed" in words
    assert "resolution.severity &quot;critical&quot; </td>" not in words


def test_findings_stand_under_the_manual_page_and_the_limits_of_their_check() -> None:
    page = render(Report("d", (), (check("resolution", Outcome.FAILED, small(2)),)), Profile(), {}, View(), pages.RULES)
    group = re.findall('<details class="group" id="check-resolution" open>.*?</ol></div></details>', page)
    assert len(group) == 1
    for part in (
        "<b><code>min_side = 336</code></b> (changed)",
        "<pre><code>images/small.jpg,a shirt,match</code></pre>",
    ):
        assert part in group[0].replace("&quot;", '"')
    assert "How to fix it" in group[0]
    assert "[resolution]" in group[0]


def test_ten_thousand_findings_stay_under_8_mb(tmp_path: Path) -> None:
    names = [f"images/{i}.jpg" for i in range(2000)]
    report, columns = pages.dataset(10_000, names, rows=12_000)
    profile = build_profile(columns, report)
    heavy = {
        (source, name): bytes([i % 256, i // 256]) * 650 for i, name in enumerate(names) for source in ("train.csv",)
    }
    page = render(report, profile, heavy, View("datasets/shop"), pages.RULES, pages.ABOUT)
    assert sum(map(len, heavy.values())) == 2_600_000
    assert len(page.encode()) < 8_000_000
    assert len(content(page)["findings"]) == len(report.findings) == 10_000
    assert "findings.parquet has them all" not in page


def test_what_the_page_does_not_hold_is_said_and_checks_share_it_fairly() -> None:
    checks = (
        check("a", Outcome.FAILED, *(small(n, "a") for n in range(2, 9))),
        check("b", Outcome.FAILED, small(2, "b")),
    )
    report = Report("d", (), checks)
    assert {name: len(found) for name, found in held_findings(report, limit=4).items()} == {"a": 3, "b": 1}
    known = frozenset(checks[0].findings[:6])
    assert held_findings(report, known, 2)["a"] == [checks[0].findings[6]], "what is new is held first"


def test_long_texts_are_cut_in_number_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering, "BUDGET", 20_000)
    findings = [small(n, words="x" * 500) for n in range(2, 102)]
    page = render(Report("d", (), (check("resolution", Outcome.FAILED, *findings),)), Profile(), {}, View())
    held = len(content(page)["findings"])
    assert 10 < held < 40
    assert f"This page, and so the filter, holds {held} of 100 findings; findings.parquet has them all." in page


def test_a_picture_stands_in_the_page_once_and_the_page_is_the_same_again(tmp_path: Path) -> None:
    first = pages.made(40, tmp_path, drawn=3)
    assert first.count("data:image/webp;base64,") == 3
    assert sum(row["picture"] == 0 for row in content(first)["rows"]) > 1
    assert first == pages.made(40, tmp_path, drawn=3)


def test_a_known_finding_says_so(tmp_path: Path) -> None:
    report, _ = pages.dataset(1, ["a.jpg"])
    page = render(report, Profile(), {}, View("", frozenset(report.findings)))
    assert ">known<" in page
    assert [found["known"] for found in content(page)["findings"]] == [True]
    assert ">known<" not in render(report, Profile(), {}, View())


def test_thumbnails_never_raise_and_keep_their_bounds(tmp_path: Path) -> None:
    good = {name: Blob.of(tmp_path / name) for name in pages.draw(tmp_path, 6)}
    (tmp_path / "bad.jpg").write_bytes((tmp_path / "images/0000.jpg").read_bytes()[:200])
    (tmp_path / "text.jpg").write_text("<svg/>")
    bad = {name: Blob.of(tmp_path / name) for name in ("bad.jpg", "text.jpg", "gone.jpg", "images", "nul\0.jpg")}
    made = thumbnails({**bad, **good}, Limits())
    assert list(made) == list(good)
    assert all(data[:4] == b"RIFF" and data[8:12] == b"WEBP" for data in made.values())
    assert len(thumbnails(good, Limits(), max_count=2)) == 2
    size = len(made["images/0000.jpg"])
    assert 0 < sum(map(len, thumbnails(good, Limits(), max_bytes=2 * size).values())) <= 2 * size
    assert thumbnails(good, Limits(max_pixels=100)) == {}
    assert thumbnails(good, Limits(max_bytes=100)) == {}


def test_the_profile_counts_every_row_that_has_a_value() -> None:
    columns = {
        **located(["t.csv"] * 5 + ["v.csv"], [2, 3, 4, 5, 6, 2]),
        "split": ["train"] * 5 + ["val"],
        "word_count": [3, 4, None, float("nan"), 90, 4],
        "is_match": [True, False, None, True, True, False],
    }
    profile = build_profile(columns, Report("d", ()))
    (words,) = profile.charts
    assert {split: sum(counts) for split, counts in words.counts} == {"train": 3, "val": 1}
    assert isinstance(words, Histogram)
    assert words.edges[0] <= 3
    assert profile.labels == (LabelShare("train", 3, 1, 1), LabelShare("val", 0, 1, 0))
    assert len(profile.samples) == 6


def test_values_over_the_last_edge_are_in_the_last_bin() -> None:
    values = [*range(100)] * 10 + [10_000]
    columns = {**located(["t"] * len(values), range(2, len(values) + 2)), "split": ["train"] * len(values)}
    (words,) = build_profile(columns | {"word_count": values}, Report("d", ())).charts
    assert isinstance(words, Histogram)
    assert words.open_ended
    assert words.edges[-1] <= 110
    assert sum(words.counts[0][1]) == len(values)


def test_the_sample_holds_good_rows_only_and_is_the_same_again() -> None:
    report, columns = pages.dataset(600, ["a.jpg"])
    profile = build_profile(columns, report)
    bad = {finding.place for finding in report.findings}
    assert len(profile.samples) == SAMPLE
    assert not bad & {pair.place for pair in profile.samples}
    assert profile == build_profile(columns, report)
    assert profile.samples != build_profile(columns, report, seed=1).samples


@pytest.mark.parametrize("values", [[0.1, 0.15, 0.3, 0.35, 0.95], [0.05 * i for i in range(20)]])
def test_a_value_at_an_edge_is_in_the_bin_that_starts_there(values: list[float]) -> None:
    columns = {"split": ["train"] * len(values), "image_brightness": values}
    (chart,) = charts_of(columns, ["train"])
    assert isinstance(chart, Histogram)
    (_, counts), edges = chart.counts[0], chart.edges
    told = [sum(low - 1e-9 <= value < high - 1e-9 for value in values) for low, high in pairwise(edges)]
    assert list(counts) == told
    assert sum(counts) == len(values)


def test_names_are_counted_the_most_frequent_first_and_the_rest_together() -> None:
    rows = [("train", f"kind {i:02}") for i in range(11) for _ in range(20 - i)] + [("val", "kind 00"), ("val", None)]
    chart = names("Kinds", "rows", ["train", "val"], rows)
    assert chart is not None
    assert chart.names == (*(f"kind {i:02}" for i in range(8)), "other")
    assert chart.counts == (("train", (20, 19, 18, 17, 16, 15, 14, 13, 12 + 11 + 10)), ("val", (1, *[0] * 8)))
    assert names("Kinds", "rows", ["train"], [("train", None)]) is None


def test_charts_have_a_y_axis() -> None:
    charts = (
        Histogram("Words", "", (0, 1, 2), (("train", (3, 1)),)),
        Names("Format", "", ("jpeg", "png"), (("train", (3, 1)),)),
    )
    page = render(Report("d", ()), Profile(charts), {}, View())
    assert re.findall(r">([\d.]+%)</text>", page) == ["0%", "40%", "80%"] * 2


# --- places, links, dates -------------------------------------------------------------------------------------------


def test_an_editor_opens_the_very_file_whatever_its_name(tmp_path: Path) -> None:
    assert url_path(Path("/data/a b/ü#?%")) == "/data/a%20b/%C3%BC%23%3F%25"
    assert encoded_file("a/b:c?#.csv") == "a/b%3Ac%3F%23.csv"
    assert encoded_file("\udce9.csv") == "%E9.csv"
    assert encoded_file("\ud800.csv").isascii()


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("a.JPG", "../data/a.JPG"),
        ("a b#?.png", "../data/a%20b%23%3F.png"),
        ("javascript:1.webp", "../data/javascript%3A1.webp"),
        ("page.html", None),  # a picture by its bytes, and a page to the browser
        ("page.svg", None),
        ("page.jpg.xhtml", None),
        ("page", None),
    ],
)
def test_only_what_a_browser_shows_as_a_picture_is_linked(name: str, link: str | None) -> None:
    assert picture_link(Path("/work/data") / name, Path("/work/out")) == link


@pytest.mark.parametrize(
    ("epoch", "fixed"), [("0", True), ("1795541580", True), ("", False), ("9" * 30, False), ("-1", False)]
)
def test_the_date_can_be_given(epoch: str, fixed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
    now = moment()
    if fixed:
        assert now == datetime.fromtimestamp(int(epoch), UTC)
    else:
        assert abs((datetime.now(UTC) - now).total_seconds()) < 60


def test_two_runs_differ_in_their_date_alone() -> None:
    report, _ = pages.dataset(9, ["a.jpg"])
    first, second = (
        render(
            report, Profile(), {}, View(), pages.RULES, replace(pages.ABOUT, made=datetime(2026, 1, day, tzinfo=UTC))
        )
        for day in (1, 2)
    )
    assert first != second
    assert first.replace("1 January 2026", "2 January 2026") == second


# --- the index ------------------------------------------------------------------------------------------------------


def test_the_index_names_every_dataset_the_failing_ones_first_and_leads_to_its_page(tmp_path: Path) -> None:
    bad = Report("z", (), (check("labels", Outcome.FAILED, small(2, "labels")),))
    good = Report("a&b", (), (check("labels", Outcome.PASSED),))
    entries = [
        Entry(report, (), tmp_path / folder / "report.html") for report, folder in ((good, "a&b #1"), (bad, "z"))
    ]
    page = index(entries, tmp_path, About(command="pytest"))
    assert "<h1>1 of 2 datasets ready to train</h1>" in page
    assert re.findall('<a href="([^"]+)">([^<]+)<', page) == [
        ("./z/report.html", "z"),
        ("./a%26b%20%231/report.html", "a&amp;b"),
    ]
    assert "Failing: labels" in page
    assert "<script" not in page


def test_what_one_dataset_knows_is_new_in_another(tmp_path: Path) -> None:
    reports = [Report(name, (), (check("labels", Outcome.PASSED, small(2, "labels")),)) for name in "ab"]
    known = [frozenset(reports[0].findings), frozenset()]
    entries = [Entry(report, of, tmp_path / report.dataset) for report, of in zip(reports, known, strict=True)]
    page = index(entries, tmp_path, About())
    assert page.count("Nothing new, 1 known finding<") == 1
    assert page.count("1 finding, 1 known<") == 1
