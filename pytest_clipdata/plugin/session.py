"""The hooks of a session that has datasets to test: what is collected, what is gathered, what is said at the end."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_clipdata.plugin.options import known_before, outputs, run_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_clipdata.findings import CheckResult, Finding, Report, SplitSummary
    from pytest_clipdata.plugin.items import DatasetFile
    from pytest_clipdata.reading.dataset import Dataset
    from pytest_clipdata.reading.source import Source
    from pytest_clipdata.running.clip_dataset import ClipDataset
    from pytest_clipdata.running.run import DatasetRun
    from pytest_clipdata.settings.options import Outputs


class ClipDataPlugin:
    """The hooks of a session that has datasets to test: name the CSVs, collect them, gather and report the results."""

    def __init__(self, config: pytest.Config) -> None:
        from pytest_clipdata.reading.dataset import DatasetError, discover
        from pytest_clipdata.settings.declared import SettingsError

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
        self.outputs = outputs(config, len(self.runs))
        self.baseline = known_before(config, self.outputs)
        self.sources: dict[Path, tuple[DatasetRun, Source]] = {
            source.path: (run, source)
            for run in self.runs.values()
            for source in run.dataset.sources
            if source.name in run.dataset.selected
        }
        self._name_what_to_collect()

    def _name(self, dataset: Dataset) -> str:
        """How a dataset is called everywhere: its folder as seen from the folder pytest runs in."""
        return os.path.relpath(dataset.root, self.config.invocation_params.dir).replace(os.sep, "/")

    def _run(self, dataset: Dataset) -> DatasetRun:
        from pytest_clipdata.plugin.progress import progress_bar
        from pytest_clipdata.running.run import DatasetRun, load_settings

        options = run_options(self.config, lambda total: progress_bar(self.config, total))
        return DatasetRun(dataset, load_settings(dataset, options), options)

    def _name_what_to_collect(self) -> None:
        """``pytest --clip-dataset X`` tests X alone, ``pytest tests --clip-dataset X`` both, a node id only that."""
        config = self.config
        named = [config.invocation_params.dir / argument.split("::")[0] for argument in config.args]
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args[:] = map(str, self.sources)
        elif not any(path.resolve() in self.sources for path in named):
            config.args += map(str, self.sources)

    # --- collecting ---------------------------------------------------------------------------------------------

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> DatasetFile | None:
        if file_path not in self.sources:
            return None
        from pytest_clipdata.plugin.items import DatasetFile

        return DatasetFile.make(parent, file_path, *self.sources[file_path])

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        from pytest_clipdata.plugin.items import CheckItem

        for item in session.items:
            if isinstance(item, CheckItem):
                item.run.want(item.source.name, item.name)
            elif "clip_dataset" in getattr(item, "fixturenames", ()):
                for run in self.runs.values():
                    run.want_facts()
        if not self.is_xdist_worker and not self.config.option.collectonly:
            self._refuse_wrong_rules(unknown=True)

    def _refuse_wrong_rules(self, *, unknown: bool) -> None:
        """A rule of the settings that Great Expectations does not take is one usage error, before the work."""
        for run in self.runs.values():
            for refused in run.refused_rules(unknown=unknown):
                raise pytest.UsageError(f"{self._settings_of(run)}: {refused}")

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        from pytest_clipdata.plugin.scheduling import dataset_scheduling

        self._refuse_wrong_rules(unknown=False)  # here nothing is collected, and no conftest.py beside the data read
        datasets = {
            os.path.relpath(source.path, config.rootpath).replace(os.sep, "/"): name
            for name, run in self.runs.items()
            for source in run.dataset.sources
        }
        return dataset_scheduling(config, log, datasets)

    def datasets(self) -> list[ClipDataset]:
        """The CSVs for the fixture ``clip_dataset``."""
        from pytest_clipdata.running.clip_dataset import ClipDataset

        return [
            ClipDataset(run, source, f"{name}/{source.name}")
            for name, run in self.runs.items()
            for source in run.selected
        ]

    # --- running ------------------------------------------------------------------------------------------------

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Measure before the first item of a dataset starts its clock: timeouts and durations are those of judging."""
        from pytest_clipdata.plugin.items import CheckItem

        if isinstance(item, CheckItem):
            item.prepare(self.baseline, accept=self.outputs.write_baseline)
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Iterator[None]:
        """Put the result on the report, as plain data: under xdist it travels to the controller."""
        from pytest_clipdata.plugin.items import CheckItem
        from pytest_clipdata.plugin.outcome import ItemOutcome

        report: Any = yield
        if isinstance(item, CheckItem) and (report.when == "call" or (report.when == "setup" and not report.passed)):
            result = item.result_or_error()
            if report.skipped:
                report.longrepr = (str(item.path), 1, f"Skipped: {result.reason}")  # where the data is, not our code
            elif report.when == "setup" and item.failure is None:
                report.longrepr = "\n".join(item.lines(result))  # pytest asks repr_failure only of the call
            crashed = report.when == "call" and report.failed
            report.clipdata = ItemOutcome(
                dataset=self._name(item.run.dataset),
                splits=item.run.splits,
                result=result,
                effort=item.run.effort(),
                crash=item.crash(result) if crashed else None,
            ).dumps()
        return report  # type: ignore[no-any-return]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: Any) -> None:
        from pytest_clipdata.plugin.failure import FindingsText
        from pytest_clipdata.plugin.outcome import ItemOutcome

        text = getattr(report, "clipdata", None)
        if text is None or self.is_xdist_worker:
            return
        outcome = ItemOutcome.loads(text)
        if outcome.crash is not None:  # only here, and before other plugins look: an xdist worker sends plain text
            folded = self.config.option.tbstyle == "line"
            lines = str(report.longrepr).splitlines()
            report.longrepr = FindingsText(lines, outcome.result.check, outcome.crash, folded)
        self.efforts[outcome.dataset] = outcome.effort
        self.splits[outcome.dataset] = outcome.splits
        self.results.setdefault(outcome.dataset, []).append(outcome.result)

    # --- reporting ----------------------------------------------------------------------------------------------

    def pytest_report_header(self) -> list[str]:
        from pytest_clipdata.reports.terminal import header_lines

        runs = {} if self.config.option.collectonly else self.runs
        return [
            line
            for name, run in runs.items()
            for line in header_lines(name, run.image_roots, run.splits, self._settings_of(run))
        ]

    def _settings_of(self, run: DatasetRun) -> str | None:
        """The settings file in force as seen from the folder pytest runs in."""
        file, here = run.settings.source, self.config.invocation_params.dir
        return None if file is None else os.path.relpath(file, here).replace(os.sep, "/")

    def reports(self) -> list[Report]:
        """One report for each dataset, in the order in which they were named."""
        from pytest_clipdata.findings import Report

        found = []
        for name, run in self.runs.items():
            if name in self.results:
                order = {source.name: number for number, source in enumerate(run.dataset.sources)}
                ids = {check_id: number for number, check_id in enumerate(run.check_ids())}
                results = sorted(self.results[name], key=lambda result: (order[result.source], ids[result.check]))
                found.append(Report(name, self.splits[name], tuple(results)))
        return found

    def pytest_sessionfinish(self) -> None:
        for name, run in self.runs.items():
            folder = self._outputs_of(name).report
            if folder is not None:
                from pytest_clipdata.reports.judged import write_judged

                write_judged(folder, run.tables, run.verdicts)
        if self.outputs.any and not self.is_xdist_worker:
            from pytest_clipdata.reports.publish import publish

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
        lines = [] if quiet else summary_table(self.reports(), self.known)
        if not quiet:
            lines += [f"{name}: {effort}" for name, effort in self.efforts.items()]
            lines += [line for results in self.results.values() for line in map(smoke_line, results) if line]
        if lines or self.notes:
            terminalreporter.section("clipdata", sep="=")
        for line in lines + self.notes:
            terminalreporter.write_line(line)
