"""`clipdata fix` on whole datasets: what it changes, that it changes nothing else, and that it is then done."""

from __future__ import annotations

import json
import os
import random
import subprocess
from pathlib import Path

import pytest
from helpers.drawn import encoded, photo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_clipdata import cli
from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.findings import Report
from pytest_clipdata.fixing.cells import text_mender
from pytest_clipdata.fixing.diff import diff_lines
from pytest_clipdata.fixing.formats import Delimited
from pytest_clipdata.fixing.pictures import picture_fixes
from pytest_clipdata.fixing.plan import FixError, SourceFix, mendable, plan
from pytest_clipdata.running.choice import choose
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.load import load
from pytest_clipdata.settings.options import RunOptions

HEADER = "image_path,text,label"
HINT = "--in-place or --write DIR makes these changes"
GOOD = "images/a.jpg,A red shirt with round neck,match"
TEXTS = st.sampled_from(
    ["A red shirt", " blank ", "two  blanks", "cafÃ©", "a &amp; b", "a &amp;amp; b", "zero\u200bwidth", "bell\x07",
     "<br>tag", "lost \ufffd", '"quoted"', "line\nbreak", "comma, here", "\u00a0", "&nbsp;", "A red\x0bshirt", "é"]
)  # fmt: skip
LABELS = st.sampled_from(["match", "mismatch", "Match", " MISMATCH ", "maybe", "match\u00a0", "\u200bmatch", "mаtch"])
PATHS = st.sampled_from(
    ["images/a.jpg", "images/A.JPG", "images/b.jpeg", "images\\a.jpg", " images/a.jpg", "../out/c.jpg", "images/gone.png",
     "images/../images/a.jpg", "/etc/passwd", "images/two.gif", "out/c.jpg", "C:\\images\\a.jpg"]
)  # fmt: skip


def pictures(folder: Path) -> Path:
    if (folder / "images").exists():
        return folder
    (folder / "images").mkdir(parents=True)
    for i, name in enumerate(("a.jpg", "b.jpg", "two.jpg", "two.png")):
        (folder / "images" / name).write_bytes(encoded(photo(i, (32, 32))))
    return folder


def runs(folder: Path, *overrides: str) -> DatasetRun:
    options = RunOptions(top=folder, here=folder, overrides=overrides)
    ((dataset, chosen),) = choose([folder], options).datasets
    return DatasetRun(dataset, chosen, options)


def fixed(folder: Path, *overrides: str, tags: bool = False) -> SourceFix:
    (fix,) = plan(runs(folder, *overrides), tags=tags)
    return fix


def table(folder: Path, *rows: str, name: str = "train.csv") -> Path:
    pictures(folder)
    (folder / name).write_bytes("\n".join([HEADER, *rows, ""]).encode())
    return folder


@pytest.mark.parametrize(
    ("row", "right", "asked"),
    [
        (
            "images/a.jpg, A blue shirt with  round neck ,match",
            "images/a.jpg,A blue shirt with round neck,match",
            "text_style",
        ),
        ("images/a.jpg,A cafÃ© shirt,match", "images/a.jpg,A café shirt,match", "text_hygiene"),
        ("images/a.jpg,red &quot;shirt&quot;,match", 'images/a.jpg,"red ""shirt""",match', "text_hygiene"),
        ("images/a.jpg,x\u200by,match", "images/a.jpg,xy,match", "text_hygiene"),
        ("images/a.jpg,ok, Match", "images/a.jpg,ok,match", "labels"),  # `match` stands beside it
        ("images/a.jpg,ok,mismatch\u00a0", "images/a.jpg,ok,mismatch", "labels"),
        ("images/A.JPG,ok,match", "images/a.jpg,ok,match", "paths"),
        ("images/b.jpeg,ok,match", "images/b.jpg,ok,match", "paths"),
        ("images\\a.jpg,ok,match", "images/a.jpg,ok,match", "portable_paths"),
        ('"images/a.jpg","  ok",match', '"images/a.jpg","ok",match', "text_style"),
        (GOOD, None, "duplicate_rows"),
    ],
)
def test_each_fix_names_the_check_that_asked(tmp_path: Path, row: str, right: str | None, asked: str) -> None:
    fix = fixed(table(tmp_path, GOOD, row))
    ((line, change),) = fix.changes.items()
    assert (line, change.before, change.asked) == (3, row + "\n", (asked,))
    assert change.after == (None if right is None else right + "\n")
    assert asked in change.settled
    assert fixed(tmp_path, f"{asked}.severity=off").changes == {}


@pytest.mark.parametrize(
    "row",
    [
        "images/two.gif,which of two is meant,match",
        "../images/a.jpg,outside,match",
        "C:\\images\\a.jpg,of another machine,match",
        "images/a.jpg,ok,mаtch",  # a Cyrillic letter
        "images/a.jpg,&nbsp;,match",  # nothing would be left
        "images/a.jpg,a letter \ufffd was lost,match",
        "images/a.jpg,white<br>face,match",
        "images/a.jpg,one cell too many,match,x",
    ],
)
def test_what_is_not_sure_stays(tmp_path: Path, row: str) -> None:
    assert fixed(table(tmp_path, GOOD, row)).changes == {}


def test_spellings_of_a_label_that_is_spelled_in_one_way_stay(tmp_path: Path) -> None:
    rows = [GOOD.replace(",match", ",Match"), "images/b.jpg,Blue jeans,MISMATCH"]
    assert fixed(table(tmp_path, *rows)).changes == {}
    assert list(fixed(table(tmp_path, *rows, "images/b.jpg,Blue shoes,match")).changes) == [2]


def test_tags_go_when_that_is_asked(tmp_path: Path) -> None:
    fix = fixed(table(tmp_path, "images/a.jpg,white<br>face,match"), tags=True)
    assert [change.after for change in fix.changes.values()] == ["images/a.jpg,white face,match\n"]


def cell(text: str, quote: bool) -> str:
    return '"' + text.replace('"', '""') + '"' if quote or any(sign in text for sign in '",\n\r') else text


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(PATHS, TEXTS, LABELS, st.booleans(), st.sampled_from(["\n", "\r\n"])), max_size=9),
       st.booleans(), st.booleans(), st.sampled_from(["", "\n", "broken \"quote\n", "a,b\n"]))  # fmt: skip
def test_other_rows_stay_byte_for_byte_and_a_second_run_finds_nothing(
    tmp_path: Path, rows: list[tuple[str, str, str, bool, str]], bom: bool, tags: bool, tail: str
) -> None:
    pictures(tmp_path)
    (tmp_path / "out").mkdir(exist_ok=True)
    records = [f"{cell(path, q)},{cell(text, q)},{cell(label, q)}{end}" for path, text, label, q, end in rows]
    whole = "\ufeff" * bom + f"{HEADER}\n" + "".join(records) + tail
    (tmp_path / "train.csv").write_bytes(whole.encode())
    fix = fixed(tmp_path, tags=tags)
    expected, line = "\ufeff" * bom + f"{HEADER}\n", 2
    for record in records:
        change = fix.changes.get(line)
        assert change is None or change.before == record
        expected += record if change is None else change.after or ""
        line += record.count("\n")
    content = fix.content()
    assert content == (expected + tail).encode()
    (tmp_path / "train.csv").write_bytes(content)
    assert fixed(tmp_path, tags=tags).changes == {}


@given(st.text(max_size=40), st.booleans())
def test_a_mended_text_is_not_mended_again(text: str, tags: bool) -> None:
    mend = text_mender(load(None, (), REGISTRY.tables), tags=tags)
    if (once := mend(text)) is not None:
        assert mend(once.after) is None


def report_of(folder: Path) -> tuple[DatasetRun, Report]:
    run = runs(folder)
    checks = ("labels", "paths", "portable_paths", "text_hygiene", "text_style", "word_count")
    results = [run.result(source.name, check) for source in run.selected for check in checks]
    return run, Report("data", run.splits, tuple(results))


def test_as_many_findings_can_be_fixed_as_are_gone_when_they_are(tmp_path: Path) -> None:
    table(tmp_path, GOOD, "images/A.JPG,A red &amp; white  shirt of cotton,match",
          "images/gone.jpg,caf\u00c3\u00a9 and <br> tag in one text, Match", "images\\a.jpg,short &#39;one&#39;,maybe",
          "images/a.jpg, Shouting IN VERY LOUD WORDS www.shop.example,match")  # fmt: skip
    run, before = report_of(tmp_path)
    can = mendable(run, before)
    assert mendable(run, before, before.findings) == 0
    (fix,) = plan(run)
    (tmp_path / "train.csv").write_bytes(fix.content())
    run, after = report_of(tmp_path)
    assert can == len(before.findings) - len(after.findings) == 6
    assert mendable(run, after) == 0


def test_json_lines_keep_their_other_bytes(tmp_path: Path) -> None:
    pytest.importorskip("pytest_clipdata.reading.json_lines", reason="JSON Lines is no source yet")
    pictures(tmp_path)
    lines = [
        '{"file_name": "images/a.jpg", "text":  "A red shirt", "price": 1.50}\r\n',
        '{ "price" : 1e3,"text":"a &amp; b \\u00e9" ,"file_name":"images/A.JPG"}\n',
        "not json\n",
        "\n",
        '{"file_name": "images/b.jpg", "text": ["one  blank", "two captions"]}\n',
        '{"price": 1.50, "file_name": "images/a.jpg", "text": "A red shirt"}',
    ]
    (tmp_path / "metadata.jsonl").write_text("".join(lines), newline="")
    fix = fixed(tmp_path)
    lines[1] = '{ "price" : 1e3,"text":"a & b \\u00e9" ,"file_name":"images/a.jpg"}\n'
    assert fix.content() == "".join(lines[:5]).encode()
    (tmp_path / "metadata.jsonl").write_bytes(fix.content())
    assert fixed(tmp_path).changes == {}


# --- the command --------------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    table(folder / "data", GOOD, "images/A.JPG,A red &amp; white shirt,match", GOOD)
    table(folder / "data", "images/b.jpg,Blue jeans with a button,match", name="val.csv")
    monkeypatch.chdir(folder)
    return folder


def fix(*arguments: str) -> int:
    return cli.main(["fix", *arguments])


def test_the_diff_is_one_that_patch_takes(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (here / "data/train.csv").read_bytes()
    assert fix("data") == 1
    told = capsys.readouterr().out
    assert told.splitlines() == [
        "--- data/train.csv",
        "+++ data/train.csv",
        "@@ -3 +3 @@ paths, text_hygiene",
        "-images/A.JPG,A red &amp; white shirt,match",
        "+images/a.jpg,A red & white shirt,match",
        "@@ -4 +3,0 @@ duplicate_rows",
        f"-{GOOD}",
        "can be fixed: 2 rows of 1 file: paths 1, text_hygiene 1, duplicate_rows 1; " + HINT,
    ]
    assert (here / "data/train.csv").read_bytes() == before
    git = ["git", "apply", "--unidiff-zero", "-p0", "-"]
    subprocess.run(git, input=told.rpartition("can be")[0], text=True, check=True, cwd=here)
    assert (here / "data/train.csv").read_text() == f"{HEADER}\n{GOOD}\nimages/a.jpg,A red & white shirt,match\n"
    assert fix("data") == 0
    assert capsys.readouterr().out == "nothing to fix\n"


def test_in_place_keeps_permissions_and_leaves_no_draft(here: Path) -> None:
    path = here / "data/train.csv"
    path.chmod(0o640)
    assert fix("data", "--in-place") == 1
    assert path.read_text() == f"{HEADER}\n{GOOD}\nimages/a.jpg,A red & white shirt,match\n"
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in (here / "data").iterdir()) == ["images", "train.csv", "val.csv"]
    assert fix("data", "--in-place") == 0


def test_copies_are_a_dataset_of_their_own(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (here / "data/train.csv").read_bytes()
    assert fix("data", "--write", "out") == 1
    assert (here / "data/train.csv").read_bytes() == before
    assert (here / "out/val.csv").read_bytes() == (here / "data/val.csv").read_bytes()
    assert fix("out") == 0
    assert fix("data", "--write", "out") == 4
    assert "is there already; it stays as it is" in capsys.readouterr().err
    assert fix("data", "--write", "data/copies") == 4
    assert fix("data", "--write", "other", "--in-place") == 4
    assert not (here / "other").exists()


def test_an_interrupted_write_leaves_the_old_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (here / "data/train.csv").read_bytes()

    def fails(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(KeyboardInterrupt):
        fix("data", "--in-place")
    assert (here / "data/train.csv").read_bytes() == before
    assert sorted(p.name for p in (here / "data").iterdir()) == ["images", "train.csv", "val.csv"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_links_are_not_followed_out(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outside = here / "outside.csv"
    (here / "data/train.csv").rename(outside)
    (here / "data/train.csv").symlink_to(outside)
    before = outside.read_bytes()
    assert fix("data", "--in-place") == 4
    assert "is reached through a symbolic link" in capsys.readouterr().err
    assert (outside.read_bytes(), (here / "data/train.csv").is_symlink()) == (before, True)
    (here / "out").mkdir()
    (here / "out/train.csv").symlink_to(here / "victim.csv")
    assert fix("data", "--write", "out") == 4
    assert not (here / "victim.csv").exists()


def test_a_source_that_changes_while_it_is_read_is_not_written(here: Path) -> None:
    first, _ = plan(runs(here / "data"))
    with (here / "data/train.csv").open("a") as file:
        file.write("images/b.jpg,A late row of five words,match\n")
    with pytest.raises(FixError, match="changes while it is read"):
        first.content()


@pytest.mark.parametrize(
    "arguments", [["nowhere"], ["data", "--also", "all"], ["data", "--clip-set", "labels.severity=loud"]]
)
def test_usage_errors_are_4(here: Path, arguments: list[str]) -> None:
    assert fix(*arguments) == 4


def test_a_diff_shows_nothing_raw(tmp_path: Path) -> None:
    table(tmp_path, "images/a.jpg,\x1b[2J red  shirt,match")
    lines = list(diff_lines(fixed(tmp_path), "\x1b.csv"))
    assert lines[0] == "--- \\x1b.csv"
    assert all(line.isprintable() for line in lines)


def test_pictures_that_loaders_see_differently_are_saved_anew(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from PIL import Image

    images = here / "data/images"
    upright = photo(5, (64, 48))
    exif = Image.Exif()
    exif[0x0112] = 6
    upright.transpose(Image.Transpose.ROTATE_90).save(images / "a.jpg", exif=exif, quality=95, subsampling=0)
    alpha = upright.convert("RGBA")
    alpha.putalpha(128)
    alpha.save(images / "b.jpg", "PNG")
    (here / "data/train.csv").write_text(f"{HEADER}\n{GOOD}\n")
    assert [(image.key, image.why) for image in picture_fixes(runs(here / "data"))] == [
        ("images/a.jpg", "is turned by EXIF"),
        ("images/b.jpg", "is transparent"),
    ]
    assert fix("data", "--also", "pictures", "--in-place") == 1
    assert capsys.readouterr().out.splitlines()[-1] == "fixed: 2 pictures: loader_parity 2"
    with Image.open(images / "a.jpg") as saved:
        assert (saved.size, saved.format, saved.getexif().get(0x0112)) == (upright.size, "JPEG", None)
        pairs = zip(saved.convert("L").tobytes(), upright.convert("L").tobytes(), strict=True)
        assert sum(abs(a - b) for a, b in pairs) / (64 * 48) < 3
    with Image.open(images / "b.jpg") as saved:
        assert (saved.mode, saved.format) == ("RGB", "PNG")
    assert fix("data", "--also", "pictures") == 0


def test_a_picture_that_cannot_be_saved_anew_is_said_and_not_counted(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    images = here / "data/images"
    picture = photo(5, (64, 48)).convert("RGBA")
    picture.putalpha(128)
    for name in ("a.jpg", "b.jpg"):
        picture.save(images / name, "PNG")
    (here / "data/train.csv").write_text(f"{HEADER}\n{GOOD}\nimages/b.jpg,A blue shirt with round neck,match\n")
    before = (images / "a.jpg").read_bytes()
    monkeypatch.setattr(
        "pytest_clipdata.fixing.pictures.saved",
        lambda run, fixes: [(fix, None if fix.key == "images/a.jpg" else b"anew") for fix in fixes],
    )
    assert fix("data", "--also", "pictures", "--in-place") == 1
    assert capsys.readouterr().out.splitlines() == [
        "wrote data/images/b.jpg",
        "data/images/a.jpg cannot be saved anew; it stays as it is",
        "fixed: 1 picture: loader_parity 1",
    ]
    assert (images / "a.jpg").read_bytes() == before


def test_rows_that_stay_are_not_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a million rows that would take twice as long as to read them."""
    table(tmp_path, GOOD, "images/b.jpg,A  blue shirt,match", "images/b.jpg,A blue shirt with round neck,match")
    records = []
    rewritten = Delimited.rewritten
    monkeypatch.setattr(
        Delimited, "rewritten", lambda self, record, cells: records.append(record) or rewritten(self, record, cells)
    )
    assert list(fixed(tmp_path).changes) == [3]
    assert records == ["images/b.jpg,A  blue shirt,match\n"]


def test_order_of_random_rows_is_kept(tmp_path: Path) -> None:
    shuffled = [f"images/a.jpg, text number {i} ,match" for i in range(200)]
    random.Random(0).shuffle(shuffled)
    content = fixed(table(tmp_path, *shuffled)).content().decode()
    assert content.splitlines()[1:] == [row.replace(", ", ",").replace(" ,", ",") for row in shuffled]


def test_the_sources_of_settings_are_followed(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fix("data", "--clip-set", "duplicate_rows.severity=off", "--clip-set", "paths.severity=off") == 1
    assert json.dumps(capsys.readouterr().out).count("@@") == 2
