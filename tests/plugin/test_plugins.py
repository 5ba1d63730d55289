"""Checks of an installed package and of a conftest.py are items like ours, wherever one looks."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from helpers.plugins import install_example, install_module
from helpers.projects import clipdata, environment, pytest_clip, settled, write_dataset
from PIL import Image, ImageDraw, ImageFont

OWN = """
from pytest_clipdata.extending import Check, rows_where

def pytest_clipdata_checks(config):
    return [Check(
        id="no_landscape",
        manual="No text is about landscapes.",
        expectations=lambda options: [rows_where("not_match_regex", "text", regex="No.*landscape")],
        message=lambda row, options: f"the text {row['text']!r} is about a landscape",
        judges=("text",),
    )]
"""


def banner(path: Path) -> None:
    picture = Image.new("RGB", (600, 600), "white")
    pen = ImageDraw.Draw(picture)
    for y in range(10, 580, 26):
        pen.text((10, y), "Machine washable at 30 degrees, cotton", "black", ImageFont.load_default(20))
    picture.save(path, quality=90)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two rows of train.csv have a wrong price, the picture of two is a banner; val.csv has no prices."""
    project = tmp_path_factory.mktemp("plugged") / "project"
    write_dataset(project / "datasets", train=3, val=1)
    with (project / "datasets/train.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    prices = ["19.90", "0", "5 EUR", "free", "7,50", "8"]
    with (project / "datasets/train.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [[*header, "price"], *([*row, price] for row, price in zip(rows, prices, strict=True))]
        )
    banner(project / "datasets/images/train2.jpg")
    install_example(project.parent / "site")
    (project / "conftest.py").write_text(OWN, "utf-8")
    (project / "clipdata.toml").write_text("[no_landscape]\nmostly = 0.1\n[price_range]\nmin = 1.0\n", "utf-8")
    return settled(project)


def env_of(project: Path) -> dict[str, str]:
    return environment(project.parent / "home", PYTHONPATH=f"{Path(__file__).parents[2]}:{project.parent / 'site'}")


WHERE = "-kprice_range or text_pictures or no_landscape or word_count"


def test_they_are_in_every_report(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = pytest_clip(
        WHERE, f"--clip-report={out}", f"--clip-quarantine={tmp_path / 'clean'}", cwd=project, env=env_of(project)
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "datasets/train.csv:3: price_range: the price is 0.00, it must be 1.00 to 5000.00" in done.stdout
    assert "datasets/train.csv:5: price_range: 'free' is no price" in done.stdout
    # One line for the two rows that use the picture.
    assert re.search(r"datasets/train\.csv:6\b.*text_pictures: images/train2\.jpg is to ", done.stdout), done.stdout
    findings = json.loads((out / "findings.json").read_text("utf-8"))
    told = {(check["source"], check["check"]): check for check in findings["checks"]}
    counts = {name: (check["outcome"], check["evaluated"], check["unexpected"]) for name, check in told.items()}
    assert counts["train.csv", "price_range"] == ("failed", 6, 2)
    assert counts["train.csv", "text_pictures"] == ("warned", 6, 2)
    assert counts["train.csv", "no_landscape"] == ("passed", 6, 3)  # mostly = 0.1
    assert counts["val.csv", "price_range"] == ("skipped", 0, 0)
    sarif = json.loads((out / "findings.sarif").read_text("utf-8"))
    rules = {rule["id"]: rule for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
    assert rules["price_range"]["shortDescription"]["text"] == "The price is a number within the shop's range"
    assert "price_range" in (out / "report.html").read_text("utf-8")
    pandas = pytest.importorskip("pandas")
    facts = pandas.read_parquet(out / "facts.parquet")
    assert facts.loc[facts.csv == "train.csv", "price_eur"].tolist()[:3] == [19.9, 0.0, 5.0]
    assert facts.loc[facts.csv == "train.csv", "image_text_like"].tolist()[-1] > 0.35
    suite = json.loads((out / "train.csv/suite.json").read_text("utf-8"))
    assert "price_eur" in json.dumps(suite)


def test_a_baseline_knows_them(project: Path, tmp_path: Path) -> None:
    known = f"--clip-baseline={tmp_path / 'known.json'}"
    written = pytest_clip("-kprice_range", known, "--clip-write-baseline", cwd=project, env=env_of(project))
    assert written.returncode == 0, written.stdout
    again = pytest_clip("-kprice_range", known, "-n2", cwd=project, env=env_of(project))
    assert again.returncode == 0, again.stdout


def test_clipdata_check_judges_those_of_packages_and_names_the_conftest(project: Path) -> None:
    done = clipdata("check", "datasets", "--text-only", "--clip-smoke=off", cwd=project, env=env_of(project))
    assert "conftest.py: its checks are not judged here: run pytest --clip-dataset" in done.stdout, done.stderr
    assert "datasets/train.csv::price_range" in done.stdout
    assert "no_landscape" not in done.stdout


def test_a_plugin_that_does_not_load_is_one_usage_error(project: Path, tmp_path: Path) -> None:
    broken = install_module(tmp_path / "site", "broken_shop", "import not_there_at_all")
    env = environment(tmp_path / "home", PYTHONPATH=f"{Path(__file__).parents[2]}:{broken}")
    words = "the plugin 'mine' of broken_shop 0.1.0 (broken_shop:CHECKS) cannot be loaded: ModuleNotFoundError: "
    for done in (
        pytest_clip(cwd=project, env=env),
        clipdata("check", "datasets", cwd=project, env=env),
        clipdata("explain", "labels", cwd=project, env=env),
    ):
        assert done.returncode == 4
        assert len([line for line in (done.stdout + done.stderr).splitlines() if words in line]) == 1
        assert "Traceback" not in done.stdout + done.stderr
