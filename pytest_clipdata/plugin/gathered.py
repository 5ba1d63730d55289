"""What the items of a run told, put together into one report for each dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_clipdata.findings import CheckResult, Report, SplitSummary
    from pytest_clipdata.plugin.outcome import ItemOutcome
    from pytest_clipdata.running.run import DatasetRun


class Gathered:
    """The results of the items that ran, by dataset; of an item that ran twice the last one."""

    def __init__(self) -> None:
        self.efforts: dict[str, str] = {}
        self._splits: dict[str, tuple[SplitSummary, ...]] = {}
        self._results: dict[str, dict[tuple[str, str], CheckResult]] = {}

    def add(self, outcome: ItemOutcome) -> None:
        """Take what one item told."""
        result = outcome.result
        self.efforts[outcome.dataset] = outcome.effort
        self._splits[outcome.dataset] = outcome.splits
        self._results.setdefault(outcome.dataset, {})[result.source, result.check] = result

    def __contains__(self, dataset: str) -> bool:
        """Whether any item of a dataset ran."""
        return dataset in self._results

    @property
    def results(self) -> list[CheckResult]:
        """All results, in the order in which they came."""
        return [result for told in self._results.values() for result in told.values()]

    def reports(self, runs: Mapping[str, DatasetRun]) -> list[Report]:
        """A report for each dataset, in the order in which they were named, with every check of every source."""
        return [self._report(name, run) for name, run in runs.items()]

    def _report(self, name: str, run: DatasetRun) -> Report:
        from pytest_clipdata.findings import Report

        told = self._results.get(name, {})
        checks = [
            told.get((source.name, check_id)) or _not_run(run, source.name, check_id)
            for source in run.dataset.sources
            for check_id in run.check_ids(source.name)
        ]
        return Report(name, self._splits.get(name) or run.splits, tuple(checks))


def _not_run(run: DatasetRun, source: str, check_id: str) -> CheckResult:
    from pytest_clipdata.findings import CheckResult, Outcome

    settings = run.settings.checks.get(check_id) or run.check(check_id)
    return CheckResult(source, check_id, settings.severity, Outcome.NOT_RUN, 0, 0)
