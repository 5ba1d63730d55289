"""The same data give the same bytes, and what did not change is not done again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from helpers.drawn import encoded, photo
from helpers.tools import BLACK, BLUE, RED, write

from pytest_clipdata.findings import CheckResult
from pytest_clipdata.reading import local_files as files
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.options import RunOptions

Make = Callable[..., None]
A, B = encoded(photo(1)), encoded(photo(2))
FILES = {"a.jpg": A, "b.jpg": B, "c.jpg": A}
CSVS = {
    "train.csv": [("a.jpg", RED, "match"), ("b.jpg", "too short", "mismatch"), ("c.jpg", BLUE, "maybe"), ("", RED, "")],
    "val.csv": [("b.jpg", BLACK, "match"), ("gone.jpg", RED, "match")],
}


def test_findings_json_is_the_same_bytes_however_it_was_made(pytester: pytest.Pytester, dataset: Make) -> None:
    dataset(CSVS, FILES)
    texts = {}
    for name, arguments in {
        "cold": (),
        "warm": (),
        "one worker": ("--clip-workers=1", "-p", "no:cacheprovider"),
        "two workers": ("--clip-workers=2", "--clip-cache=elsewhere"),
    }.items():
        result = pytester.runpytest_inprocess(
            "--clip-dataset=datasets", "--clip-smoke=off", "--clip-report=out", *arguments
        )
        assert result.ret == 1
        texts[name] = (pytester.path / "out/findings.json").read_bytes()
    assert len(set(texts.values())) == 1
    assert texts["cold"].count(b'"line": ') >= 8


def test_an_unchanged_run_imports_nothing_heavy(pytester: pytest.Pytester, dataset: Make) -> None:
    dataset(CSVS, FILES)
    pytester.makeconftest(
        "import sys\ndef pytest_unconfigure():\n"
        "    print('HEAVY', *sorted({'pandas', 'numpy', 'PIL', 'great_expectations'} & set(sys.modules)))\n"
    )
    time.sleep(2.1)  # a file younger than 2 s may be replaced without its times telling: see images.files
    runs = [pytester.runpytest_subprocess("--clip-dataset=datasets", "--clip-smoke=off") for _ in range(2)]
    runs[1].stdout.fnmatch_lines(["*nothing changed, verdicts from the cache", "HEAVY"])
    assert runs[0].parseoutcomes() == runs[1].parseoutcomes()


# --- the stored verdict ------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A dataset whose files count as old."""
    monkeypatch.setattr(files, "SETTLED_NS", -(10**18))
    write(tmp_path / "data", CSVS, FILES)
    return tmp_path


def judged(folder: Path, *overrides: str, strict: bool = False) -> tuple[str, list[CheckResult]]:
    (dataset,) = discover([folder / "data"])
    options = RunOptions(folder, overrides=overrides, strict=strict, workers=1, cache=folder / "cache", device="off")
    run = DatasetRun(dataset, load_settings(dataset, options), options)
    asked = [(csv, check) for csv in CSVS for check in ("word_count", "duplicate_images", "leakage", "paths")]
    for csv, check in asked:
        run.want(csv, check)
    results = [run.result(csv, check) for csv, check in asked]
    effort = run.effort()
    run.cache.close()
    return effort, results


REPLAYED = "nothing changed, verdicts from the cache"


def test_nothing_changed_nothing_done(folder: Path) -> None:
    before, first = judged(folder)
    after, second = judged(folder)
    assert (before, after) == ("2 images measured, 0 from the cache", REPLAYED) or before.startswith("3 images")
    assert first == second


def change_csv(folder: Path) -> None:
    write(folder / "data", {"train.csv": [*CSVS["train.csv"], ("a.jpg", "short", "match")]})


def change_sibling(folder: Path) -> None:
    write(folder / "data", {"val.csv": [("b.jpg", BLACK, "match")]})


def change_image(folder: Path) -> None:
    stamp = (folder / "data/b.jpg").stat().st_mtime_ns
    (folder / "data/b.jpg").write_bytes(A)
    os.utime(folder / "data/b.jpg", ns=(stamp, stamp))


def remove_image(folder: Path) -> None:
    (folder / "data/c.jpg").unlink()


def add_image(folder: Path) -> None:
    (folder / "data/gone.jpg").write_bytes(A)


def change_settings(folder: Path) -> None:
    (folder / "data/clipdata.toml").write_text("[word_count]\nmin = 2\n")


@pytest.mark.parametrize("change", [change_csv, change_sibling, change_image, remove_image, add_image, change_settings])
def test_whatever_a_verdict_depends_on_is_judged_anew(folder: Path, change: Callable[[Path], None]) -> None:
    _, before = judged(folder)
    change(folder)
    effort, after = judged(folder)
    assert effort != REPLAYED
    assert after != before
    assert judged(folder) == (REPLAYED, after)


def test_a_setting_of_the_command_line_and_strictness_too(folder: Path) -> None:
    judged(folder)
    assert judged(folder, "word_count.min=2")[0] != REPLAYED
    assert judged(folder, strict=True)[0] != REPLAYED
    assert judged(folder)[0] == REPLAYED


@pytest.mark.parametrize(
    "version",
    ["pytest_clipdata.running.replay.__version__", "pytest_clipdata.running.replay.MEASURE_VERSION"],
)
def test_another_version_judges_anew(folder: Path, monkeypatch: pytest.MonkeyPatch, version: str) -> None:
    judged(folder)
    monkeypatch.setattr(version, "other")
    assert judged(folder)[0] != REPLAYED


@pytest.mark.parametrize("package", ["great-expectations", "pillow", "pandas", "numpy"])
def test_another_version_of_what_judges_or_measures_judges_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    judged(folder)
    installed = metadata.version
    monkeypatch.setattr(metadata, "version", lambda name: "99" if name == package else installed(name))
    assert judged(folder)[0] != REPLAYED
    assert judged(folder)[0] == REPLAYED


def test_a_young_file_is_never_taken_for_unchanged(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SETTLED_NS", 10**18)
    judged(folder)
    assert judged(folder)[0] != REPLAYED
