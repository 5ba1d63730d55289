"""The pytest plugin: options and hooks. Without ``--clip-dataset`` it adds the options and nothing else.

Everything heavier than the standard library is imported where the first item needs it.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_clipdata.dataset import Csv, Dataset
    from pytest_clipdata.findings import CheckResult, Finding, Report, SplitSummary
    from pytest_clipdata.items import DatasetFile
    from pytest_clipdata.options import Outputs
    from pytest_clipdata.reports.baseline import Baseline
    from pytest_clipdata.session import ClipDataset, DatasetRun


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser.getgroup("clipdata", "CLIP fine-tuning data").addoption)


def add_options(add: Callable[..., object]) -> None:
    """Declare every option, here and for the command ``clipdata check``; ``add`` is argparse's ``add_argument``."""
    add(
        "--clip-dataset",
        action="append",
        default=[],
        metavar="PATH",
        help="Test this CSV, or every CSV under this folder (repeatable).",
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
    add("--clip-quarantine", metavar="DIR", help="Write of each CSV a copy of its clean and one of its rejected rows.")
    add("--clip-baseline", metavar="FILE", help="Findings that are known and do not fail.")
    add("--clip-write-baseline", action="store_true", help="Write all findings of this run to the baseline FILE.")
    add("--clip-cache", metavar="DIR", help="Remember measures and verdicts in DIR (default: in pytest's cache).")
    add("--clip-workers", type=int, metavar="N", help="Processes that decode pictures (default: one for each core).")
    add(
        "--clip-smoke",
        choices=("auto", "cpu", "cuda", "mps", "off"),
        default="auto",
        help="Where the smoke test trains: on the accelerator if there is one (auto), on a device, or not at all.",
    )
    add("--clip-model", metavar="ID_OR_FOLDER", help="CLIP checkpoint for the smoke test and for suspect_labels.")
    add("--clip-allow-download", action="store_true", help="The checkpoint may be fetched from the Hugging Face hub.")
    add("--clip-confine", action="store_true", help="A path outside of the image root is a critical finding.")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("clip_dataset"):
        config.addinivalue_line("markers", "gpu: a test that runs on an accelerator")
        config.pluginmanager.register(ClipDataPlugin(config), "clipdata-run")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "clip_dataset" in metafunc.fixturenames:
        plugin = metafunc.config.pluginmanager.get_plugin("clipdata-run")
        datasets = plugin.datasets() if plugin else []
        skip = pytest.param(None, marks=pytest.mark.skip(reason="needs --clip-dataset"), id="none")
        params = [pytest.param(dataset, id=dataset.id) for dataset in datasets] or [skip]
        metafunc.parametrize("clip_dataset", params, indirect=True)


@pytest.fixture
def clip_dataset(request: pytest.FixtureRequest) -> ClipDataset:
    """One CSV of ``--clip-dataset``, a test for each: its path, split, rows, settings and facts table."""
    dataset: ClipDataset = request.param
    return dataset


class ClipDataPlugin:
    """The hooks of a session that has datasets to test: name the CSVs, collect them, gather and report the results."""

    def __init__(self, config: pytest.Config) -> None:
        from pytest_clipdata.dataset import DatasetError, discover
        from pytest_clipdata.settings import SettingsError

        self.config = config
        self.is_xdist_worker = hasattr(config, "workerinput")
        self.results: dict[str, list[CheckResult]] = {}
        self.splits: dict[str, tuple[SplitSummary, ...]] = {}
        self.efforts: dict[str, str] = {}
        self.notes: list[str] = []
        self.known: frozenset[Finding] = frozenset()
        here = config.invocation_params.dir
        try:
            datasets = discover([here / path for path in config.getoption("clip_dataset")])
            self.runs = {self._name(dataset): self._run(dataset) for dataset in datasets}
        except (DatasetError, SettingsError) as error:
            raise pytest.UsageError(str(error)) from error
        self.outputs = self._outputs()
        self.baseline = self._baseline()
        self.csvs: dict[Path, tuple[DatasetRun, Csv]] = {
            csv.path: (run, csv)
            for run in self.runs.values()
            for csv in run.dataset.csvs
            if csv.name in run.dataset.selected
        }
        self._name_what_to_collect()

    def _outputs(self) -> Outputs:
        from pytest_clipdata.options import Outputs

        option, here = self.config.getoption, self.config.invocation_params.dir
        if option("clip_write_baseline") and not option("clip_baseline"):
            raise pytest.UsageError("--clip-write-baseline needs --clip-baseline FILE")
        if option("clip_baseline") and len(self.runs) > 1:
            raise pytest.UsageError("a baseline belongs to one dataset: run pytest once for each")
        named = {name: option(f"clip_{name}") for name in ("report", "quarantine", "baseline")}
        outputs = Outputs(
            **{name: Path(here, value) for name, value in named.items() if value},
            write_baseline=option("clip_write_baseline"),
            github=os.environ.get("GITHUB_ACTIONS") == "true",
        )
        if (folder := outputs.unwritable()) is not None:
            raise pytest.UsageError(f"cannot write to {folder}")
        return outputs

    def _baseline(self) -> Baseline | None:
        """What is known, if a baseline is named; an empty one if it is about to be written for the first time."""
        path = self.outputs.baseline
        if path is None:
            return None
        from pytest_clipdata.reports.baseline import Baseline, BaselineError, load

        try:
            first = self.outputs.write_baseline and not path.exists()
            return Baseline() if first else load(path.read_text(encoding="utf-8"))
        except (BaselineError, OSError, UnicodeDecodeError) as error:
            named = self.config.getoption("clip_baseline")
            raise pytest.UsageError(f"--clip-baseline {named}: {error}") from error

    def _name(self, dataset: Dataset) -> str:
        """How a dataset is called everywhere: its folder as seen from the folder pytest runs in."""
        return os.path.relpath(dataset.root, self.config.invocation_params.dir).replace(os.sep, "/")

    def _run(self, dataset: Dataset) -> DatasetRun:
        from pytest_clipdata.options import RunOptions
        from pytest_clipdata.session import DatasetRun, load_settings

        option = self.config.getoption
        if option("clip_workers") is not None and option("clip_workers") < 1:
            raise pytest.UsageError("--clip-workers must be at least 1")
        options = RunOptions(
            top=self.config.rootpath,
            overrides=tuple(option("clip_set")),
            strict=option("clip_strict"),
            confine=option("clip_confine"),
            workers=option("clip_workers"),
            cache=self._cache(),
            keep_facts=option("clip_report") is not None or option("clip_quarantine") is not None,
            device=option("clip_smoke"),
            model=option("clip_model"),
            allow_download=option("clip_allow_download"),
            progress=self._progress,
        )
        return DatasetRun(dataset, load_settings(dataset, options), options)

    def _cache(self) -> Path | None:
        """The folder of the cache; None, and nothing is written, with ``-p no:cacheprovider``."""
        named = self.config.getoption("clip_cache")
        if named is not None:
            return Path(self.config.invocation_params.dir, named)
        cache = getattr(self.config, "cache", None)
        return None if cache is None else Path(cache.mkdir("clipdata"))

    def _name_what_to_collect(self) -> None:
        """``pytest --clip-dataset X`` tests X alone, ``pytest tests --clip-dataset X`` both, a node id only that."""
        config = self.config
        named = [config.invocation_params.dir / argument.split("::")[0] for argument in config.args]
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args[:] = map(str, self.csvs)
        elif not any(path.resolve() in self.csvs for path in named):
            config.args += map(str, self.csvs)

    # --- collecting ---------------------------------------------------------------------------------------------

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> DatasetFile | None:
        if file_path not in self.csvs:
            return None
        from pytest_clipdata.items import DatasetFile

        return DatasetFile.make(parent, file_path, *self.csvs[file_path])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        from pytest_clipdata.items import CheckItem

        for item in session.items:
            if isinstance(item, CheckItem):
                item.run.want(item.csv.name, item.name)
            elif "clip_dataset" in getattr(item, "fixturenames", ()):
                for run in self.runs.values():
                    run.want_facts()

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """One dataset stays on one worker, so that nothing is measured twice; other tests go as they would."""
        from xdist.scheduler import LoadFileScheduling, LoadGroupScheduling, LoadScopeScheduling

        mode = config.getvalue("dist")
        bases = {"loadscope": LoadScopeScheduling, "loadfile": LoadFileScheduling}
        if mode == "each":
            return None
        roots = {
            os.path.relpath(path, config.rootpath).replace(os.sep, "/"): name
            for name, run in self.runs.items()
            for path in (csv.path for csv in run.dataset.csvs)
        }

        class DatasetScheduling(bases.get(mode, LoadGroupScheduling)):  # type: ignore[misc] # xdist is untyped
            def _split_scope(self, nodeid: str) -> str:
                dataset = roots.get(nodeid.split("::")[0])
                return str(super()._split_scope(nodeid)) if dataset is None else dataset

        return DatasetScheduling(config, log)

    def datasets(self) -> list[ClipDataset]:
        """The CSVs for the fixture ``clip_dataset``."""
        from pytest_clipdata.session import ClipDataset

        return [ClipDataset(run, csv, f"{name}/{csv.name}") for name, run in self.runs.items() for csv in run.selected]

    # --- running ------------------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Measure before the first item of a dataset starts its clock: timeouts and durations are those of judging."""
        from pytest_clipdata.items import CheckItem

        if isinstance(item, CheckItem):
            item.prepare(self.baseline, accept=self.outputs.write_baseline)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """Put the result on the report, as plain data: under xdist it travels to the controller."""
        from pytest_clipdata.items import CheckItem

        report: Any = yield
        if isinstance(item, CheckItem) and (report.when == "call" or (report.when == "setup" and not report.passed)):
            result = item.result_or_error()
            if report.skipped:
                report.longrepr = (str(item.path), 1, f"Skipped: {result.reason}")  # where the data is, not our code
            elif report.when == "setup" and item.failure is None:
                report.longrepr = "\n".join(item.lines(result))  # pytest asks repr_failure only of the call
            report.clipdata = {
                "dataset": self._name(item.run.dataset),
                "splits": [asdict(split) for split in item.run.splits],
                "result": result.dumps(),
                "effort": item.run.effort(),
            }
            if report.when == "call" and report.failed:
                report.clipdata["crash"] = asdict(item.crash(result))
        return report  # type: ignore[no-any-return]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        from pytest_clipdata.findings import CheckResult, SplitSummary
        from pytest_clipdata.items import Crash, FindingsText

        data = getattr(report, "clipdata", None)
        if data is not None and not self.is_xdist_worker:
            if "crash" in data:  # only here, and before other plugins look: an xdist worker sends plain text
                folded = self.config.option.tbstyle == "line"
                check = CheckResult.loads(data["result"]).check
                lines = str(report.longrepr).splitlines()
                report.longrepr = FindingsText(lines, check, Crash(**data["crash"]), folded)
            self.efforts[data["dataset"]] = data["effort"]
            self.splits[data["dataset"]] = tuple(SplitSummary(**split) for split in data["splits"])
            self.results.setdefault(data["dataset"], []).append(CheckResult.loads(data["result"]))

    # --- reporting ----------------------------------------------------------------------------------------------

    def pytest_report_header(self) -> list[str]:
        from pytest_clipdata.reports.terminal import header_lines

        runs = {} if self.config.option.collectonly else self.runs
        return [line for name, run in runs.items() for line in header_lines(name, run.image_roots, run.splits)]

    def reports(self) -> list[Report]:
        """One report for each dataset, in the order in which they were named."""
        from pytest_clipdata.findings import Report

        found = []
        for name, run in self.runs.items():
            if name in self.results:
                order = {csv.name: number for number, csv in enumerate(run.dataset.csvs)}
                ids = {check_id: number for number, check_id in enumerate(run.check_ids())}
                results = sorted(self.results[name], key=lambda result: (order[result.csv], ids[result.check]))
                found.append(Report(name, self.splits[name], tuple(results)))
        return found

    def pytest_sessionfinish(self) -> None:
        for name, run in self.runs.items():
            folder = self._outputs_of(name).report
            if folder is not None:
                from pytest_clipdata.reports.artifacts import write_judged

                write_judged(folder, run.frames, run.verdicts)
        if self.outputs.any and not self.is_xdist_worker:
            from pytest_clipdata.publish import publish

            for report in self.reports():
                outputs = self._outputs_of(report.dataset)
                notes, known = publish(self.runs[report.dataset], report, self.baseline, outputs)
                self.notes += notes
                self.known |= known
        for run in self.runs.values():
            run.cache.close()

    def _outputs_of(self, dataset: str) -> Outputs:
        return self.outputs if len(self.runs) == 1 else self.outputs.within(dataset.replace("..", "_").strip("/"))

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        from pytest_clipdata.reports.terminal import smoke_line, summary_table

        if not self.results:
            return
        quiet = self.config.get_verbosity() < -1
        lines = [] if quiet else summary_table(self.reports(), known=self.known)
        if not quiet:
            lines += [f"{name}: {effort}" for name, effort in self.efforts.items()]
            lines += [line for results in self.results.values() for line in map(smoke_line, results) if line]
        if lines or self.notes:
            terminalreporter.section("clipdata", sep="=")
        for line in lines + self.notes:
            terminalreporter.write_line(line)

    @contextmanager
    def _progress(self, total: int) -> Iterator[Callable[[int], object]]:
        """A bar while pictures are measured, on a terminal that somebody watches; nothing in a log."""
        import sys

        quiet = self.is_xdist_worker or self.config.get_verbosity() < -1 or os.environ.get("CI")
        capture = self.config.pluginmanager.get_plugin("capturemanager")
        if quiet or capture is None or not total:
            yield lambda done: None
            return
        with capture.global_and_fixture_disabled():
            if not sys.stderr.isatty():
                yield lambda done: None
                return
            from tqdm import tqdm

            with tqdm(total=total, desc="measuring", unit="image", leave=False, file=sys.stderr) as bar:
                yield bar.update
