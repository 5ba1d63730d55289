"""The quarantine of a whole run over tables that are no CSV."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.drawn import encoded, photo
from helpers.projects import Done

from pytest_clipdata.reading.csv_records import delimiter_of

Run = Callable[..., Done[str]]

TEXT = "Wide photo of a hilly landscape in the evening"
WARNINGS = ("--clip-set", "row_count.severity=off")


def pictures(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        (folder / name).write_bytes(encoded(photo(number, (256, 256))))


def quarantined(run: Run, folder: Path) -> Done[str]:
    return run("--clip-quarantine", "out", *WARNINGS, cwd=folder)


def test_json_lines_are_copied_line_by_line(run: Run, tmp_path: Path) -> None:
    pictures(tmp_path / "datasets", "a.jpg", "b.jpg", "c.jpg")
    lines = [
        json.dumps({"image": "a.jpg", "caption": [TEXT, "short"], "reasons": 1}),
        '{"image": "b.jpg",  "caption": "' + TEXT + ' of b"}',
        "{broken \x7f",
        "",
        json.dumps({"image": "gone.jpg", "caption": TEXT + " of c"}),
        json.dumps({"image": "c.jpg", "caption": TEXT + " at c"}),
    ]
    (tmp_path / "datasets/train.jsonl").write_text("\n".join(lines), encoding="utf-8")
    done = quarantined(run, tmp_path)
    assert "train.jsonl: 2 clean rows in" in done.stdout
    clean = (tmp_path / "out/clean/train.jsonl").read_text(encoding="utf-8")
    assert clean == "\n".join([lines[1], "", lines[5]])
    rejected = [
        json.loads(line) for line in (tmp_path / "out/rejected/train.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [(row.get("image"), row.get("raw")) for row in rejected] == [
        ("a.jpg", None), (None, "{broken \x7f"), ("gone.jpg", None),
    ]  # fmt: skip
    assert rejected[0]["reasons"] == 1
    assert [reason.split(":")[0] for row in rejected for reason in row.get("reasons_", row["reasons"])] == [
        "word_count", "columns", "paths",
    ]  # fmt: skip
    again = run(*WARNINGS, cwd=tmp_path, dataset="out/clean")
    assert again.returncode == 0, again.stdout


def test_tabs_in_a_csv_stay_tabs(run: Run, tmp_path: Path) -> None:
    pictures(tmp_path / "datasets", "a.jpg")
    (tmp_path / "datasets/train.csv").write_text(f"filepath\ttitle\na.jpg\t{TEXT}, red\na.jpg\tshort\n")
    quarantined(run, tmp_path)
    path = tmp_path / "out/rejected/train.csv"
    assert delimiter_of(path) == "\t"
    with path.open(newline="") as file:
        head, (picture, text, reasons) = csv.reader(file, delimiter="\t")
    assert (head, picture, text) == (["filepath", "title", "reasons"], "a.jpg", "short")
    assert reasons.startswith("word_count")


def test_of_sidecars_and_coco_what_goes_is_listed(run: Run, tmp_path: Path) -> None:
    pictures(tmp_path / "datasets/train", "a.jpg", "b.jpg", "c.jpg")
    for name, text in (("a", TEXT), ("b", "short")):
        (tmp_path / f"datasets/train/{name}.txt").write_text(text)
    content = {"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"image_id": 2, "caption": TEXT}]}
    (tmp_path / "coco").mkdir()
    (tmp_path / "coco/captions_train.json").write_text(json.dumps(content))
    quarantined(run, tmp_path)
    with (tmp_path / "out/rejected/train/#.txt.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["file"], row["line"], row["reasons"].split(":")[0]) for row in rows] == [
        ("train/b.txt", "1", "word_count"), ("train/c.jpg", "1", "missing_values"),
    ]  # fmt: skip
    assert not (tmp_path / "out/clean/train/#.txt").exists()


@pytest.mark.parametrize("content", ['[{"image": "a.jpg", "caption": "x"}]', '{"a": 1}\n{"b": 2}'])
def test_a_table_that_was_not_read_has_no_clean_copy(content: str, run: Run, tmp_path: Path) -> None:
    pictures(tmp_path / "datasets", "a.jpg")
    (tmp_path / "datasets/train.jsonl").write_text(content)
    done = quarantined(run, tmp_path)
    assert done.returncode == 1
    assert not (tmp_path / "out/clean").exists()


def judged_again(run: Run, folder: Path) -> None:
    again = run(*WARNINGS, cwd=folder, dataset="out/clean")
    assert again.returncode == 0, again.stdout


@pytest.mark.parametrize("ending", ["jsonl", "csv"])
def test_copies_of_an_imagefolder_find_its_pictures(run: Run, tmp_path: Path, ending: str) -> None:
    for split in ("train", "val"):
        folder = tmp_path / "datasets" / split
        pictures(folder, *(f"{n}.jpg" for n in range(2)))
        (folder / "1.jpg").write_bytes(encoded(photo(2 if split == "train" else 3, (256, 256))))
        (folder / "0.jpg").write_bytes(encoded(photo(4 if split == "train" else 5, (256, 256))))
        rows = [("0.jpg", f"{TEXT} of {split}"), ("1.jpg", f"{TEXT} in {split}"), ("gone.jpg", f"{TEXT} on {split}")]
        lines = [json.dumps({"file_name": name, "text": text}) for name, text in rows]
        table = lines if ending == "jsonl" else ["file_name,text", *map(",".join, rows)]
        (folder / f"metadata.{ending}").write_text("\n".join(table))
    done = quarantined(run, tmp_path)
    assert f"train/metadata.{ending}: 2 clean rows in" in done.stdout, done.stdout
    assert (tmp_path / "out/clean/clipdata.toml").read_text() == 'image_root = "../../datasets/{folder}"\n'
    judged_again(run, tmp_path)


def test_copies_of_folders_with_roots_of_their_own_are_judged_by_the_same_rules(run: Run, tmp_path: Path) -> None:
    for number, split in enumerate(("train", "val")):
        folder = tmp_path / "datasets" / split
        pictures(folder / "images", "a.jpg")
        (folder / "images/a.jpg").write_bytes(encoded(photo(number, (256, 256))))
        (folder / f"{split}.csv").write_text(f"foto,title\nimages/a.jpg,Red {split}\nimages/b.jpg,Blue {split}\n")
    rules = '[tool.clipdata.columns]\nimage_path = "foto"\n[tool.clipdata.word_count]\nmin = 2\n'
    (tmp_path / "pyproject.toml").write_text(rules)
    quarantined(run, tmp_path)
    settings = tomllib.loads((tmp_path / "out/clean/clipdata.toml").read_text())
    assert settings == {
        "image_root": "../../datasets/{folder}", "columns": {"image_path": "foto"}, "word_count": {"min": 2},
    }  # fmt: skip
    judged_again(run, tmp_path)
    assert "images/a.jpg,Red train" in (tmp_path / "out/clean/train/train.csv").read_text()
