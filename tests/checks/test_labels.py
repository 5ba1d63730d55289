from __future__ import annotations

from collections.abc import Collection

import pytest
from helpers.tools import RED, finds, judge, passes, skips

from pytest_clipdata.facts import of_sources
from pytest_clipdata.findings import Outcome, Severity
from pytest_clipdata.settings.labels import is_strange


def test_labels_compare_trimmed_and_case_insensitively() -> None:
    passes([("a.jpg", RED, "Match"), ("a.jpg", RED, "Match"), ("a.jpg", RED, "\tMISMATCH ")], "labels")


def test_mixed_spellings_are_one_warning() -> None:
    rows = [("a.jpg", RED, label) for label in ("match", "Match", "mismatch", "match", "MATCH", "mismatch")]
    (result,) = judge(rows, "labels").values()
    (finding,) = result.findings
    assert finding.place.line is None
    assert finding.message == "a label is spelled in several ways: 'MATCH', 'Match', 'match'"
    assert (result.outcome, finding.severity) == (Outcome.WARNED, Severity.WARNING)
    (strict,) = judge(rows, "labels", strict=True).values()
    assert strict.outcome is Outcome.FAILED
    (wrong,) = judge([*rows, ("a.jpg", RED, "?")], "labels").values()
    assert wrong.outcome is Outcome.FAILED
    assert [(finding.place.line, finding.severity) for finding in wrong.findings] == [
        (None, "warning"),
        (8, "critical"),
    ]


@pytest.mark.parametrize(
    "label",
    [
        *("mismatch\x1f", "\x1cmatch", "match\u2028", "mi\u017fmatch", "match\x0b", "match\xa0"),
        *("\u3000match", "ma\u0442ch", "match\u200b"),
        *("\ufeffmatch", "match\x85", "ｍａｔｃｈ", "match\n", "ma tch", "match\u0301"),
    ],
)
def test_what_only_looks_like_a_label_is_wrong(label: str) -> None:
    (result,) = judge([("a.jpg", RED, "match"), ("a.jpg", RED, label)], "labels").values()
    assert result.outcome is Outcome.FAILED
    (finding,) = result.findings
    assert finding.place.row == 1
    assert "is not a label; did you mean" in finding.message


def test_a_look_alike_of_k_is_no_k() -> None:
    rows = [("a.jpg", RED, "OK"), ("a.jpg", RED, "o\u212a")]
    finds(rows, "labels", {3: r"'o\u212a' is not a label; did you mean 'ok'?"}, 'match=["ok"]')


def test_other_words_are_found() -> None:
    """An unknown word that is no slip says which words there are, how often, and how to map them."""
    rows = [("a.jpg", RED, "match"), ("a.jpg", RED, "matching"), ("a.jpg", RED, "1"), ("a.jpg", RED, "null")]
    there = "the labels are '1' (1), 'match' (1), 'matching' (1), 'null' (1)"
    there += '; your own words go into clipdata.toml: labels = {match = ["match"'
    finds(
        rows,
        "labels",
        {
            3: "'matching' is not a label; did you mean 'match'?",
            4: f'\'1\' is not a label; valid are match, mismatch; {there}, "1"], mismatch = ["mismatch"]}}',
            5: "'null' is not a label; valid are match, mismatch",
        },
    )


def test_the_words_can_be_others() -> None:
    rows = [("a.jpg", RED, "1"), ("a.jpg", RED, "0"), ("a.jpg", RED, "YES"), ("a.jpg", RED, "1")]
    passes(rows, "labels", 'match=["1", "yes"]', 'mismatch=["0"]')
    words = "'YES' is not a label; valid are 0, 1; the labels are '1' (2), '0' (1), 'YES' (1)"
    words += '; your own words go into clipdata.toml: labels = {match = ["1", "yes"], mismatch = ["0"]}'
    finds(rows, "labels", {4: words}, 'match=["1"]', 'mismatch=["0"]')


def test_words_that_read_like_a_proposal_are_words() -> None:
    """Whether a label is a slip is asked of the words themselves, not of a sentence that holds them."""
    words = "'1' is not a label; valid are did you mean, mismatch; the labels are '1' (1); your own words go into"
    words += ' clipdata.toml: labels = {match = ["did you mean", "1"], mismatch = ["mismatch"]}'
    finds([("a.jpg", RED, "1")], "labels", {2: words}, 'match=["did you mean"]')


def test_of_many_strange_labels_the_first_alone_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(label: str, words: Collection[str]) -> bool:
        asked.append(label)
        return is_strange(label, words)

    monkeypatch.setattr(of_sources, "is_strange", counted)
    rows = [("a.jpg", RED, label) for label in ("match", "macth", *(str(n) for n in range(50)))]
    results = judge(rows, "labels")
    counts = [finding.place.line for finding in results["train.csv"].findings if "the labels are" in finding.message]
    assert (asked, counts) == (["match", "macth", "0"], [4])


def test_an_empty_label_is_not_judged() -> None:
    passes([("a.jpg", RED, ""), ("a.jpg", RED, "match")], "labels")
    skips([("a.jpg", RED, "")], "labels", "no row could be judged: missing_values reports 1")
