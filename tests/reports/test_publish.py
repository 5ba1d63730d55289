"""What a run leaves behind: baseline, quarantine, reports and annotations, through pytest, alone and in two workers."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from helpers.drawn import encoded, photo
from helpers.projects import Done, append, environment, write_dataset
from PIL import ImageEnhance

from pytest_clipdata.facts.pandas_table import PandasTable
from pytest_clipdata.facts.step import Needs
from pytest_clipdata.running.engines.local import LocalEngine

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

    # Rows inserted above move the known ones; none is revived. A match alone would make the known balance worse.
    lines = train.read_text(encoding="utf-8").splitlines(keepends=True)
    lines.insert(1, "images/train2.jpg,A second match text of this one,match\n")
    train.write_text("".join(lines), encoding="utf-8")
    assert "label_balance: 66.7% of the rows" in run(*known, "--clip-strict", cwd=project).stdout
    lines.insert(1, "images/train2.jpg,A second text for another one,mismatch\n")
    train.write_text("".join(lines), encoding="utf-8")
    moved = run(*known, "--clip-strict", cwd=project)
    assert moved.returncode == 0, moved.stdout

    # A new finding fails; the known ones are counted, not shown. One that is gone is named.
    text_now = train.read_text(encoding="utf-8").replace("too short", "long enough a text by now")
    train.write_text(text_now, encoding="utf-8")
    append(train, ("images/train1.jpg", "also short", "mismatch"))
    for options in (ALONE, ("--clip-strict", *TWO_WORKERS)):
        new = run(*known, *options, cwd=project)
        assert new.returncode == 1
        assert " 1 failed, " in new.stdout
        assert "datasets/train.csv:12: word_count: the text has 2 words" in new.stdout
        assert "train.csv:11: duplicate_images" not in new.stdout
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
        ("<<<<<<< HEAD\n{}", "unfinished merge"),
        ("{", "line 1: is not JSON"),
        ("[]", "is not a baseline of version 1"),
        ("\udcff", "codec can't decode"),
        (None, "No such file"),
    ],
)
def test_a_baseline_that_cannot_be_read_is_a_usage_error(
    content: str | None, words: str, project: Path, run: Run
) -> None:
    if content is not None:
        (project / "known.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    done = run("--clip-baseline", "known.json", cwd=project)
    assert done.returncode == 4
    assert done.stderr.startswith("ERROR: --clip-baseline known.json: ")
    assert words in done.stderr


# --- quarantine ---------------------------------------------------------------------------------------------------


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """Tab-separated splits with a BOM and CRLF; a bad label, a copy used twice and a leak."""
    project = tmp_path / "project"
    project.mkdir()
    data = write_dataset(project / "datasets", train=3, val=2)
    images = data / "images"
    (images / "copy.png").write_bytes(encoded(photo(0, (256, 256)), "png"))
    (images / "leak.png").write_bytes(encoded(photo(10, (256, 256)), "png"))
    extra = [
        ["images/train0.jpg", 'A "quoted" text\nof two lines\tand a tab', "match"],
        ["images/copy.png", "The first text of the copy", "match"],
        ["images/copy.png", "The second text of the copy", "mismatch"],
        ["images/leak.png", "The text of the leaked picture", "match"],
        ["images/train1.jpg", "This one has a wrong label", "macth"],
    ]
    for name, more in (("train", extra), ("val", [])):
        rows = list(csv.reader((data / f"{name}.csv").read_text(encoding="utf-8").splitlines()))
        (data / f"{name}.csv").unlink()
        with (data / f"{name}.tsv").open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter="\t", lineterminator="\r\n").writerows([*rows, *more])
    return project


def cells(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter="\t"))


@pytest.mark.parametrize("workers", [ALONE, TWO_WORKERS], ids=["alone", "xdist"])
def test_the_clean_copies_hold_the_same_cells_and_pass_a_second_run(
    workers: tuple[str, ...], broken: Path, run: Run
) -> None:
    before = tree(broken / "datasets")
    done = run("--clip-quarantine", "out", *workers, cwd=broken)
    assert done.returncode == 1
    assert tree(broken / "datasets") == before
    assert "train.tsv: 7 clean rows in" in done.stdout

    original = cells(broken / "datasets/train.tsv")
    assert cells(broken / "out/clean/train.tsv") == original[:8]  # the representative of the copies stays
    rejected = cells(broken / "out/rejected/train.tsv")
    assert [row[:3] for row in rejected] == [original[0], *original[8:]]
    assert rejected[0][3] == "reasons"
    reasons = [row[3].split(":")[0] for row in rejected[1:]]
    assert reasons == ["duplicate_images", "duplicate_images", "leakage", "labels"]
    source = (broken / "datasets/train.tsv").read_bytes()
    clean = (broken / "out/clean/train.tsv").read_bytes()
    assert source.startswith(clean)
    assert clean.startswith(b"\xef\xbb\xbfimage_path\ttext\tlabel\r\n")
    assert (broken / "out/clean/val.tsv").read_bytes() == (broken / "datasets/val.tsv").read_bytes()

    again = run(cwd=broken, dataset="out/clean")
    assert again.returncode == 0, again.stdout
    assert " 6 skipped" in again.stdout  # the checks of the other split; no more and no less was judged
    assert "image root ../../datasets" in again.stdout


def test_of_a_leak_the_validation_row_goes_if_the_settings_say_so(broken: Path, run: Run) -> None:
    run("--clip-quarantine", "out", "--clip-set", "leakage.quarantine=validation", cwd=broken)
    assert "images/leak.png" in {row[0] for row in cells(broken / "out/clean/train.tsv")}
    assert {row[0] for row in cells(broken / "out/clean/val.tsv")} == {"image_path", "images/val1.jpg"}
    assert [row[3].split(":")[0] for row in cells(broken / "out/rejected/val.tsv")[1:]] == ["leakage", "leakage"]


ERRS = '[[expectations]]\nid = "own"\ntype = "expect_column_mean_to_be_between"\n'
ERRS += 'kwargs = { column = "text", min_value = 3 }\n'
NOT_RUN = "was not run; a quarantine needs every check of every CSV"


@pytest.mark.parametrize(
    ("arguments", "dataset", "settings", "words"),
    [
        (["-k", "not resolution"], "datasets", "", f"train.tsv: resolution {NOT_RUN}"),
        ([], "datasets/val.tsv", "", f"train.tsv: aspect_ratio {NOT_RUN}"),
        ([], "datasets", ERRS, "own could not be judged"),
    ],
)
def test_no_quarantine_unless_everything_was_judged(
    arguments: list[str], dataset: str, settings: str, words: str, broken: Path, run: Run
) -> None:
    with (broken / "datasets/clipdata.toml").open("a") as file:
        file.write(settings)
    done = run("--clip-quarantine", "out", *arguments, cwd=broken, dataset=dataset)
    assert not (broken / "out").exists()
    assert "no quarantine was written: " in done.stdout
    assert words in done.stdout


def test_a_folder_of_any_name_is_found_again_from_the_clean_copy(broken: Path, run: Run) -> None:
    hostile = 'd \x1b[31m\x7f\u202e\U0001f455"\\##vso[x]::error::'
    (broken / "datasets").rename(broken / hostile)
    done = run("--clip-quarantine", "out", cwd=broken, dataset=hostile)
    assert "7 clean rows in" in done.stdout
    settings = tomllib.loads((broken / "out/clean/clipdata.toml").read_text("utf-8"))
    assert settings["image_root"] == f"../../{hostile}"


def test_why_no_quarantine_was_written_is_safe_to_print(broken: Path, run: Run) -> None:
    for name in ("train", "val"):
        (broken / f"datasets/{name}.tsv").rename(broken / f"datasets/{name}\x1b[31m##vso[x].tsv")
    (broken / "elsewhere").mkdir()
    (broken / "out").mkdir()
    (broken / "out/clean").symlink_to(broken / "elsewhere")
    done = run("--clip-quarantine", "out", cwd=broken)
    assert "no quarantine was written: " in done.stdout
    assert "is a link out of " in done.stdout
    assert "\x1b" not in done.stdout
    assert "##vso[" not in done.stdout


# --- reports ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", [ALONE, TWO_WORKERS], ids=["alone", "xdist"])
def test_reports_of_two_datasets_and_annotations_on_github(workers: tuple[str, ...], tmp_path: Path, run: Run) -> None:
    project = tmp_path / "project"
    for name in ("one", "two"):
        write_dataset(project / "datasets" / name, train=2, val=1)
        append(project / f"datasets/{name}/train.csv", ("images/train0.jpg", f"The label of {name} is wrong", name))
    summary = tmp_path / "summary.md"
    env = environment(tmp_path / "home", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary), CI="true")
    done = run("--clip-report", "out", "--junitxml", "junit.xml", *workers, cwd=project, env=env)
    assert done.returncode == 1
    assert sorted(path.name for path in (project / "out/datasets").iterdir()) == ["one", "two"]
    overview = (project / "out/index.html").read_text("utf-8")
    assert "0 of 2 datasets ready to train" in overview
    assert [f'href="./datasets/{name}/report.html"' in overview for name in ("one", "two")] == [True, True]
    assert "wrote the index of the reports to " in done.stdout
    for name in ("one", "two"):
        home, label = project / "out/datasets" / name, f"'{name}' is not a label; valid are match, mismatch"
        report = json.loads((home / "findings.json").read_bytes())
        assert report["dataset"] == f"datasets/{name}"
        assert [
            finding["message"].split("; the labels")[0]
            for finding in report["findings"]
            if finding["check"] == "labels"
        ] == [label]
        assert len(report["checks"]) == 2 * 25
        log = json.loads((home / "findings.sarif").read_bytes())["runs"][0]
        assert len(log["results"]) == len(report["findings"])
        assert f"datasets/{name}/train.csv" in json.dumps(log["results"])
        page = (home / "report.html").read_text(encoding="utf-8")
        assert "pytest " in re.findall("<dt>Command</dt><dd><code>(.*?)</code>", page)[0]
        assert f"{quote(str(project))}/datasets/{name}" in re.findall('"root":"(.*?)"', page)
        assert f'"href":"../../../datasets/{name}/images/train0.jpg"' in page
        assert page.count("data:image/webp;base64,") >= 2
        assert page.rstrip().endswith("</html>")
        written = {"facts.parquet", "findings.json", "findings.parquet", "findings.sarif", "report.html"}
        written |= {f"{split}.csv/{kind}.json" for split in ("train", "val") for kind in ("suite", "validation")}
        assert set(tree(home)) == written
        assert f"::error file=datasets/{name}/train.csv,line=6,title=labels::" in done.stdout
        assert f"datasets/{name}" in summary.read_text(encoding="utf-8").replace("&#47;", "/")
    junit = (project / "junit.xml").read_text(encoding="utf-8")
    assert "message=\"1 of 5 rows; line 6: 'one' is not a label; valid are match, mismatch; " in junit
    assert '<property name="clip.unexpected" value="1"' in junit


def test_a_source_that_cannot_be_measured_costs_no_report(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong while rows are measured is an error of each test, and the reports of the rest are written."""
    measured = LocalEngine.table

    def fails(engine: LocalEngine, source: str, needs: Needs) -> PandasTable:
        if source == "val.csv":
            raise RuntimeError("the disk is on fire")
        return measured(engine, source, needs)

    monkeypatch.setattr(LocalEngine, "table", fails)
    done = run("--clip-report", "out", "--clip-quarantine", "clean", "-p", "no:cacheprovider", cwd=project)
    assert done.returncode == 1
    assert "INTERNALERROR" not in done.stdout + done.stderr
    checks = json.loads((project / "out/findings.json").read_bytes())["checks"]
    assert {check["outcome"] for check in checks if check["source"] == "val.csv"} == {"error"}
    assert "error" not in {check["outcome"] for check in checks if check["source"] == "train.csv"}
    page = (project / "out/report.html").read_text("utf-8")
    assert "Ready to train" not in page
    assert page.count("data:image/webp;base64,") >= 1
    assert "no quarantine was written: val.csv: " in done.stdout
    assert not (project / "clean").exists()
