"""Two helpers for tests of checks: ``finds`` and ``passes`` judge a small dataset in this process, without pytest.

A dataset is ``{"train.csv": rows, ...}``, or rows alone for a lone ``train.csv``. Rows are tuples (image_path, text,
label) of which the first is in line 2, or the content of the CSV as text or bytes. ``files`` are written beside it.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pytest_clipdata.findings import CheckResult, Outcome, Severity
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.options import RunOptions

Rows = Sequence[tuple[str, str, str]] | str | bytes
RED = "Red cotton t-shirt with round neck"
BLUE = "Blue denim jeans with slim fit"
BLACK = "Black leather formal shoes with laces"


def csv_bytes(rows: Rows) -> bytes:
    if isinstance(rows, bytes):
        return rows
    if isinstance(rows, str):
        return rows.encode()
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([("image_path", "text", "label"), *rows])
    return out.getvalue().encode("utf-8", "surrogatepass")


def write(folder: Path, csvs: Mapping[str, Rows], files: Mapping[str, bytes] | None = None) -> None:
    content = {name: csv_bytes(rows) for name, rows in csvs.items()} | dict(files or {})
    for name, data in content.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def open_run(folder: Path, *overrides: str, strict: bool = False, confine: bool = False) -> DatasetRun:
    """A run over the dataset in ``folder`` that remembers nothing."""
    (dataset,) = discover([folder])
    options = RunOptions(top=folder, overrides=overrides, strict=strict, confine=confine, workers=1, device="off")
    run = DatasetRun(dataset, load_settings(dataset, options), options)
    _OPENED.append(run)
    return run


_OPENED: list[DatasetRun] = []


def close_runs() -> None:
    """Close the caches of all runs that `open_run` opened: an unclosed one is a warning from Python 3.13 on."""
    while _OPENED:
        _OPENED.pop().cache.close()


def judge(
    data: Mapping[str, Rows] | Rows,
    check: str,
    *settings: str,
    files: Mapping[str, bytes] | None = None,
    toml: str = "",
    strict: bool = False,
    confine: bool = False,
) -> dict[str, CheckResult]:
    """The result of one check by CSV. ``settings`` are ``KEY=VALUE``, KEY of this check's table."""
    csvs = data if isinstance(data, Mapping) else {"train.csv": data}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, csvs, files)
        if toml:
            (folder / "clipdata.toml").write_text(toml, encoding="utf-8")
        overrides = [f"{check}.{setting}" for setting in settings]
        run = open_run(folder, *overrides, strict=strict, confine=confine)
        for csv in csvs:
            run.want(csv, check)
        return {csv: run.result(csv, check) for csv in csvs}


def places(results: Iterable[CheckResult]) -> dict[str, str]:
    """The findings' messages by ``csv:line`` (``csv`` alone for one about the whole), joined where they are several."""
    found: dict[str, str] = {}
    for finding in (finding for result in results for finding in result.findings):
        place = str(finding.place)
        found[place] = f"{found[place]} + {finding.message}" if place in found else finding.message
    return found


def finds(
    data: Mapping[str, Rows] | Rows,
    check: str,
    expected: Mapping[str | int | None, str],
    *settings: str,
    files: Mapping[str, bytes] | None = None,
    toml: str = "",
) -> dict[str, CheckResult]:
    """Assert that the findings are exactly ``expected``: messages by line of train.csv (None: all of it) or place."""
    results = judge(data, check, *settings, files=files, toml=toml)
    assert places(results.values()) == {_place(place): message for place, message in expected.items()}
    for result in results.values():
        if result.findings:
            assert result.outcome is (Outcome.FAILED if result.severity is Severity.CRITICAL else Outcome.WARNED)
            assert result.unexpected == len({finding.place.row for finding in result.findings})
    return results


def _place(place: str | int | None) -> str:
    if isinstance(place, str):
        return place
    return "train.csv" if place is None else f"train.csv:{place}"


def passes(
    data: Mapping[str, Rows] | Rows,
    check: str,
    *settings: str,
    files: Mapping[str, bytes] | None = None,
    toml: str = "",
) -> dict[str, CheckResult]:
    """Assert that the check holds for every CSV that it could judge, and that it could judge one."""
    results = judge(data, check, *settings, files=files, toml=toml)
    outcomes = {result.outcome for result in results.values()}
    assert places(results.values()) == {}
    assert outcomes <= {Outcome.PASSED, Outcome.SKIPPED}
    assert Outcome.PASSED in outcomes
    return results


def skips(
    data: Mapping[str, Rows] | Rows, check: str, reason: str, *settings: str, files: Mapping[str, bytes] | None = None
) -> None:
    """Assert that the check judged nothing of train.csv, and why."""
    result = judge(data, check, *settings, files=files)["train.csv"]
    assert (result.outcome, result.reason) == (Outcome.SKIPPED, reason)
