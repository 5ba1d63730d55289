from __future__ import annotations

from helpers.tools import RED, finds, passes, skips


def test_labels_compare_trimmed_and_case_insensitively() -> None:
    passes([("a.jpg", RED, "match"), ("a.jpg", RED, " MISMATCH "), ("a.jpg", RED, "Match")], "labels")


def test_other_words_are_found() -> None:
    rows = [("a.jpg", RED, "match"), ("a.jpg", RED, "matching"), ("a.jpg", RED, "1"), ("a.jpg", RED, "null")]
    finds(
        rows,
        "labels",
        {
            3: "'matching' is not a label; did you mean 'match'?",
            4: "'1' is not a label; valid are match, mismatch",
            5: "'null' is not a label; valid are match, mismatch",
        },
    )


def test_the_words_can_be_others() -> None:
    rows = [("a.jpg", RED, "1"), ("a.jpg", RED, "0"), ("a.jpg", RED, "YES")]
    passes(rows, "labels", 'match=["1", "yes"]', 'mismatch=["0"]')
    finds(rows, "labels", {4: "'YES' is not a label; valid are 0, 1"}, 'match=["1"]', 'mismatch=["0"]')


def test_an_empty_label_is_not_judged() -> None:
    passes([("a.jpg", RED, ""), ("a.jpg", RED, "match")], "labels")
    skips([("a.jpg", RED, "")], "labels", "none of the 1 rows could be judged: missing_values reports 1")
