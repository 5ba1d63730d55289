"""For the tests of those who write checks: ``finds`` and ``passes`` judge a few rows as a run would.

    from pytest_clipdata.testing import finds, passes

    def test_a_price_is_positive():
        finds(PRICE, {"price": "0"}, steps=[PRICES])
        passes(PRICE, {"price": "19.90"}, steps=[PRICES])

A row is a mapping from the name of a column to its cell. What a row does not say is sound: its picture shows
something, its text is a caption, its label is a match. ``image_path`` may be a `PIL.Image.Image`, or the bytes of a
file, which are written beside the table. The check is found by its own Great Expectations expectations, with the
settings that are named and else with its defaults.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_clipdata.checks.check import Check
from pytest_clipdata.checks.plugged.plugin import Plugin
from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.facts.step import PictureStep, Step
from pytest_clipdata.findings import CheckResult, Outcome
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.options import RunOptions

if TYPE_CHECKING:
    from PIL.Image import Image

    Cell = str | bytes | Image
Row = Mapping[str, "Cell"]
_SOUND = {"text": "A red cotton t-shirt with a round neck on a wooden table", "label": "match"}


def finds(
    check: Check,
    rows: Row | Sequence[Row],
    message: str | None = None,
    *,
    steps: Iterable[Step | PictureStep] = (),
    **settings: Any,
) -> list[str]:
    """Assert that ``check`` finds each of ``rows``, with ``message`` in what it says if one is given.

    Returns the messages, in the order of the rows. ``steps`` measure the facts of the check; ``settings`` are its
    options. Raises AssertionError, and PluginError for a check that cannot be used.
    """
    result = judged(check, rows, steps=steps, **settings)
    told = {finding.place.row: finding.message for finding in result.findings}
    unfound = [row for number, row in enumerate(_several(rows)) if number not in told and None not in told]
    assert not unfound, f"{check.id} does not find {unfound[0]!r} ({_state(result)})"
    if message is not None:
        unlike = [words for words in told.values() if message not in words]
        assert not unlike, f"{check.id} says {unlike[0]!r}, not {message!r}"
    return list(told.values())


def passes(
    check: Check, rows: Row | Sequence[Row], *, steps: Iterable[Step | PictureStep] = (), **settings: Any
) -> None:
    """Assert that ``check`` judges every one of ``rows`` and finds none; see `finds`."""
    result = judged(check, rows, steps=steps, **settings)
    said = "; ".join(finding.message for finding in result.findings)
    assert not said, f"{check.id} finds {said}"
    assert result.outcome is Outcome.PASSED, f"{check.id} does not pass: {_state(result)}"
    count = len(_several(rows))
    assert not check.per_row or result.evaluated == count, f"{check.id} judges {result.evaluated} of {count} rows"


def judged(
    check: Check, rows: Row | Sequence[Row], *, steps: Iterable[Step | PictureStep] = (), **settings: Any
) -> CheckResult:
    """The result of ``check`` over ``rows``, the rows of a ``train.csv``; see `finds`."""
    registry = REGISTRY.with_plugins([Plugin("the check under test", None, (check,), tuple(steps))])
    overrides = tuple(f"{check.id}.{name}={json.dumps(value)}" for name, value in settings.items())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write(folder, _several(rows))
        (dataset,) = discover([folder])
        options = RunOptions(top=folder, overrides=overrides, workers=1, device="off")
        run = DatasetRun(dataset, load_settings(dataset, options, registry), options, registry)
        try:
            return run.result("train.csv", check.id)
        finally:
            run.cache.close()


def _several(rows: Row | Sequence[Row]) -> Sequence[Row]:
    return [rows] if isinstance(rows, Mapping) else rows


def _state(result: CheckResult) -> str:
    return f"it is {result.outcome}" + (f": {result.reason}" if result.reason else "")


def _write(folder: Path, rows: Sequence[Row]) -> None:
    """The rows as ``train.csv``, with their pictures."""
    names = dict.fromkeys(["image_path", "text", "label", *(name for row in rows for name in row)])
    with (folder / "train.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(names), restval="", lineterminator="\n")
        writer.writeheader()
        for number, row in enumerate(rows):
            cell = row.get("image_path")
            shown = cell if isinstance(cell, str) else _picture(folder, number, cell)
            writer.writerow({**_SOUND, **row, "image_path": shown})


def _picture(folder: Path, number: int, cell: Any) -> str:
    name = f"{number}.png"
    if isinstance(cell, bytes):
        (folder / name).write_bytes(cell)
    else:
        (cell or _drawn(number)).save(folder / name)
    return name


def _drawn(number: int) -> Image:
    """A picture that shows something, another one for each number."""
    import numpy as np
    from PIL import Image

    coarse = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize((256, 256), Image.Resampling.BICUBIC)
