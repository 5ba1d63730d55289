"""A made-up dataset of any size for the HTML report: drawn pictures, seeded findings."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from helpers import values
from pytest_clipdata.findings import CheckResult, Finding, Outcome, Report, Severity, SplitSummary
from pytest_clipdata.images.facts import Limits
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.reports.html.about import About, url_path
from pytest_clipdata.reports.html.content import THUMBNAIL_BUDGET, groups_of, pictures
from pytest_clipdata.reports.html.profile import Pair, Profile, build_profile, held_findings
from pytest_clipdata.reports.html.render import render
from pytest_clipdata.reports.html.spread import Histogram, LabelShare, Names
from pytest_clipdata.reports.html.thumbnails import thumbnails
from pytest_clipdata.reports.html.verdict import verdict
from pytest_clipdata.reports.rule import InForce, RuleText
from pytest_clipdata.reports.view import View

CRITICAL = ("decodable", "duplicate_images", "leakage", "resolution", "text_hygiene", "token_length", "word_count")
WARNING = ("repeated_text", "visibility")
QUIET = ("columns", "missing_values", "labels", "paths", "contradictions", "duplicate_rows")
RULES = {
    "resolution": RuleText(
        "resolution",
        Severity.CRITICAL,
        "The short side in pixels is at least 224",
        "The short side in pixels is at least 224.\n\nSee ``min_side``. Bad::\n\n    images/small.jpg,a shirt,match",
        (InForce("severity", '"critical"'), InForce("min_side", "336", changed=True)),
    )
}
ABOUT = About(
    datetime(2026, 11, 24, 17, 33, tzinfo=UTC),
    "0.1.0",
    "pytest --clip-dataset datasets/shop",
    root="/data/datasets/shop",
)
ROWS, TRAIN = 1200, 960


def draw(folder: Path, count: int, seed: int = 0, grain: int = 0) -> list[str]:
    """Pictures of shapes on a plain ground; ``grain`` (0..255) of noise makes them as heavy as photographs."""
    rng = random.Random(seed)
    names = []
    for i in range(count):
        image = Image.new("RGB", (160, rng.randrange(120, 240)), tuple(rng.randrange(150, 256) for _ in range(3)))
        pen = ImageDraw.Draw(image)
        for _ in range(3):
            x, y = rng.randrange(120), rng.randrange(100)
            shape = (pen.ellipse, pen.rectangle)[rng.randrange(2)]
            shape(
                (x, y, x + rng.randrange(20, 90), y + rng.randrange(20, 90)), tuple(rng.randrange(200) for _ in "rgb")
            )
        if grain:
            noise = Image.effect_noise(image.size, grain).convert("RGB")
            image = Image.blend(image, noise, 0.2)
        names.append(f"images/{i:04}.jpg")
        path = folder / names[-1]
        path.parent.mkdir(exist_ok=True)
        image.save(path, quality=85)
    return names


def dataset(count: int, names: list[str], seed: int = 1, rows: int = ROWS) -> tuple[Report, dict[str, list[Any]]]:
    """A report of ``count`` findings and the columns of the rows that it is about."""
    rng = random.Random(seed)
    words = ["a", "red", "blue", "cotton", "shirt", "with", "long", "sleeves", "and", "white", "leather", "shoe"]
    cells: dict[str, list[Any]] = {"split": [], "image_path": [], "text": [], "label": []}
    cells |= {"is_match": [], "image_short_side": [], "word_count": [], "token_count": []}
    cells |= {"image_brightness": [], "image_aspect_ratio": [], "image_bytes": [], "image_format": []}
    train = rows * TRAIN // ROWS
    for i in range(rows):
        size = max(2, int(rng.gauss(12, 4)))
        match = rng.random() < 0.5
        row: list[Any] = ["train" if i < train else "val"]
        row += [rng.choice(names), " ".join(rng.choices(words, k=size)), "match" if match else "mismatch", match]
        row += [int(rng.gauss(640, 160)), size, size + 3 + rng.randrange(5)]
        row += [rng.betavariate(5, 3), 1 + rng.random() ** 3, int(rng.gauss(180_000, 50_000))]
        row += [rng.choices(["jpeg", "png", "webp"], [20, 4, 1])[0]]
        for name, value in zip(cells, row, strict=True):
            cells[name].append(value)
    sources = ["train.csv"] * train + ["val.csv"] * (rows - train)
    columns = {**values.located(sources, [*range(2, train + 2), *range(2, rows - train + 2)]), **cells}
    found: dict[tuple[str, str], list[Finding]] = {}
    for i in sorted(rng.sample(range(rows), min(count, rows))):
        check = rng.choice(CRITICAL + WARNING)
        csv, line, image = columns["csv"][i], columns["line"][i], columns["image_path"][i]
        severity = Severity.WARNING if check in WARNING else Severity.CRITICAL
        message, grade, turned, related = f"{image} is 180x240, its short side must be at least 224", None, None, []
        if check in ("leakage", "duplicate_images"):
            j = rng.randrange(train)
            related = [values.related("train.csv", columns["line"][j], columns["image_path"][j])]
            message = f"{image} is the same picture as {related[0].value} ({related[0].place}), mirrored"
            grade, turned = "perceptual", "mirrored"
        finding = values.finding(csv, line, check, severity, "image_path", image, message, grade, turned, related)
        found.setdefault((csv, check), []).append(finding)
    checks = []
    for csv, evaluated in (("train.csv", train), ("val.csv", rows - train)):
        for check in (*CRITICAL, *WARNING, *QUIET):
            findings = tuple(found.get((csv, check), ()))
            severity = Severity.WARNING if check in WARNING else Severity.CRITICAL
            outcome = Outcome.PASSED
            if findings:
                outcome = Outcome.WARNED if check in WARNING else Outcome.FAILED
            checks.append(CheckResult(csv, check, severity, outcome, evaluated, len(findings), None, findings))
    reason = "torch is not installed: pip install pytest-clipdata[smoke]"
    checks.append(CheckResult("train.csv", "smoke", Severity.CRITICAL, Outcome.SKIPPED, 0, 0, reason))
    splits = (SplitSummary("train.csv", "train", 960, 480, 0.503), SplitSummary("val.csv", "val", 240, 120, 0.488))
    return Report("datasets/shop", splits, tuple(checks)), columns


def page(report: Report, profile: Profile, folder: Path) -> str:
    keys = pictures(groups_of(held_findings(report), verdict(report, ()).outcomes), profile)
    thumbs = thumbnails({key: Blob.of(folder / key[1]) for key in keys}, Limits(), max_bytes=THUMBNAIL_BUDGET)
    links = {key: f"../data/{key[1]}" for key in keys}
    return render(report, profile, thumbs, View("datasets/shop"), RULES, ABOUT, links)


def made(count: int, folder: Path, *, drawn: int = 40, grain: int = 0) -> str:
    report, columns = dataset(count, draw(folder, drawn, grain=grain))
    return page(report, build_profile(columns, report), folder)


HOSTILE = (
    """</style></script><script>document.title = "pwned"</script><img src=x onerror="document.title='pwned'">"""
    """ '"><a href="javascript:document.title=1">x</a> <!--<script> \u202e\x1b\ud800"""
)


def hostile() -> tuple[Report, Profile]:
    """A report and a profile in which every text is an attack."""
    found = values.finding(HOSTILE, 2, "resolution", Severity.CRITICAL, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    check = CheckResult(HOSTILE, "resolution", Severity.CRITICAL, Outcome.FAILED, 9, 1, HOSTILE, (found,))
    report = Report(HOSTILE, (SplitSummary(HOSTILE, HOSTILE, 9, 9, 0.5),), (check,))
    pair = Pair(values.place(HOSTILE, 2), HOSTILE, HOSTILE, HOSTILE)
    charts = (
        Histogram("Words", "words", (0.0, 1.0), ((HOSTILE, (3,)),)),
        Names(HOSTILE, HOSTILE, (HOSTILE,), ((HOSTILE, (3,)),)),
    )
    samples = (replace(pair, place=values.place(HOSTILE, 3)),)
    return report, Profile(charts, (LabelShare(HOSTILE, 1, 1),), samples, (pair,))


def hostile_rules() -> dict[str, RuleText]:
    manual = f"{HOSTILE}\n\nBad::\n\n    {HOSTILE}"
    return {
        "resolution": RuleText("resolution", Severity.CRITICAL, HOSTILE, manual, (InForce(HOSTILE, HOSTILE),), True)
    }


def hostile_about() -> About:
    return About(
        ABOUT.made, HOSTILE, HOSTILE, HOSTILE, (InForce(HOSTILE, HOSTILE, True),), url_path(Path(f"/{HOSTILE[:200]}"))
    )
