from __future__ import annotations

from helpers.tools import RED, finds, judge, passes


def rows(count: int) -> list[tuple[str, str, str]]:
    return [("a.jpg", RED, "match")] * count


def test_the_border_is_inside() -> None:
    passes(rows(100), "row_count")
    finds(rows(99), "row_count", {None: "the source has 99 pairs, it should have at least 100"})
    passes(rows(3), "row_count", "min=3")


def test_rows_that_do_not_parse_do_not_count() -> None:
    data = "image_path,text,label\n" + f"a.jpg,{RED},match\n" * 3 + "a.jpg\n"
    finds(data, "row_count", {None: "the source has 3 pairs, it should have at least 4"}, "min=4")


def test_only_the_training_split_is_judged() -> None:
    results = judge({"train.csv": rows(3), "val.csv": rows(1)}, "row_count", "min=2")
    assert [str(result.outcome) for result in results.values()] == ["passed", "skipped"]
    assert results["val.csv"].reason == "judged on the training split"
