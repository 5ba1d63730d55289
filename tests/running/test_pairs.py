"""Sources without labels: every row is a match, and what needs labels is no item."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.drawn import encoded, photo
from helpers.tools import BLUE, RED, open_run, write

from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.findings import Outcome
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.running.told import told_before
from pytest_clipdata.smoke.shuffled import with_mismatches
from pytest_clipdata.smoke.values import Pair

OF_LABELS = {"labels", "label_balance", "contradictions", "shortcuts"}


def pairs(count: int) -> str:
    return "filepath,title\n" + "".join(f"a.jpg,{RED} number {number}\n" for number in range(count))


def test_four_checks_of_labels_are_no_items_and_the_header_says_why(tmp_path: Path) -> None:
    write(tmp_path, {"train.csv": pairs(8), "val.csv": pairs(2)})
    run = open_run(tmp_path)
    labelled = [check_id for check_id, check in REGISTRY.items() if check.wanted(run.options)]
    assert run.check_ids("train.csv") == run.check_ids() == [name for name in labelled if name not in OF_LABELS]
    assert "  image_path is 'filepath', text is 'title'; no label column: every row is a match" in told_before(run)
    assert [split.match_share for split in run.splits] == [None, None]
    write(
        tmp_path,
        {"train.csv": pairs(8).replace("title", "title,label").replace("\n", ",match\n").replace("l,match", "l", 1)},
    )
    other = open_run(tmp_path, "labels.required=false")
    assert {*other.check_ids("train.csv")} >= OF_LABELS
    assert not OF_LABELS & {*other.check_ids("val.csv")}
    assert {*other.check_ids()} >= OF_LABELS


def test_split_ratio_looks_at_the_numbers_of_rows_alone(tmp_path: Path) -> None:
    for train, words in (
        (8, []),
        (1, ["the training split holds 33.3% of the dataset's rows, it should hold 70% to 90%"]),
    ):
        write(tmp_path, {"train.csv": pairs(train), "val.csv": pairs(2)})
        result = open_run(tmp_path).result("train.csv", "split_ratio")
        assert [finding.message for finding in result.findings] == words


def test_labels_of_one_split_are_not_compared_with_none(tmp_path: Path) -> None:
    half = "filepath,title,label\n" + "".join(f"a.jpg,{RED} {i},{'mis' * (i % 2)}match\n" for i in range(8))
    write(tmp_path, {"train.csv": half, "val.csv": pairs(2)})
    result = open_run(tmp_path, "labels.required=false").result("train.csv", "split_ratio")
    assert result.outcome is Outcome.PASSED


def test_the_facts_of_pairs_are_those_of_matches(tmp_path: Path) -> None:
    write(tmp_path, {"train.csv": pairs(2)}, {"a.jpg": encoded(photo(1, (256, 256)))})
    run = open_run(tmp_path, 'labels.match=["ja"]', "labels.required=false")
    run.want_facts()
    table = run.table("train.csv", max(run.needs(check) for check in run.check_ids()))
    assert list(table.columns(("label", "label_norm", "is_match"))) == [("match", "match", 1)] * 2
    assert run.result("train.csv", "missing_values").outcome is Outcome.PASSED


def test_a_caption_that_stands_in_both_splits_is_found_as_of_matches(tmp_path: Path) -> None:
    write(tmp_path, {"train.csv": f"filepath,title\na.jpg,{BLUE}\n", "val.csv": f"filepath,title\nb.jpg,{BLUE}\n"})
    result = open_run(tmp_path).result("val.csv", "text_leakage")
    assert len(result.findings) == 1


@pytest.mark.parametrize(
    ("column", "rows", "share"),
    [("is_match", "10", 0.5), ("match", "0001", 0.25), ("is_match", ["True", "False"], 0.5)],
)
def test_numbers_are_labels_under_their_names(column: str, rows: list[str], share: float, tmp_path: Path) -> None:
    lines = "".join(f"a.jpg,{RED} {number},{label}\n" for number, label in enumerate(rows))
    write(tmp_path, {"train.csv": f"image_path,text,{column}\n{lines}"})
    run = open_run(tmp_path)
    assert run.result("train.csv", "labels").outcome is Outcome.PASSED
    assert [split.match_share for split in run.splits] == [share]


def test_numbers_among_words_are_no_labels(tmp_path: Path) -> None:
    write(tmp_path, {"train.csv": f"image_path,text,is_match\na.jpg,{RED},1\na.jpg,{BLUE},mismatch\n"})
    (finding,) = open_run(tmp_path).result("train.csv", "labels").findings
    assert finding.message.startswith("'1' is not a label")


def made(count: int, texts: int) -> list[Pair]:
    return [Pair(i, Blob(f"{i}.jpg"), f"text {i % texts}", matches=True, pair_key=str(i)) for i in range(count)]


def test_mismatches_are_other_pictures_texts_and_the_same_each_time() -> None:
    rows = made(500, 100)
    all_rows = with_mismatches(rows)
    assert all_rows[:500] == rows
    mismatches = all_rows[500:]
    assert len(mismatches) == 500
    assert sorted(pair.row for pair in mismatches) == list(range(500))
    there = {(pair.image, pair.text) for pair in rows}
    assert not any(pair.matches or (pair.image, pair.text) in there for pair in mismatches)
    assert len({pair.pair_key for pair in all_rows}) == 1000
    assert with_mismatches(rows) == all_rows
    assert with_mismatches(rows, seed=1) != all_rows


def test_where_all_texts_are_alike_there_are_no_mismatches() -> None:
    assert with_mismatches(made(50, 1)) == made(50, 1)
    assert with_mismatches([]) == []
    assert len(with_mismatches(made(10_000, 9_999))) < 13_000
