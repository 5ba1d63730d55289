"""Rows are taken out as they stand; what stays reads the same."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal

import pytest
from helpers.values import finding, place, related

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Report, Severity, SplitSummary
from pytest_clipdata.reports.quarantine.rejections import QuarantineError, RowPicture, rejections, split_csv, targets

SPLITS = (SplitSummary("train.csv", "train", 9, 9), SplitSummary("val.csv", "val", 9, 9))
SMALL = finding("train.csv", 3, "resolution", Severity.CRITICAL, "image_path", "a.jpg", "a.jpg is small")
LEAK = finding(
    "val.csv", 2, "leakage", Severity.CRITICAL, "image_path", "b.jpg", "b.jpg is a.jpg (train.csv:4)",
    "perceptual", None, (related("train.csv", 4, "a.jpg"),),
)  # fmt: skip
#: train.csv lines 4 and 7 use a.jpg, line 8 a copy of it; val.csv line 2 leaks from them, line 5 uses the same file.
PICTURES = {
    place("train.csv", 4): RowPicture("a.jpg", "A"),
    place("train.csv", 7): RowPicture("a.jpg", "A"),
    place("train.csv", 8): RowPicture("copy.jpg", "A"),
    place("train.csv", 9): RowPicture("copy.jpg", "A"),
    place("train.csv", 3): RowPicture("c.jpg", "C"),
    place("val.csv", 2): RowPicture("b.jpg", "A"),
    place("val.csv", 5): RowPicture("b.jpg", "A"),
}


def report(*findings: Finding, outcome: Outcome = Outcome.FAILED) -> Report:
    results = [CheckResult(f.place.source, f.check, f.severity, outcome, 9, 1, None, (f,)) for f in findings]
    return Report("datasets", SPLITS, tuple(results))


def records(text: str) -> Iterator[tuple[int, str]]:
    """Like rows.raw_records, for texts without lone carriage returns."""
    line, held = 1, ""
    for part in text.splitlines(keepends=True):
        held += part
        if held.count('"') % 2 == 0:
            yield line, held
            line, held = line + held.count("\n"), ""


def cells(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


TEXT = (
    '\ufeffimage_path,text,label,note\r\na.jpg,"one, ""quoted""",match,\r\nb.jpg,"two\nlines",match, x \r\nc.jpg,t,no,é'
)


def test_the_clean_copy_is_the_original_less_the_rejected_rows() -> None:
    clean, rejected = split_csv(Path("train.csv"), records(TEXT), {3: ["resolution: too, small", 'labels: "no"']})
    original = cells(TEXT.encode())
    assert cells(clean) == [original[0], original[1], original[3]]
    assert clean.startswith(b"\xef\xbb\xbfimage_path,")
    assert clean.endswith("é".encode())
    assert cells(rejected) == [[*original[0], "reasons"], [*original[2], 'resolution: too, small; labels: "no"']]
    assert rejected.startswith(b"\xef\xbb\xbf")
    assert rejected.endswith(b"\r\n")


def test_without_rejections_it_is_the_same_file() -> None:
    clean, rejected = split_csv(Path("train.csv"), records(TEXT), {})
    assert clean == TEXT.encode()
    assert cells(rejected) == [["image_path", "text", "label", "note", "reasons"]]


def test_a_tsv_stays_one_and_a_column_named_reasons_stays_apart() -> None:
    text = "image_path\ttext\tReasons\na\tb\tc\n"
    _, rejected = split_csv(Path("train.TSV"), records(text), {2: ["paths: gone, lost"]})
    assert cells(rejected, "\t") == [
        ["image_path", "text", "Reasons", "reasons_"],
        ["a", "b", "c", "paths: gone, lost"],
    ]


def test_bytes_that_are_not_utf8_come_back() -> None:
    text = b"image_path,text\na\xff.jpg,b\nc,d\n".decode("utf-8", "surrogateescape")
    clean, _ = split_csv(Path("train.csv"), records(text), {3: ["x: y"]})
    assert clean == b"image_path,text\na\xff.jpg,b\n"


def test_a_line_that_starts_no_row_is_refused() -> None:
    with pytest.raises(QuarantineError, match="no row starts at line 4"):
        split_csv(Path("train.csv"), records(TEXT), {4: ["x: y"]})


def lines_of(rejected: dict[str, dict[tuple[str, int], list[str]]]) -> dict[str, list[int]]:
    """The lines of each source's rejected rows, all of them in the file that the source is."""
    assert all(file == name for name, rows in rejected.items() for file, _ in rows)
    return {name: [line for _, line in rows] for name, rows in rejected.items()}


def test_equal_lines_of_two_shards_stay_apart() -> None:
    other = replace(SMALL, place=replace(SMALL.place, file="train-1.csv", row=9), words=("b.jpg is small",))
    assert rejections(report(SMALL, other), {}) == {
        "train.csv": {
            ("train-1.csv", 3): ["resolution: b.jpg is small"],
            ("train.csv", 3): ["resolution: a.jpg is small"],
        }
    }


def test_only_critical_findings_reject() -> None:
    dark = replace(SMALL, check="visibility", severity=Severity.WARNING, place=place("train.csv", 6))
    assert rejections(report(SMALL, dark), PICTURES) == {
        "train.csv": {("train.csv", 3): ["resolution: a.jpg is small"]}
    }
    assert rejections(report(SMALL), PICTURES, known={SMALL}) == {}
    passed = rejections(report(SMALL, outcome=Outcome.PASSED), PICTURES)
    assert list(passed) == ["train.csv"], "a row that 'mostly' tolerates still goes"


def test_of_a_leak_every_training_row_of_the_picture_goes() -> None:
    assert lines_of(rejections(report(LEAK), PICTURES)) == {"train.csv": [4, 7, 8, 9]}


@pytest.mark.parametrize(("leaks", "gone"), [("train", {"train:a.csv": [4, 7]}), ("validation", {"train.csv": [5]})])
def test_a_leak_is_found_in_the_csv_that_it_names(leaks: Literal["train", "validation"], gone: object) -> None:
    """The training split is ``train:a.csv``; ``train`` and ``train.csv`` are others with a row in the same line."""
    names = {"train:a.csv": "train", "train.csv": "val", "train": "test"}
    splits = tuple(SplitSummary(name, split, 9, 9) for name, split in names.items())
    leak = finding(
        "train.csv", 5, "leakage", Severity.CRITICAL, "image_path", "b.jpg", "b.jpg is a:4 (train:a.csv:4)",
        "bytes", None, [related("train:a.csv", 4, "a:4")],
    )  # fmt: skip
    pictures = {
        place("train:a.csv", 4): RowPicture("a:4", "A"),
        place("train:a.csv", 7): RowPicture("copy.jpg", "A"),
        place("train:a.csv", 5): RowPicture("c.jpg", "C"),
        place("train.csv", 5): RowPicture("b.jpg", "A"),
        place("train.csv", 4): RowPicture("d.jpg", "D"),
        place("train", 4): RowPicture("a:4", "A"),
    }
    made = rejections(replace(report(leak), splits=splits), pictures, leaks=leaks)
    assert lines_of(made) == gone
    reasons = {reason for lines in made.values() for words in lines.values() for reason in words}
    assert reasons == {"leakage: b.jpg is a:4 (train:a.csv:4)"}


def test_of_a_leak_the_rows_of_every_earlier_split_go() -> None:
    """A picture of all three splits: its test row stays alone, or the copy would leak between val and test."""
    splits = (*SPLITS, SplitSummary("test.csv", "test", 9, 9))
    leak = replace(LEAK, place=place("test.csv", 2))
    pictures = PICTURES | {place("test.csv", 2): RowPicture("b.jpg", "A")}
    apart = {"val": ("train",), "test": ("train", "val")}
    made = rejections(replace(report(leak), splits=splits), pictures, apart=apart)
    assert lines_of(made) == {"train.csv": [4, 7, 8, 9], "val.csv": [2, 5]}


def test_of_a_leak_the_row_that_it_names_goes_even_if_its_picture_is_unknown() -> None:
    assert rejections(report(LEAK), {}) == {"train.csv": {("train.csv", 4): [f"leakage: {LEAK.message}"]}}


def test_the_other_way_round_every_validation_row_of_the_file_goes() -> None:
    made = rejections(report(LEAK), PICTURES, leaks="validation")
    assert lines_of(made) == {"val.csv": [2, 5]}


def test_of_a_duplicate_every_row_of_the_copy_goes_and_the_representative_stays() -> None:
    copy = replace(LEAK, place=place("train.csv", 8), check="duplicate_images", value="copy.jpg")
    made = rejections(report(copy), PICTURES)
    assert lines_of(made) == {"train.csv": [8, 9]}


def test_reasons_are_complete_and_safe() -> None:
    other = replace(SMALL, check="paths", words=("=HYPERLINK()\n\x1b",))
    assert rejections(report(SMALL, other), {}) == {
        "train.csv": {("train.csv", 3): ["paths: =HYPERLINK()\\n\\x1b", "resolution: a.jpg is small"]}
    }


def test_what_no_choice_of_rows_could_clean_is_refused() -> None:
    with pytest.raises(QuarantineError, match="could not be judged"):
        rejections(report(SMALL, outcome=Outcome.ERROR), PICTURES)
    with pytest.raises(QuarantineError, match="jpg is small"):
        rejections(report(replace(SMALL, place=place("train.csv"))), PICTURES)


@pytest.mark.posix
def test_the_originals_are_out_of_reach(tmp_path: Path) -> None:
    root, out = tmp_path / "data", tmp_path / "out"
    (root / "sub").mkdir(parents=True)
    (out / "rejected").mkdir(parents=True)
    (tmp_path / "link").symlink_to(root)
    assert targets(out, root, "sub/train.csv") == (out / "clean/sub/train.csv", out / "rejected/sub/train.csv")
    for folder in (root, root / "sub" / "new", tmp_path / "link", tmp_path / "out" / ".." / "data"):
        with pytest.raises(QuarantineError, match="own folder"):
            targets(folder, root, "train.csv")
    for name in ("../train.csv", "/train.csv"):
        with pytest.raises(QuarantineError, match="not in the dataset"):
            targets(out, root, name)
    (out / "clean").symlink_to(root)
    with pytest.raises(QuarantineError, match="is a link"):
        targets(out, root, "train.csv")
