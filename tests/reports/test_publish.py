"""What a run leaves behind: baseline, quarantine, reports and annotations, through pytest, alone and in two workers."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.drawn import encoded, photo
from helpers.projects import Done, append, environment, write_dataset
from PIL import ImageEnhance

ALONE, TWO_WORKERS = (), ("-n", "2")
Run = Callable[..., Done[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "project").mkdir()
    write_dataset(tmp_path / "project/datasets", train=3, val=2)
    return tmp_path / "project"


def tree(folder: Path) -> dict[str, str]:
    """The digest of every file in a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


# --- baseline -----------------------------------------------------------------------------------------------------


def test_a_baseline_silences_what_is_known_and_nothing_else(project: Path, run: Run) -> None:
    train = project / "datasets/train.csv"
    brighter = ImageEnhance.Brightness(photo(0, (256, 256))).enhance(1.1)
    (project / "datasets/images/copy.jpg").write_bytes(encoded(brighter))
    append(train, ("images/train0.jpg", "too short", "match"))
    append(train, ("images/copy.jpg", "Another text for the brighter copy", "match"))
    before = run(cwd=project)
    assert before.returncode == 1
    assert "datasets/train.csv:8: word_count" in before.stdout
    assert "datasets/train.csv:9: duplicate_images" in before.stdout

    known = ("--clip-baseline", "known.json")
    assert "FILE" in run("--clip-write-baseline", cwd=project).stderr
    written = run(*known, "--clip-write-baseline", cwd=project)
    assert written.returncode == 0, written.stdout
    path = project / "known.json"
    text = path.read_text(encoding="utf-8")
    entries = json.loads(text)["known"]
    assert {entry["check"] for entry in entries} == {
        "word_count",
        "duplicate_images",
        "label_balance",
        "row_count",
        "split_ratio",
    }
    assert f"wrote {len(entries)} known findings" in written.stdout
    assert run(*known, "--clip-write-baseline", *TWO_WORKERS, cwd=project).returncode == 0
    assert path.read_text(encoding="utf-8") == text

    # A row inserted above moves the known ones; none is revived.
    lines = train.read_text(encoding="utf-8").splitlines(keepends=True)
    lines.insert(1, "images/train2.jpg,A second match text of this one,match\n")
    train.write_text("".join(lines), encoding="utf-8")
    moved = run(*known, "--clip-strict", cwd=project)
    assert moved.returncode == 0, moved.stdout

    # A new finding fails; the known ones are counted, not shown. One that is gone is named.
    text_now = train.read_text(encoding="utf-8").replace("too short", "long enough a text by now")
    train.write_text(text_now, encoding="utf-8")
    append(train, ("images/train1.jpg", "also short", "match"))
    for options in (ALONE, ("--clip-strict", *TWO_WORKERS)):
        new = run(*known, *options, cwd=project)
        assert new.returncode == 1
        assert " 1 failed, " in new.stdout
        assert "datasets/train.csv:11: word_count: the text has 2 words" in new.stdout
        assert "train.csv:10: duplicate_images" not in new.stdout
        assert "no longer there, remove from the baseline: train.csv: word_count: the text has 2 words" in new.stdout


def test_pictures_that_a_person_judged_different_are_no_duplicates(project: Path, run: Run) -> None:
    copy = project / "datasets/images/copy.jpg"
    copy.write_bytes(encoded(ImageEnhance.Brightness(photo(0, (256, 256))).enhance(1.1)))
    append(project / "datasets/train.csv", ("images/copy.jpg", "Another text for the brighter copy", "match"))
    images = project / "datasets/images"
    pair = [f"sha256:{hashlib.sha256((images / name).read_bytes()).hexdigest()}" for name in ("train0.jpg", "copy.jpg")]
    path = project / "known.json"
    path.write_text(json.dumps({"version": 1, "different": [pair], "known": []}))
    assert run("-k", "duplicate_images", cwd=project).returncode == 1
    judged = run("-k", "duplicate_images", "--clip-baseline", "known.json", cwd=project)
    assert judged.returncode == 0, judged.stdout
    copy.write_bytes(encoded(photo(0, (256, 256)), quality=60))  # another file now: nobody has judged it
    assert run("-k", "duplicate_images", "--clip-baseline", "known.json", cwd=project).returncode == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("        assert len(report["checks"]) == 2 * 25
        log = json.loads((home / "findings.sarif").read_bytes())["runs"][0]
        assert len(log["results"]) == len(report["findings"])
        assert f"datasets/{name}/train.csv" in json.dumps(log["results"])
        page = (home / "report.html").read_text(encoding="utf-8")
        assert page.count("data:image/webp;base64,") >= 2
        assert page.rstrip().endswith("</html>")
        written = {"facts.parquet", "findings.json", "findings.parquet", "findings.sarif", "report.html"}
        written |= {f"{split}.csv/{kind}.json" for split in ("train", "val") for kind in ("suite", "validation")}
        assert set(tree(home)) == written
        assert f"::error file=datasets/{name}/train.csv,line=6,title=labels::" in done.stdout
        assert f"datasets/{name}" in summary.read_text(encoding="utf-8").replace("&#47;", "/")
    junit = (project / "junit.xml").read_text(encoding="utf-8")
    assert "message=\"1 of 5 rows; line 6: 'one' is not a label; valid are match, mismatch\"" in junit
    assert '<property name="clip.unexpected" value="1"' in junit
