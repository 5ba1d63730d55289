"""The options of the command line, and what they say about a run as plain values."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_clipdata.reading.dataset import Dataset
    from pytest_clipdata.reports.baseline.entries import Baseline
    from pytest_clipdata.settings.options import Outputs, Progress, RunOptions


def add_options(add: Callable[..., object]) -> None:
    """Declare every option, here and for the command ``clipdata check``; ``add`` is argparse's ``add_argument``."""
    add(
        "--clip-dataset",
        action="append",
        default=[],
        metavar="PATH",
        help="Test this dataset: a folder, or a file of one (repeatable).",
    )
    add(
        "--clip-set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="Override a setting, for instance resolution.min_side=336 (repeatable).",
    )
    add("--clip-strict", action="store_true", help="Findings of severity warning fail their item.")
    add("--clip-report", metavar="DIR", help="Write report.html, findings.json, findings.sarif, suites and facts.")
    add("--clip-quarantine", metavar="DIR", help="Write a clean and a rejected copy of each table.")
    add("--clip-baseline", metavar="FILE", help="Findings that are known and do not fail.")
    add("--clip-write-baseline", action="store_true", help="Write all findings of this run to the baseline FILE.")
    add("--clip-cache", metavar="DIR", help="Remember measures and verdicts in DIR (default: in pytest's cache).")
    add(
        "--clip-engine",
        choices=("local", "spark"),
        default="local",
        help="What measures and judges: this machine, or Spark (pip install 'pytest-clipdata[spark]').",
    )
    add("--clip-workers", type=int, metavar="N", help="Processes that decode pictures (default: one for each core).")
    add(
        "--clip-smoke",
        choices=("auto", "cpu", "cuda", "mps", "off"),
        default="auto",
        help="Where the smoke test trains: on the accelerator if there is one (auto), on a device, or not at all.",
    )
    add(
        "--clip-model",
        metavar="ID_OR_FOLDER",
        help="CLIP or SigLIP checkpoint for the smoke test and suspect_labels; sets side, context and tokens.",
    )
    add("--clip-allow-download", action="store_true", help="The checkpoint may be fetched from the Hugging Face hub.")
    add("--clip-confine", action="store_true", help="A path outside of the image root is a critical finding.")


def run_options(config: pytest.Config, progress: Progress) -> RunOptions:
    """What the command line says about measuring and judging. Raises pytest.UsageError."""
    from pytest_clipdata.settings.options import RunOptions

    option = config.getoption
    if option("clip_workers") is not None and option("clip_workers") < 1:
        raise pytest.UsageError("--clip-workers must be at least 1")
    return RunOptions(
        top=config.rootpath,
        # The configuration file of `clipdata check` is /dev/null: it makes no folder the border of a project.
        bounded=config.inipath is not None and config.inipath.is_file(),
        here=config.invocation_params.dir,
        conftests=not config.getoption("noconftest"),
        overrides=tuple(option("clip_set")),
        strict=option("clip_strict"),
        confine=option("clip_confine"),
        engine=option("clip_engine"),
        workers=option("clip_workers"),
        cache=_cache_folder(config),
        keep_facts=option("clip_report") is not None or option("clip_quarantine") is not None,
        device=option("clip_smoke"),
        model=option("clip_model"),
        allow_download=option("clip_allow_download"),
        progress=progress,
    )


def _cache_folder(config: pytest.Config) -> Path | None:
    """The folder of the cache; None, and nothing is written, with ``-p no:cacheprovider``."""
    named = config.getoption("clip_cache")
    if named is not None:
        return Path(config.invocation_params.dir, named)
    cache = getattr(config, "cache", None)
    if cache is None:
        return None
    try:
        return Path(cache.mkdir("clipdata"))
    except OSError:  # a full disk, a folder that is read-only: the run goes on, and says why nothing is remembered
        return Path(config.rootpath / config.getini("cache_dir") / "d/clipdata")


def outputs(config: pytest.Config, datasets: Mapping[str, Dataset], *, baselines: bool = False) -> Outputs:
    """What is to be written when the run over these ``datasets`` ends. Raises pytest.UsageError.

    ``baselines`` says that the settings of each dataset name a baseline.
    """
    from pytest_clipdata.plugin.shown import shown
    from pytest_clipdata.plugin.typed import typed
    from pytest_clipdata.settings.options import Outputs

    option, here = config.getoption, config.invocation_params.dir
    if option("clip_write_baseline") and not (option("clip_baseline") or baselines):
        raise pytest.UsageError("--clip-write-baseline needs --clip-baseline FILE, or baseline in the settings")
    if option("clip_baseline") and len(datasets) > 1:
        raise pytest.UsageError("a baseline belongs to one dataset: run pytest once for each")
    named = {name: option(f"clip_{name}") for name in ("report", "quarantine", "baseline")}
    asked = Outputs(
        **{name: Path(here, value) for name, value in named.items() if value},
        write_baseline=option("clip_write_baseline"),
        github=os.environ.get("GITHUB_ACTIONS") == "true",
        command=typed(sys.argv, config.invocation_params.args),
    )
    if hasattr(config, "workerinput"):  # the controller has looked
        return asked
    words = asked.unwritable() or next(filter(None, map(asked.in_the_way, datasets.values())), None)
    if words is not None:
        raise pytest.UsageError(shown(words))
    return asked


def known_before(config: pytest.Config, asked: Outputs) -> Baseline | None:
    """What is known, if a baseline is named; an empty one if it is about to be written for the first time."""
    path = asked.baseline
    if path is None:
        return None
    from pytest_clipdata.plugin.shown import shown_lines
    from pytest_clipdata.reports.baseline.entries import Baseline
    from pytest_clipdata.reports.baseline.file import BaselineError, load

    try:
        first = asked.write_baseline and not path.exists()
        if path.exists() and not path.is_file():  # opening a named pipe would wait for ever
            raise BaselineError("is not a file")
        return Baseline() if first else load(path.read_text(encoding="utf-8"))
    except (BaselineError, OSError, UnicodeDecodeError) as error:
        named = config.getoption("clip_baseline")
        where = f"--clip-baseline {named}" if named else f"baseline = {str(path)!r} of the settings"
        raise pytest.UsageError(shown_lines(f"{where}: {error}")) from error
