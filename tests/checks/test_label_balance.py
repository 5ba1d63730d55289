from __future__ import annotations

import pytest
from helpers.tools import RED, finds, passes, skips


def rows(match: int, mismatch: int) -> list[tuple[str, str, str]]:
    return [("a.jpg", RED, "match")] * match + [("a.jpg", RED, "mismatch")] * mismatch


@pytest.mark.parametrize(("match", "mismatch"), [(4, 6), (6, 4), (1, 1)])
def test_the_borders_are_inside(match: int, mismatch: int) -> None:
    passes(rows(match, mismatch), "label_balance")


def test_too_many_of_one_label() -> None:
    finds(rows(61, 39), "label_balance", {None: "61.0% of the rows are match, it should be 40% to 60%"})
    finds(rows(0, 3), "label_balance", {None: "0.0% of the rows are match, it should be 40% to 60%"})


def test_the_bounds_are_settings_and_critical_fails() -> None:
    passes(rows(9, 1), "label_balance", "max=0.9")
    result = finds(
        rows(9, 1),
        "label_balance",
        {None: "90.0% of the rows are match, it should be 40% to 60%"},
        "severity=critical",
    )["train.csv"]
    assert (str(result.outcome), result.findings[0].place.line, result.unexpected) == ("failed", None, 1)


def test_unknown_labels_do_not_count() -> None:
    passes([*rows(1, 1), ("a.jpg", RED, "maybe"), ("a.jpg", RED, "")], "label_balance")
    skips([("a.jpg", RED, "maybe")], "label_balance", "no row could be judged: labels reports 1")
