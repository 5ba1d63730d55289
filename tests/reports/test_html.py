"""The page says what the report says, and nothing in the data can make it do anything else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from helpers import pages
from helpers.values import finding, located, place

from pytest_clipdata.findings import CheckResult, Outcome, Report, Severity, SplitSummary
from pytest_clipdata.images.facts import Limits
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reports.html.profile import LIMIT, SAMPLE, Histogram, LabelShare, Pair, Profile, build_profile
from pytest_clipdata.reports.html.render import render
from pytest_clipdata.reports.html.thumbnails import thumbnails
from pytest_clipdata.reports.view import View

HOSTILE = (
    """</style></script><script>document.title = "pwned"</script><img src=x onerror="document.title='pwned'">"""
    """ '"><a href="javascript:document.title=1">x</a> \u202e\x1b\ud800"""
)


def hostile() -> tuple[Report, Profile]:
    found = finding(HOSTILE, 2, "resolution", Severity.CRITICAL, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    check = CheckResult(HOSTILE, "resolution", Severity.CRITICAL, Outcome.FAILED, 9, 1, HOSTILE, (found,))
    report = Report(HOSTILE, (SplitSummary(HOSTILE, HOSTILE, 9, 9, 0.5),), (check,))
    pair = Pair(place(HOSTILE, 2), HOSTILE, HOSTILE, HOSTILE)
    chart = Histogram("Words", "words", (0.0, 1.0), ((HOSTILE, (3,)),))
    return report, Profile((chart,), (LabelShare(HOSTILE, 1, 1),), (replace(pair, place=place(HOSTILE, 3)),), (pair,))


def test_every_value_is_escaped() -> None:
    page = render(*hostile(), {(HOSTILE, HOSTILE): b"RIFF"}, View(HOSTILE))
    assert page.count("<script>") == 1
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


def test_a_thousand_findings_stay_under_5_mb_and_the_cut_is_stated(tmp_path: Path) -> None:
    report, columns = pages.dataset(1000, pages.draw(tmp_path, 300, grain=120))
    page = pages.page(report, build_profile(columns, report), tmp_path)
    assert len(page.encode()) < 5_000_000
    totals = {check: sum(f.check == check for f in report.findings) for check in {f.check for f in report.findings}}
    assert page.count("data-check=") == sum(min(LIMIT, total) for total in totals.values())
    for total in totals.values():
        assert (f"The first {LIMIT} of {total};" in page) == (total > LIMIT)


def test_a_picture_stands_in_the_page_once_and_the_page_is_the_same_again(tmp_path: Path) -> None:
    first = pages.made(40, tmp_path, drawn=3)
    assert first.count("data:image/webp") == 3
    assert first.count('href="#p0"') > 1
    assert first == pages.made(40, tmp_path, drawn=3)


def test_a_known_finding_says_so(tmp_path: Path) -> None:
    report, _ = pages.dataset(1, ["a.jpg"])
    assert ">known<" in render(report, Profile(), {}, View("", frozenset(report.findings)))
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
    (words,) = profile.histograms
    assert {split: sum(counts) for split, counts in words.counts} == {"train": 3, "val": 1}
    assert words.edges[0] <= 3
    assert profile.labels == (LabelShare("train", 3, 1, 1), LabelShare("val", 0, 1, 0))
    assert len(profile.samples) == 6


def test_values_over_the_last_edge_are_in_the_last_bin() -> None:
    values = [*range(100)] * 10 + [10_000]
    columns = {**located(["t"] * len(values), range(2, len(values) + 2)), "split": ["train"] * len(values)}
    (words,) = build_profile(columns | {"word_count": values}, Report("d", ())).histograms
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


# The page in a browser.


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("chromium or chromedriver is not installed")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    switches = "headless no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
    for switch in (*switches.split(), "disable-component-update", "disable-sync"):
        options.add_argument(f"--{switch}")
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    made = webdriver.Chrome(options=options, service=Service(driver))
    yield made
    made.quit()


def visit(browser: Any, page: str, folder: Path) -> None:
    path = folder / "report.html"
    path.write_text(page, "utf-8")
    browser.get_log("performance")
    browser.get_log("browser")
    browser.get(path.as_uri())


def shown(browser: Any) -> list[Any]:
    return [card for card in browser.find_elements("css selector", "[data-check]") if card.is_displayed()]


def wait_for(browser: Any, script: str) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 5, 0.05).until(lambda found: found.execute_script(f"return {script}"))


def test_the_filter_finds(browser: Any, tmp_path: Path) -> None:
    report, columns = pages.dataset(60, pages.draw(tmp_path, 4))
    visit(browser, pages.page(report, build_profile(columns, report), tmp_path), tmp_path)
    assert len(shown(browser)) == 60
    for name, value in (("check", "leakage"), ("split", "val"), ("severity", "warning")):
        browser.find_element("css selector", f"select[name={name}] option[value={value}]").click()
        wait_for(browser, 'document.querySelector("output").textContent.includes(" of 60 ")')
        cards = shown(browser)
        assert 0 < len(cards) < 60
        assert {card.get_attribute(f"data-{name}") for card in cards} == {value}
        browser.find_element("css selector", "button[type=reset]").click()
        wait_for(browser, 'document.querySelector("output").textContent === "60 findings shown"')
    line = next(finding.place.line for finding in report.findings if finding.place.source == "val.csv")
    box = browser.find_element("name", "text")
    box.send_keys(f"val.csv:{line}")
    wait_for(browser, 'document.querySelector("output").textContent.includes(" of 60 ")')
    assert all(f"val.csv:{line}" in card.text for card in shown(browser))
    groups = browser.find_elements("css selector", ".group")
    assert sum(group.is_displayed() for group in groups) < len(groups)
    box.send_keys("no such words")
    wait_for(browser, '!document.getElementById("nothing").hidden')
    assert shown(browser) == []


def test_nothing_is_asked_of_a_network_and_the_console_is_empty(browser: Any, tmp_path: Path) -> None:
    visit(browser, pages.made(30, tmp_path), tmp_path)
    assert browser.execute_script("return document.querySelectorAll('use').length") > 30
    urls = re.findall(r'"url":"([^"]+)"', "".join(entry["message"] for entry in browser.get_log("performance")))
    assert {url.split(":")[0] for url in urls} <= {"file", "data", "about"}
    assert urls
    assert browser.get_log("browser") == []


def test_what_the_data_bring_does_not_run(browser: Any, tmp_path: Path) -> None:
    report, profile = hostile()
    visit(browser, render(report, profile, {}, View()), tmp_path)
    assert browser.title.startswith("</style></script>"), "the title is still the data set's name"
    assert browser.execute_script("return document.querySelectorAll('img, a[href^=javascript]').length") == 0
    assert browser.get_log("browser") == []


def test_the_policy_stops_a_script_that_got_in(browser: Any, tmp_path: Path) -> None:
    page = render(Report("d", ()), Profile(), {}, View())
    evil = "<script>document.title = 'pwned'</script><img src=x onerror=\"document.title = 'pwned'\"></main>"
    visit(browser, page.replace("</main>", evil), tmp_path)
    assert browser.title == "d: Nothing was judged"


@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_the_screen(browser: Any, tmp_path: Path, width: int) -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500},
    )
    visit(browser, pages.made(20, tmp_path), tmp_path)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    report, profile = hostile()
    visit(browser, render(report, profile, {}, View()), tmp_path)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_every_control_and_picture_has_a_name(browser: Any, tmp_path: Path) -> None:
    visit(browser, pages.made(20, tmp_path), tmp_path)
    nodes = browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = {"link", "button", "combobox", "searchbox", "image", "img", "search"}
    named = [node for node in nodes if node.get("role", {}).get("value") in roles and not node.get("ignored")]
    assert len(named) > 20
    assert [node for node in named if not node.get("name", {}).get("value")] == []
