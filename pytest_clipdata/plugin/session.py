"""The hooks of a session that has datasets to test: what is collected, and what the items tell."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_clipdata.plugin.gathered import Gathered
from pytest_clipdata.plugin.options import known_before, outputs, run_options
from pytest_clipdata.plugin.shown import can_be_argument, shown, shown_id, shown_lines
from pytest_clipdata.reading.seen_from import seen_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_clipdata.plugin.items import DatasetFile
    from pytest_clipdata.reading.source import Source
    from pytest_clipdata.running.clip_dataset import ClipDataset
    from pytest_clipdata.running.run import DatasetRun
    from pytest_clipdata.settings.options import Outputs


class ClipDataPlugin:
    """The hooks of a session that has datasets to test: name the sources, collect them, gather what the items tell."""

    def __init__(self, config: pytest.Config) -> None:
        from pytest_clipdata.plugin.beside import Beside
        from pytest_clipdata.plugin.plugged import registry_of
        from pytest_clipdata.plugin.progress import progress_bar
        from pytest_clipdata.reading.dataset import DatasetError
        from pytest_clipdata.reading.mirror import locally
        from pytest_clipdata.running.choice import choose
        from pytest_clipdata.running.run import DatasetRun
        from pytest_clipdata.settings.declared import SettingsError

        self.config = config
        self.is_xdist_worker = hasattr(config, "workerinput")
        self.gathered = Gathered()
        here = config.invocation_params.dir
        try:
            options = run_options(config, lambda total, doing: progress_bar(config, total, doing))
            given = locally(config.getoption("clip_dataset"), options.cache, fresh=not self.is_xdist_worker)
            registry = registry_of(config)
            choice = choose([here / path for path in given], options, registry=registry)
            runs = [DatasetRun(dataset, settings, options, registry) for dataset, settings in choice.datasets]
            self.runs = {run.named(here): run for run in runs}
        except (DatasetError, SettingsError) as error:
            raise pytest.UsageError(shown_lines(str(error))) from error
        own_baselines = all(run.settings.general["baseline"] for run in runs)
        self.outputs = outputs(config, {name: run.dataset for name, run in self.runs.items()}, baselines=own_baselines)
        self.baselines = {name: known_before(config, self.outputs_of(name)) for name in self.runs}
        self.sources: dict[Path, tuple[DatasetRun, Source]] = {
            source.path: (run, source)
            for run in self.runs.values()
            for source in run.dataset.sources
            if source.name in run.dataset.selected
        }
        self.beside: list[Path] = []
        self.only: dict[Path, set[str]] = {}  #: the checks of a source beside that were named; "" stands for all
        self._name_what_to_collect()
        config.pluginmanager.register(Beside(choice.notes), "clipdata-beside")

    def outputs_of(self, dataset: str) -> Outputs:
        """What is to be written about one dataset: of several each has a folder of its own."""
        folder = dataset.replace("..", "_").replace("://", "/").strip("/")
        asked = self.outputs if len(self.runs) == 1 else self.outputs.within(folder)
        own = self.runs[dataset].settings.general["baseline"]
        if own and asked.baseline is None:
            return replace(asked, baseline=self.config.invocation_params.dir / own)
        return asked

    def _name_what_to_collect(self) -> None:
        """``pytest --clip-dataset X`` tests X alone, ``pytest tests --clip-dataset X`` both, a node id only that."""
        config = self.config
        safe = [str(path) for path in self.sources if can_be_argument(path)]
        beside = [path for path in self.sources if not can_be_argument(path)]
        named = [config.invocation_params.dir / argument.split("::")[0] for argument in config.args]
        for argument, path in zip([*config.args], named, strict=True):
            if path.resolve() in beside:
                config.args.remove(argument)
                self.beside.append(path.resolve())
                self.only.setdefault(path.resolve(), set()).update(argument.split("::")[1:2] or [""])
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            config.args[:], self.beside = safe, beside
        elif not any(path.resolve() in self.sources for path in named):
            config.args += safe
            self.beside = beside

    # --- collecting ---------------------------------------------------------------------------------------------

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> DatasetFile | None:
        if file_path not in self.sources:
            return None
        from pytest_clipdata.plugin.items import DatasetFile

        return DatasetFile.make(parent, file_path, *self.sources[file_path])

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Collect the sources that pytest cannot be given as arguments, before others leave items out."""
        there = {item.path for item in items}
        for path in self.beside:
            if path not in there and (file := self.pytest_collect_file(path, session)) is not None:
                file.ihook.pytest_collectstart(collector=file)
                report = file.ihook.pytest_make_collect_report(collector=file)
                file.ihook.pytest_collectreport(report=report)
                only = self.only.get(path, {""})
                items += [item for item in report.result if "" in only or item.name in only]

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
            shown_id(seen_from(source.path, config.rootpath)): name
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
            baseline = self.baselines[item.run.named(self.config.invocation_params.dir)]
            item.prepare(baseline, accept=baseline is not None and self.outputs.write_baseline)
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
                reason = f"Skipped: {shown(result.reason or '')}"
                report.longrepr = (shown(str(item.path)), 1, reason)  # where the data is, not our code
            elif report.when == "setup" and item.failure is None:
                report.longrepr = "\n".join(item.lines(result))  # pytest asks repr_failure only of the call
            crashed = report.when == "call" and report.failed
            report.clipdata_warned = report.when == "call" and report.passed and item.warns
            report.clipdata = ItemOutcome(
                dataset=item.run.named(self.config.invocation_params.dir),
                splits=item.run.splits,
                result=result,
                effort=item.run.effort(),
                crash=item.crash(result) if crashed else None,
            ).dumps()
        return report  # type: ignore[no-any-return]

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, tuple[str, dict[str, bool]]] | None:
        """An item that warned is no failure, and does not look as if nothing was found."""
        return ("passed", "w", ("WARNED", {"yellow": True})) if getattr(report, "clipdata_warned", False) else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: Any) -> None:
        """Give our warning the place of its first finding, without the text that stands there in the file."""
        from pytest_clipdata.plugin.failure import ClipDataWarning

        if isinstance(warning_message.message, ClipDataWarning):
            warning_message.lineno, warning_message.line = warning_message.message.line, ""

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
        self.gathered.add(outcome)

    # --- reporting ----------------------------------------------------------------------------------------------

    def pytest_report_header(self) -> list[str]:
        from pytest_clipdata.reports.terminal import header_lines
        from pytest_clipdata.running.told import told_before

        runs = {} if self.config.option.collectonly else self.runs
        return [
            line
            for name, run in runs.items()
            for line in header_lines(name, run.image_roots, run.splits, self._settings_of(run), run.engine.name)
            + told_before(run)
        ]

    def _settings_of(self, run: DatasetRun) -> str | None:
        """The settings file in force as seen from the folder pytest runs in."""
        file, here = run.settings.source, self.config.invocation_params.dir
        return None if file is None else seen_from(file, here)
