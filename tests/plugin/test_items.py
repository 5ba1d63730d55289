"""What a person sees of a failed check, in every way that pytest has to show it."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.projects import append, pytest_clip, settled, write_dataset

WORDS = "'mac\\x1b[31mth0' is not a label; valid are match, mismatch"
FIRST = f"datasets/train.csv:6: labels: {WORDS}"
HEADLINE = f"FAILED datasets/train.csv::labels - 25 of 29 rows; line 6: {WORDS}"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("items") / "project"
    write_dataset(project / "datasets", train=2, val=1)
    bad = [("images/train0.jpg", f"This is text number {i}", f"mac\x1b[31mth{i}") for i in range(25)]
    append(project / "datasets/train.csv", *bad)
    settled(project)
    return project


def shown(project: Path, *arguments: str) -> tuple[list[str], list[str]]:
    """The lines about the failed check, and those of its summary."""
    done = pytest_clip("-k", "labels or row_count", *arguments, cwd=project)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout
    lines = done.stdout.splitlines()
    return [line for line in lines if ": labels:" in line or "more" in line], [x for x in lines if x.startswith("FAIL")]


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ([], 21),
        (["--tb=short"], 21),
        (["-n", "2"], 21),
        (["-v"], 25),
        (["-q"], 1),
        (["--tb=line"], 1),
        (["--tb=no"], 0),
    ],
)
def test_as_many_rows_as_were_asked_for_and_none_raw(arguments: list[str], count: int, project: Path) -> None:
    lines, summary = shown(project, *arguments)
    assert len(lines) == count
    assert not any("\x1b" in line for line in lines)
    if count == 1:
        assert lines[0].startswith(FIRST)
        assert lines[0].endswith(" (and 24 more)")
    elif count:
        assert lines[0].startswith(f"{FIRST}; the labels are 'match' (2), 'mismatch' (2), 'mac\\x1b[31mth0' (1)")
        assert lines[1] == FIRST.replace(":6:", ":7:").replace("th0", "th1")
        assert count == 25 or lines[-1].startswith("... 5 more, in all 25 of 29 rows; -v shows them all")
    assert [line.startswith(HEADLINE) for line in summary] == [True]


def test_places_are_in_pytests_colours(project: Path) -> None:
    done = pytest_clip("-k", "labels", "--color=yes", cwd=project)
    assert f"\x1b[1m\x1b[31mdatasets/train.csv:6\x1b[0m{FIRST.removeprefix('datasets/train.csv:6')}" in done.stdout


def test_verbose_lines_are_node_ids_that_pytest_takes_back(project: Path) -> None:
    done = pytest_clip("-v", "-k", "labels", cwd=project)
    assert "datasets/train.csv::labels FAILED" in done.stdout
    assert "train.csv: labels __" in done.stdout
    again = pytest_clip("datasets/train.csv::labels", cwd=project)
    assert " 1 failed in" in again.stdout


def test_a_warning_has_a_title_and_its_rows_once(project: Path) -> None:
    done = pytest_clip("-k", "row_count", cwd=project)
    words = "row_count: the source has 29 pairs, it should have at least 100"
    assert f"  datasets/train.csv:1: ClipDataWarning: {words}\n" in done.stdout
    assert done.stdout.count(words) == 1


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_check_that_warns_does_not_look_passed(project: Path, workers: tuple[str, ...]) -> None:
    done = pytest_clip("-v", "-k", "row_count or paths", *workers, cwd=project)
    lines = [line for line in done.stdout.splitlines() if "train.csv::row_count" in line]
    assert any("WARNED" in line for line in lines)
    assert not any("PASSED" in line for line in lines)
    assert "datasets/train.csv:1: ClipDataWarning: row_count" in done.stdout
    assert ".csv:0" not in done.stdout
    assert done.returncode == 0
    assert " 5 passed, 1 skipped, " in done.stdout


def test_warnings_that_are_made_errors_say_so(project: Path) -> None:
    done = pytest_clip("-k", "row_count", "-W", "error", cwd=project)
    assert done.returncode == 1
    assert "row_count: the source has 29 pairs" in done.stdout
    assert "it fails here because warnings are made errors (-W error or filterwarnings)" in done.stdout
    # The plugin is named by -p here, which pytest has a warning of its own for.
    lines = ("error", "ignore::pytest.PytestAssertRewriteWarning", "default::pytest_clipdata.items.ClipDataWarning")
    kept = "filterwarnings=" + "\n".join(lines)
    assert pytest_clip("-k", "row_count", "-o", kept, cwd=project).returncode == 0


def test_a_warning_shows_the_place_and_no_text_of_the_file(tmp_path: Path) -> None:
    write_dataset(tmp_path / "project/datasets", train=1, val=1)
    append(tmp_path / "project/datasets/train.csv", ("images/train0.jpg", "A text with  two blanks in it", "match"))
    done = pytest_clip("-k", "text_style", cwd=tmp_path / "project")
    place = "  datasets/train.csv:4: ClipDataWarning: text_style: 2 blanks in a row at character 12"
    assert place in done.stdout.splitlines()
    assert "images/train0.jpg,A text with" not in done.stdout
