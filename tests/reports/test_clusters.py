"""Which findings are one case: an oracle that joins what shares a row until nothing changes."""

from __future__ import annotations

from helpers.values import finding, place, related
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.findings import Finding, Severity
from pytest_clipdata.reports.html.clusters import Case, cases


def copy_of(line: int, other: int) -> Finding:
    words = f"the same as b.jpg (t.csv:{other})"
    others = [related("t.csv", other, "b.jpg")]
    return finding("t.csv", line, "leakage", Severity.CRITICAL, "image_path", f"{line}.jpg", words, related=others)


def alone(line: int, value: str, words: str = "is small", column: str = "image_path") -> Finding:
    return finding("t.csv", line, "resolution", Severity.CRITICAL, column, value, words)


def joined(pairs: list[tuple[int, int]]) -> set[frozenset[int]]:
    groups = [{*pair} for pair in pairs]
    merged = True
    while merged:
        merged = False
        for one in groups:
            for other in groups:
                if one is not other and one & other:
                    one |= other
                    groups.remove(other)
                    merged = True
                    break
            if merged:
                break
    return {frozenset(group) for group in groups}


@given(st.lists(st.tuples(st.integers(2, 30), st.integers(2, 30)).filter(lambda pair: pair[0] != pair[1]), max_size=25))
def test_what_names_one_another_is_one_case(pairs: list[tuple[int, int]]) -> None:
    pairs = list(dict(pairs).items())
    findings = [copy_of(*pair) for pair in pairs]
    found = cases(findings)
    assert {frozenset(at.line for at in case.rows) for case in found} == joined(pairs)
    assert sorted(f.place.line for case in found for f in case.findings) == sorted(line for line, _ in pairs)
    assert [case.findings[0] for case in found] == sorted((c.findings[0] for c in found), key=findings.index)


def test_what_was_there_first_comes_before_its_copies() -> None:
    (case,) = cases([copy_of(3, 9), copy_of(5, 9)])
    assert [at.line for at in case.rows] == [9, 3, 5]


def test_a_contradiction_is_one_case_of_both_rows() -> None:
    findings = (copy_of(7, 3), copy_of(3, 7))
    assert cases(findings) == [Case(findings, (place("t.csv", 3), place("t.csv", 7)))]


def test_one_picture_of_several_rows_is_one_case_and_other_words_another() -> None:
    same = [alone(2, "a.jpg"), alone(3, "a.jpg")]
    found = cases([*same, alone(4, "b.jpg"), alone(5, "a.jpg", "is wide"), alone(6, "x", column="label"),
                   alone(7, "x", column="label")])  # fmt: skip
    assert [[f.place.line for f in case.findings] for case in found] == [[2, 3], [4], [5], [6], [7]]
    assert [case.one_picture for case in found] == [True, True, True, False, False]


def test_what_is_said_of_whole_sources_stands_alone() -> None:
    whole = [finding(name, None, "row_count", Severity.CRITICAL, None, None, "few") for name in ("a.csv", "b.csv")]
    assert [case.rows for case in cases(whole)] == [(place("a.csv"),), (place("b.csv"),)]


def test_a_million_copies_of_one_picture_are_no_deep_chain() -> None:
    (case,) = cases([copy_of(line, line - 1) for line in range(3, 50_000)])
    assert len(case.rows) == 49_998
