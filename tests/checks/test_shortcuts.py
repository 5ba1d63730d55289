from __future__ import annotations

import random

import pytest
from helpers.drawn import encoded, photo
from helpers.tools import finds, judge, passes, skips

from pytest_clipdata.findings import Outcome

Row = tuple[str, str, str]
COLOURS = ("red", "blue", "black", "white", "green", "navy", "pink")
THINGS = ("shirt", "dress", "jacket", "boot", "bag", "hat", "sofa", "mug")
PICTURE = encoded(photo(1, (230, 230)))


def caption(rng: random.Random) -> str:
    return f"{rng.choice(COLOURS)} {rng.choice(THINGS)} with {rng.choice(COLOURS)} {rng.choice(('dots', 'zip', 'dye'))}"


def rows(pictures: int = 100, ending: str = "jpg") -> list[Row]:
    """Each picture with a text of its own and with one of another picture: nothing tells the label."""
    rng = random.Random(3)
    own = [caption(rng) for _ in range(pictures)]
    others = rng.sample(own, pictures)
    pairs = zip(own, others, strict=True)
    return [(f"{at}.{ending}", text, label) for at, two in enumerate(pairs)
            for text, label in zip(two, ("match", "mismatch"), strict=True)]  # fmt: skip


def files(table: list[Row]) -> dict[str, bytes]:
    return {path: PICTURE for path, _, _ in table}


def test_texts_that_are_only_shuffled_tell_nothing() -> None:
    table = rows()
    (result,) = passes(table, "shortcuts", files=files(table)).values()
    assert result.evaluated == len(table)


def test_mismatch_texts_that_are_shorter_are_one_finding_on_the_source() -> None:
    table = [(path, text if label == "match" else text.rsplit(" ", 2)[0], label) for path, text, label in rows()]
    told = (
        "the label can be told from the text's length alone (AUC 1.00): mismatch texts are shorter (median 3 words,"
        " match 5)"
    )
    (result,) = judge(table, "shortcuts", files=files(table)).values()
    (finding,) = result.findings
    assert finding.message.startswith(told)
    assert finding.message.endswith(
        "Give match rows the same variation as mismatch rows: a model learns this instead of looking at the picture"
    )
    assert (finding.place.line, finding.column, result.outcome) == (None, None, Outcome.WARNED)


def test_mismatch_pictures_of_another_format_are_found() -> None:
    png = encoded(photo(1, (230, 230)), "png")
    table, data = [], {}
    rng = random.Random(5)
    for at in range(120):
        label = "match" if at % 2 else "mismatch"
        table.append((f"{at}", caption(rng), label))  # a name without an ending, so that the format alone tells
        data[f"{at}"] = PICTURE if label == "match" else png
    (result,) = judge(table, "shortcuts", files=data).values()
    (finding,) = result.findings
    assert "from the picture's metadata alone (AUC 1.00): format: jpeg is match in 100% of 60 pictures" in (
        finding.message
    )


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ([row for row in rows() if row[2] == "match"], "all rows that can be judged have one label"),
        (rows(4), "too few different texts and pictures of each label to tell"),
        ([("1.jpg", "red shirt", "maybe")], "no row could be judged: labels reports 1"),
    ],
)
def test_what_cannot_be_judged_is_skipped_with_its_reason(table: list[Row], reason: str) -> None:
    skips(table, "shortcuts", reason, files=files(table))


def test_rows_without_picture_text_or_label_are_left_to_other_checks() -> None:
    table = rows()
    broken = [("gone.jpg", "x!", "mismatch"), ("0.jpg", "", "mismatch"), ("0.jpg", "x!", "maybe")] * 40
    (result,) = passes([*table, *broken], "shortcuts", files=files(table)).values()
    assert result.evaluated == len(table)


def test_the_order_of_the_splits_tables_is_no_matter() -> None:
    table = rows(40)
    shorter = [(path, text if label == "match" else text.split()[0], label) for path, text, label in rows(100)]
    results = judge({"train.csv": table, "val.csv": shorter}, "shortcuts", files=files(shorter))
    assert [result.outcome for result in results.values()] == [Outcome.PASSED, Outcome.WARNED]
    finds(table, "shortcuts", {}, files=files(table))
