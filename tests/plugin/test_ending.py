"""How a run ends: what was not judged is told everywhere, and what could not be written fails the run."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest
from helpers.projects import append, clipdata, environment, pytest_clip, write_dataset

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A dataset of two CSVs without a critical finding, in ``datasets``."""
    write_dataset(tmp_path / "project/datasets")
    return tmp_path / "project"


def findings(project: Path) -> dict[str, object]:
    return json.loads((project / "out/findings.json").read_bytes())  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("arguments", "ran"),
    [
        (("-k", "portable_paths"), 2),
        (("datasets/val.csv::paths",), 1),
        (("--deselect", "datasets/train.csv"), 25),
        (("-k", "portable_paths", "-n", "2"), 2),
        (
            (
                "-k",
                "nothing_of_that_name",
            ),
            0,
        ),
    ],
)
def test_a_run_in_part_says_so_in_every_report(project: Path, arguments: tuple[str, ...], ran: int) -> None:
    summary = project / "summary.md"
    env = environment(project.parent / "home", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    done = pytest_clip("--clip-report=out", *arguments, cwd=project, env=env)
    words = f"Judged in part: {ran} of 50 tests"
    page = (project / "out/report.html").read_text("utf-8")
    for text in (done.stdout, page, summary.read_text("utf-8"), (project / "out/findings.sarif").read_text()):
        assert words in text
        assert "ready to train" not in text.lower()
    record = findings(project)
    outcomes = [check["outcome"] for check in record["checks"]]  # type: ignore[attr-defined]
    assert (record["complete"], len(outcomes), outcomes.count("not run")) == (False, 50, 50 - ran)
    assert done.stdout.count("wrote the report to") == 1


def test_a_whole_run_says_nothing_of_parts(project: Path) -> None:
    done = pytest_clip("--clip-report=out", cwd=project)
    assert done.returncode == 0
    assert findings(project)["complete"] is True
    assert "in part" not in done.stdout
    assert "Ready to train" in (project / "out/report.html").read_text("utf-8")


def test_text_only_and_stopped_runs_are_runs_in_part(project: Path) -> None:
    done = clipdata("check", "datasets", "--text-only", "--clip-report=out", "--clip-smoke=off", cwd=project)
    assert "Judged in part: " in done.stdout
    assert "Judged in part: " in (project / "out/report.html").read_text("utf-8")
    (project / "datasets/train.csv").write_text("image_path,text,label\nimages/gone.jpg,Too short,match\n", "utf-8")
    assert pytest_clip("-x", "--clip-report=out", cwd=project).returncode == 1
    assert findings(project)["complete"] is False


def test_a_worker_that_dies_leaves_a_report_in_part(project: Path) -> None:
    (project / "conftest.py").write_text(
        "import os\ndef pytest_runtest_setup(item):\n    if item.name == 'labels': os._exit(3)\n"
    )
    done = pytest_clip("-n", "1", "--max-worker-restart=0", "--clip-report=out", cwd=project)
    assert done.returncode == 1
    assert findings(project)["complete"] is False
    assert "Judged in part: " in (project / "out/report.html").read_text("utf-8")


def test_known_findings_stand_beside_the_verdict(project: Path) -> None:
    known = ("--clip-baseline=known.json", "--clip-strict")
    assert pytest_clip(*known, "--clip-write-baseline", cwd=project).returncode == 0
    done = pytest_clip(*known, "--clip-report=out", cwd=project)
    assert done.returncode == 0
    record = findings(project)
    count = len(record["findings"])  # type: ignore[arg-type]
    assert count
    assert all(finding["known"] for finding in record["findings"])  # type: ignore[attr-defined]
    assert sum(check["known"] for check in record["checks"]) == count  # type: ignore[attr-defined]
    assert f"datasets: {count} known from the baseline" in done.stdout
    page = (project / "out/report.html").read_text("utf-8")
    assert "Ready to train" not in page
    assert f"Nothing new, {count} known findings" in page
    results = json.loads((project / "out/findings.sarif").read_bytes())["runs"][0]["results"]
    assert {result["baselineState"] for result in results} == {"unchanged"}
    assert all(result["suppressions"] for result in results)


def test_an_old_baseline_asks_to_be_written_anew(project: Path) -> None:
    (project / "known.json").write_text('{"version": 1, "known": []}')
    assert "is of version 1" in pytest_clip("--clip-baseline=known.json", cwd=project).stdout


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_tests_that_a_configuration_file_leaves_out_fail_the_run(project: Path, workers: tuple[str, ...]) -> None:
    (project / "test_own.py").write_text("def test_unit(): pass\n")
    (project / "pytest.ini").write_text("[pytest]\naddopts = -k unit\n")
    done = pytest_clip(".", *workers, cwd=project)
    assert done.returncode == 1
    assert "datasets: none of its tests ran" in done.stdout
    assert pytest_clip(".", *workers, "-k", "unit", cwd=project).returncode == 0
    assert pytest_clip(".", *workers, "-qkunit", cwd=project).returncode == 0
    (project / "pytest.ini").write_text('[pytest]\naddopts = -k "unit or labels"\n')
    assert pytest_clip(".", *workers, cwd=project).returncode == 0


def test_what_only_looks_fails_nothing(project: Path) -> None:
    for option in ("--collect-only", "--fixtures"):
        done = pytest_clip(option, "--clip-report=out", cwd=project)
        assert done.returncode == 0
        assert not (project / "out").exists()


@pytest.mark.parametrize("option", ["--clip-report", "--clip-quarantine"])
def test_the_dataset_s_own_folder_is_a_usage_error(project: Path, option: str) -> None:
    done = pytest_clip(f"{option}=datasets", cwd=project)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "own folder" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_quarantine_that_is_refused_fails_the_run(project: Path, workers: tuple[str, ...]) -> None:
    done = pytest_clip("-k", "paths", "--clip-quarantine=out", *workers, cwd=project)
    assert done.returncode == 1
    assert "error: no quarantine was written: " in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of file sizes there")
@pytest.mark.parametrize("workers", ["", "-n2"])
def test_what_cannot_be_written_fails_the_run_in_one_sentence(project: Path, workers: str) -> None:
    (project / ".pytest_cache").write_text("a file where the folder of caches must be")
    (project / "out/report.html").mkdir(parents=True)
    (project / "out/train.csv").write_text("a file where a folder must be")
    command = ["--clip-report=out", *filter(None, [workers])]
    done = pytest_clip(*command, cwd=project)
    assert done.returncode == 1
    assert "error: the report could not be written to " in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert "INTERNALERROR" not in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="no limit of file sizes there")
@pytest.mark.parametrize("when", ["from the start", "at the end"])
@pytest.mark.parametrize("workers", ["", "-n2"])
def test_a_full_disk_fails_the_run_in_one_sentence(project: Path, when: str, workers: str) -> None:
    """Files that may not grow beyond a few bytes stand for a disk without room: cache, reports, baseline, quarantine."""
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))\n"
    hook = "import pytest\n@pytest.hookimpl(tryfirst=True)\ndef pytest_sessionfinish():\n"
    at_the_end = hook + "".join(f"    {line}\n" for line in limit.splitlines())
    (project / "conftest.py").write_text(limit if when == "from the start" else at_the_end)
    append(project / "datasets/train.csv", ("images/gone.jpg", "Too short", "match"))
    asked = ["--clip-report=out", "--clip-quarantine=clean", "--clip-baseline=known.json", "--clip-write-baseline"]
    done = pytest_clip(*asked, *filter(None, [workers]), cwd=project)
    assert done.returncode == 1
    for what in ("report", "quarantine", "baseline"):
        assert f"error: the {what} could not be written to " in done.stdout
    for text in ("Traceback", "INTERNALERROR", "Ready to train"):
        assert text not in done.stdout + done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows refuses")
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
@pytest.mark.parametrize("name", ["a::b", "a[0]", "a\x1b[31m\u202eb", "##vso[task.complete]"])
def test_a_dataset_in_a_folder_of_any_name_is_tested(tmp_path: Path, name: str, workers: tuple[str, ...]) -> None:
    project = tmp_path / "project"
    write_dataset(project / name)
    (project / "pytest.ini").write_text("[pytest]\n")
    done = pytest_clip("--junitxml=junit.xml", "-v", *workers, cwd=project, dataset=name)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "44 passed" in done.stdout
    assert "in part" not in done.stdout
    assert len(list(ET.parse(project / "junit.xml").iter("testcase"))) == 50
    printed = done.stdout + done.stderr
    assert not {"\x1b", "\u202e"} & set(printed)
    assert "##vso[" not in printed


def test_a_reader_that_goes_away_leaves_no_pass(project: Path) -> None:
    (project / "datasets/train.csv").write_text("image_path,text,label\nimages/gone.jpg,Too short,match\n", "utf-8")
    code = "import sys; from pytest_clipdata.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", code, "check", "datasets", "--clip-smoke=off"],
        cwd=project, env=environment(project.parent / "home"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(60) != 0
