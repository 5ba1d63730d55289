"""The page in a browser: what its script does, and that nothing in the data can make it do anything else."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from helpers import pages
from helpers.values import finding, located, related

from pytest_clipdata.findings import CheckResult, Outcome, Report, Severity, SplitSummary
from pytest_clipdata.reports.html.profile import Profile, build_profile
from pytest_clipdata.reports.html.render import render
from pytest_clipdata.reports.view import View

OUTPUT = 'document.querySelector("output").textContent'


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


@pytest.fixture
def wide(browser: Any) -> Any:
    """The browser with a wide window."""
    screen(browser, 1280)
    return browser


def screen(browser: Any, width: int) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def visit_made(browser: Any, count: int, folder: Path, drawn: int = 4) -> Report:
    report, columns = pages.dataset(count, pages.draw(folder, drawn))
    visit(browser, pages.page(report, build_profile(columns, report), folder), folder)
    return report


def all_cards(browser: Any) -> list[Any]:
    """The cards of all findings that the filter lets through, each group unfolded."""
    browser.execute_script("for (const group of groups) { group.node.open = true; group.shown = 1e6; draw(group); }")
    return shown(browser)


def choose(browser: Any, name: str, value: str) -> None:
    browser.find_element("css selector", f"select[name={name}] option[value='{value}']").click()


def test_the_filter_finds(wide: Any, tmp_path: Path) -> None:
    report = visit_made(wide, 60, tmp_path)
    assert wide.execute_script(f"return {OUTPUT}") == "60 findings"
    splits = {"train.csv": "train", "val.csv": "val"}
    facts = {
        ("check", "leakage"): lambda f: f.check == "leakage",
        ("split", "val"): lambda f: splits[f.place.source] == "val",
        ("severity", "warning"): lambda f: f.severity is Severity.WARNING,
    }
    for (name, value), holds in facts.items():
        choose(wide, name, value)
        wait_for(wide, f'{OUTPUT} === "{sum(map(holds, report.findings))} of 60 findings"')
        assert all_cards(wide)
        wide.find_element("css selector", "button[type=reset]").click()
        wait_for(wide, f'{OUTPUT} === "60 findings"')
    line = next(finding.place.line for finding in report.findings if finding.place.source == "val.csv")
    box = wide.find_element("name", "text")
    box.send_keys(f"val.csv:{line}")
    wait_for(wide, f'{OUTPUT}.includes(" of 60 ")')
    assert all(f"val.csv:{line}" in card.text for card in all_cards(wide))
    groups = wide.find_elements("css selector", ".group")
    assert 0 < sum(group.is_displayed() for group in groups) < len(groups)
    box.send_keys("no such words")
    wait_for(wide, '!document.getElementById("nothing").hidden')
    assert shown(wide) == []


def test_the_filter_searches_what_is_folded_away(wide: Any, tmp_path: Path) -> None:
    report = visit_made(wide, 600, tmp_path)
    last = [finding for finding in report.findings if finding.check == "visibility"][-1]
    assert str(last.place) not in " ".join(card.text for card in shown(wide))
    wide.find_element("name", "text").send_keys(f"{last.place} visibility")
    wait_for(wide, f'{OUTPUT}.includes(" of 600 ")')
    assert any(str(last.place) in card.text for card in shown(wide))


def test_the_filter_stands_in_the_address_and_comes_back_from_it(wide: Any, tmp_path: Path) -> None:
    visit_made(wide, 60, tmp_path)
    choose(wide, "check", "leakage")
    wide.find_element("name", "text").send_keys("a&b=c d")
    wait_for(wide, 'location.hash.includes("text")')
    address = wide.current_url
    assert unquote(address).endswith("#check=leakage&text=a&b=c+d")
    wide.get("about:blank")
    wide.get(address)
    assert wide.find_element("name", "check").get_attribute("value") == "leakage"
    assert wide.find_element("name", "text").get_attribute("value") == "a&b=c d"
    wide.find_element("css selector", "button[type=reset]").click()
    wait_for(wide, f'location.hash === "" && {OUTPUT} === "60 findings"')
    wide.get(f"{address.split('#')[0]}#check=no_such_check")
    wait_for(wide, f'{OUTPUT} === "60 findings"')


def test_groups_are_folded_and_show_twenty_cards_and_more_when_asked(wide: Any, tmp_path: Path) -> None:
    report, columns = pages.dataset(600, [f"images/{i}.jpg" for i in range(2000)])
    visit(wide, render(report, build_profile(columns, report), {}, View("d")), tmp_path)
    folded = wide.execute_script("return groups.map(({ node, list }) => [node.open, list.childElementCount])")
    assert folded[0] == [True, 20]
    assert {tuple(rest) for rest in folded[1:]} == {(False, 0)}
    link = wide.find_element("css selector", ".failing li:nth-child(2) a")
    link.click()
    wait_for(wide, "groups[1].node.open && groups[1].list.childElementCount === 20")
    more = wide.find_elements("css selector", ".more")[1]
    more.click()
    wait_for(wide, "groups[1].list.childElementCount === 40")
    assert wide.execute_script("return document.activeElement === groups[1].list.children[20]")
    while more.is_displayed():
        more.click()
    assert wide.execute_script("return groups[1].list.childElementCount === groups[1].cases.length")


def test_a_link_into_a_group_that_the_filter_hides_shows_it(wide: Any, tmp_path: Path) -> None:
    visit_made(wide, 60, tmp_path)
    choose(wide, "check", "leakage")
    wait_for(wide, f'{OUTPUT}.includes(" of 60 ")')
    wide.execute_script("location.hash = 'check-visibility'")
    wait_for(wide, 'document.getElementById("check-visibility").open')
    assert wide.find_element("id", "check-visibility").is_displayed()


def test_the_lines_shown_are_copied_and_downloaded(wide: Any, tmp_path: Path) -> None:
    report = visit_made(wide, 60, tmp_path)
    choose(wide, "check", "leakage")
    wait_for(wide, f'{OUTPUT}.includes(" of 60 ")')
    named = View("datasets/shop")
    told = [f"{named.place(f.place)}: leakage: {named.message(f)}" for f in report.findings if f.check == "leakage"]
    assert wide.execute_script("return lines()").splitlines() == told
    (tmp_path / "down").mkdir()
    wide.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path / "down")})
    wide.find_element("name", "download").click()
    path = tmp_path / "down/findings.txt"
    wait_for(wide, f'{OUTPUT}.startsWith("Downloaded {len(told)} ")')
    for _ in range(100):
        if path.exists():
            break
        wait_for(wide, "new Promise((done) => setTimeout(() => done(true), 30))")
    assert path.read_text("utf-8").splitlines() == told
    wide.find_element("name", "copy").click()
    wait_for(wide, f'{OUTPUT}.startsWith("Copied {len(told)} ")')
    assert wide.get_log("browser") == []


def test_a_picture_opens_large_with_its_file_and_closes_by_the_keyboard(wide: Any, tmp_path: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    visit_made(wide, 15, tmp_path)
    thumbs = wide.find_elements("css selector", ".group button.thumb")
    thumbs[0].send_keys(Keys.ENTER)
    large = wide.find_element("id", "large")
    assert large.is_displayed()
    assert large.find_element("tag name", "img").size["height"] > 300
    first = large.find_element("link text", "Open the file").get_attribute("href")
    assert re.search(r"/data/images/\d{4}\.jpg$", first)
    large.find_element("tag name", "button").send_keys(Keys.ARROW_RIGHT)
    assert wide.execute_script("return document.activeElement.closest('#large') !== null")
    assert wide.execute_script("return large.opener === document.querySelectorAll('.group button.thumb')[1]")
    wide.switch_to.active_element.send_keys(Keys.ESCAPE)
    wait_for(wide, "!large.open")
    wait_for(wide, "document.activeElement === large.opener")  # the event of closing comes a moment after


def case_page(findings: list[Any], rows: int = 60) -> str:
    columns: dict[str, list[Any]] = {**located(["t.csv"] * rows, range(2, rows + 2)), "split": ["train"] * rows}
    columns |= {"image_path": [f"{i}.jpg" for i in range(rows)], "text": [f"text {i}" for i in range(rows)]}
    columns["label"] = ["match"] * rows
    checks = tuple(
        CheckResult(
            "t.csv",
            name,
            Severity.CRITICAL,
            Outcome.FAILED,
            rows,
            1,
            None,
            tuple(f for f in findings if f.check == name),
        )
        for name in dict.fromkeys(found.check for found in findings)
    )
    report = Report("d", (SplitSummary("t.csv", "train", rows, rows),), checks)
    return render(report, build_profile(columns, report), {}, View("d"), about=pages.ABOUT)


def copy_of(line: int, other: int, name: str = "duplicate_images") -> Any:
    words = f"{line}.jpg is the same picture as {other}.jpg (t.csv:{other})"
    others = [related("t.csv", other, f"{other}.jpg")]
    return finding("t.csv", line, name, Severity.CRITICAL, "image_path", f"{line}.jpg", words, related=others)


def test_a_cluster_is_one_card_with_all_its_rows(wide: Any, tmp_path: Path) -> None:
    cluster = [copy_of(line, 2) for line in range(3, 33)]
    pair = [copy_of(41, 40, "contradictions"), copy_of(40, 41, "contradictions")]
    visit(wide, case_page([*cluster, *pair]), tmp_path)
    first, second = shown(wide)
    assert first.get_attribute("data-check") == "duplicate_images"
    assert len(first.find_elements("css selector", ".side")) == 8
    assert [code.text for code in second.find_elements("css selector", ".side .place")] == ["d/t.csv:40", "d/t.csv:41"]
    first.find_element("css selector", "button.rest").click()
    whole = shown(wide)[0]
    places = [code.text for code in whole.find_elements("css selector", ".side .place")]
    assert places == [f"d/t.csv:{line}" for line in range(2, 33)]
    assert wide.execute_script(f"return {OUTPUT}") == "32 findings"


def test_a_place_opens_in_the_editor_and_never_breaks(browser: Any, tmp_path: Path) -> None:
    screen(browser, 390)
    odd = finding("a b/ü#?.csv", 269, "labels", Severity.CRITICAL, "label", "x", "is wrong")
    check = CheckResult("a b/ü#?.csv", "labels", Severity.CRITICAL, Outcome.FAILED, 1, 1, None, (odd,))
    visit(
        browser,
        render(Report("d", (), (check,)), Profile(), {}, View("some/deep/folder/of/data/sets"), about=pages.ABOUT),
        tmp_path,
    )
    (place,) = browser.find_elements("css selector", "a.place")
    assert place.get_attribute("href") == "vscode://file/data/datasets/shop/a%20b/%C3%BC%23%3F.csv:269"
    name = place.find_element("css selector", ".whole")
    assert name.text == "ü#?.csv:269"
    assert browser.execute_script("return arguments[0].getClientRects().length", name) == 1
    assert place.size["height"] > name.size["height"], "the folders before it may break"


def test_ten_thousand_findings_open_in_two_seconds(wide: Any, tmp_path: Path) -> None:
    report, columns = pages.dataset(10_000, [f"images/{i}.jpg" for i in range(2000)], rows=12_000)
    visit(wide, render(report, build_profile(columns, report), {}, View("d"), pages.RULES, pages.ABOUT), tmp_path)
    assert wide.execute_script("return performance.getEntriesByType('navigation')[0].loadEventEnd") < 2000
    assert wide.execute_script("return document.querySelectorAll('.card').length") <= 50
    took = "const before = performance.now(); form.elements.text.value = 'red shoe val.csv'; apply();"
    assert wide.execute_script(f"{took} document.body.offsetHeight; return performance.now() - before") < 1000


def test_nothing_is_asked_of_a_network_and_the_console_is_empty(wide: Any, tmp_path: Path) -> None:
    visit_made(wide, 30, tmp_path)
    assert wide.execute_script("return document.querySelectorAll('img').length") > 20
    urls = re.findall(r'"url":"([^"]+)"', "".join(entry["message"] for entry in wide.get_log("performance")))
    assert {url.split(":")[0] for url in urls} <= {"file", "data", "about"}
    assert urls
    assert wide.get_log("browser") == []


def test_what_the_data_bring_does_not_run(wide: Any, tmp_path: Path) -> None:
    view = View(pages.HOSTILE)
    visit(wide, render(*pages.hostile(), {}, view, pages.hostile_rules(), pages.hostile_about()), tmp_path)
    assert wide.title.startswith("</style></script>"), "the title is still the data set's name"
    assert len(shown(wide)) == 1
    assert wide.execute_script("return document.querySelectorAll('img, a[href^=javascript]').length") == 0
    assert wide.execute_script("return document.scripts.length") == 2
    assert wide.get_log("browser") == []


def test_the_policy_stops_a_script_that_got_in(wide: Any, tmp_path: Path) -> None:
    page = render(Report("d", ()), Profile(), {}, View())
    evil = "<script>document.title = 'pwned'</script><img src=x onerror=\"document.title = 'pwned'\"></main>"
    visit(wide, page.replace("</main>", evil), tmp_path)
    assert wide.title == "d: Nothing was judged"


@pytest.mark.parametrize("count", [0, 20])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_fits_the_screen(browser: Any, tmp_path: Path, width: int, count: int) -> None:
    screen(browser, width)
    visit_made(browser, count, tmp_path)
    all_cards(browser)
    browser.execute_script("for (const folded of document.querySelectorAll('details')) folded.open = true")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1280])
def test_what_the_data_bring_fits_the_screen(browser: Any, tmp_path: Path, width: int) -> None:
    screen(browser, width)
    view = View(pages.HOSTILE)
    visit(browser, render(*pages.hostile(), {}, view, pages.hostile_rules(), pages.hostile_about()), tmp_path)
    browser.execute_script("for (const folded of document.querySelectorAll('details')) folded.open = true")
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


def test_every_control_and_picture_has_a_name(wide: Any, tmp_path: Path) -> None:
    visit_made(wide, 20, tmp_path)
    wide.find_element("css selector", "button.thumb").click()
    for _ in range(2):  # the open picture hides the rest of the page from a screen reader
        nodes = wide.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        roles = {"link", "button", "combobox", "searchbox", "image", "img", "search", "dialog", "navigation"}
        named = [node for node in nodes if node.get("role", {}).get("value") in roles and not node.get("ignored")]
        assert [node for node in named if not node.get("name", {}).get("value")] == []
        wide.execute_script("large.close()")
    assert len(named) > 20


def test_without_its_script_the_page_has_the_first_findings_as_lines(wide: Any, tmp_path: Path) -> None:
    wide.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        report = visit_made(wide, 20, tmp_path)
    finally:
        wide.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    lines = wide.find_elements("css selector", ".group .lines li")
    assert len(lines) == len(report.findings)
    assert not wide.find_element("id", "filter").is_displayed()
