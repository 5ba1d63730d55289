"""A plain reading of each rule agrees with Great Expectations' verdict, line by line, on any small dataset."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

from helpers.tools import open_run, write
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_clipdata.findings import Outcome

Row = tuple[str, str, str]
CHECKS = (
    "missing_values",
    "labels",
    "word_count",
    "text_hygiene",
    "text_style",
    "label_balance",
    "row_count",
    "text_leakage",
    "split_ratio",
)
texts = ["", " ", "NA", "one two", "Red shirt with four buttons", "red  SHIRT with four buttons", "w " * 100 + "w"]
texts += ["Blue jeans with a slim fit", "Blue<br>jeans with a slim fit", "five words are just enough"]
labels = st.sampled_from(["match", "MISMATCH ", "maybe", ""])
rows = st.lists(st.tuples(st.sampled_from(["", "a.jpg"]), st.sampled_from(texts), labels), max_size=9)


def same(text: str) -> str:
    return " ".join(text.casefold().split())


def oracle(train: list[Row], val: list[Row]) -> set[tuple[str, str, int | None]]:
    """(csv, check, line) of every finding there should be."""
    found: set[tuple[str, str, int | None]] = set()
    shares, trained = {}, {same(text) for _, text, label in train if label == "match" and text.strip()}
    for csv, table in (("train.csv", train), ("val.csv", val)):
        for line, (path, text, label) in enumerate(table, 2):
            text_there, label_there = bool(text.strip()), bool(label.strip())
            known = label.strip().lower() in ("match", "mismatch")
            checks = {
                "missing_values": not (path and text_there and label_there),
                "labels": label_there and not known,
                "word_count": text_there and not 5 <= len(text.replace("<br>", "x").split()) <= 100,
                "text_hygiene": "<br>" in text,
                "text_style": text_there and (text != text.strip() or "  " in text or "w w" in text),
                "text_leakage": csv == "val.csv" and text_there and label == "match" and same(text) in trained,
            }
            found |= {(csv, check, line) for check, wrong in checks.items() if wrong}
        counts = Counter(label.strip().lower() for _, _, label in table)
        judged = counts["match"] + counts["mismatch"]
        if judged:
            shares[csv] = counts["match"] / judged
            if not 0.4 <= shares[csv] <= 0.6:
                found.add((csv, "label_balance", None))
    if train:
        if len(train) < 4:
            found.add(("train.csv", "row_count", None))
        # Splits that cannot be compared are a finding, too.
        gap = abs(shares["train.csv"] - shares["val.csv"]) if len(shares) == 2 else 1
        if not 0.7 <= len(train) / (len(train) + len(val)) <= 0.9 or gap > 0.1:
            found.add(("train.csv", "split_ratio", None))
    return found


@settings(max_examples=12)
@given(rows, rows)
def test_the_findings_are_exactly_those_of_the_oracle(train: list[Row], val: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), {"train.csv": train, "val.csv": val})
        run = open_run(Path(name), "row_count.min=4")
        for csv in ("train.csv", "val.csv"):
            for check in CHECKS:
                run.want(csv, check)
        results = [run.result(csv, check) for csv in ("train.csv", "val.csv") for check in CHECKS]
    found = {(f.place.source, f.check, f.place.line) for result in results for f in result.findings}
    assert found == oracle(train, val)
    for result in results:
        assert (result.outcome in (Outcome.FAILED, Outcome.WARNED)) == bool(result.findings)
        assert result.evaluated or result.outcome is Outcome.SKIPPED
