"""Collectors: a CSV is a file, a check of it is an item. They only read what the session computed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pytest_clipdata.findings import CheckResult, Finding
    from pytest_clipdata.reading.source import Source
    from pytest_clipdata.reports.baseline.entries import Baseline
    from pytest_clipdata.reports.view import View
    from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.plugin.failure import ClipDataWarning, Crash, FindingsFailure, JudgingError
from pytest_clipdata.plugin.shown import shown, shown_id, shown_lines
from pytest_clipdata.smoke.values import SmokeError

#: Why a check fails that only warns.
_MADE_AN_ERROR = (
    "... this check only warns; it fails here because warnings are made errors (-W error or filterwarnings);"
    ' the filter "default::pytest_clipdata.items.ClipDataWarning" after it leaves it a warning'
)


class DatasetFile(pytest.File):
    """One CSV of a dataset."""

    run: DatasetRun
    source: Source

    @classmethod
    def make(cls, parent: pytest.Collector, path: Path, run: DatasetRun, source: Source) -> DatasetFile:
        node: DatasetFile = cls.from_parent(parent, path=path)
        if shown_id(node.nodeid) != node.nodeid:
            node = cls.from_parent(parent, path=path, name=shown(path.name), nodeid=shown_id(node.nodeid))
        node.run, node.source = run, source
        return node

    def collect(self) -> Iterator[CheckItem]:
        for check_id in self.run.check_ids(self.source.name):
            item: CheckItem = CheckItem.from_parent(self, name=check_id)
            item.run, item.source = self.run, self.source
            if self.run.check(check_id).by_model and self.config.getoption("clip_smoke") in ("cuda", "mps"):
                item.add_marker("gpu")
            yield item


class CheckItem(pytest.Item):
    """One check of one CSV; the rows that break it are in its failure."""

    run: DatasetRun
    source: Source
    raw: CheckResult | None = None
    result: CheckResult | None = None
    known: frozenset[Finding] = frozenset()
    failure: Exception | None = None

    def prepare(self, baseline: Baseline | None, *, accept: bool) -> None:
        """Measure and judge, outside of the item's own time: the first item of a dataset pays for all of them.

        What is in ``baseline`` does not fail; nothing does if it is being written (``accept``).
        """
        try:
            self.raw = self.result = self.run.result(self.source.name, self.name)
            if baseline is not None and self.result.findings:
                from pytest_clipdata.reports.baseline.of_run import settled

                self.result, self.known = settled(self.run, self.result, baseline, accept=accept)
        except Exception as error:
            self.failure = error

    def setup(self) -> None:
        from pytest_clipdata.findings import Outcome

        if self.failure is not None:
            raise self.failure
        assert self.result is not None
        if self.result.outcome is Outcome.ERROR:
            raise JudgingError(self.result.reason)

    def runtest(self) -> None:
        from pytest_clipdata.findings import Outcome

        result = self.result
        assert result is not None
        self.user_properties += [
            ("clip.check", self.name),
            ("clip.evaluated", str(result.evaluated)),
            ("clip.unexpected", str(result.unexpected)),
        ]
        if result.outcome is Outcome.SKIPPED:
            pytest.skip(shown(result.reason or ""))
        if result.outcome is Outcome.FAILED:
            raise FindingsFailure(result)
        if self.warns:
            # Given a real line number, Python would print that line of the source below the warning, as it stands in
            # the file: text of the data, unescaped. The session gives the warning its place: `ClipDataPlugin`.
            new = [finding.place.line for finding in self.view.new(result)]
            told = ClipDataWarning(self.warning(result), next(filter(None, new), 1))
            warnings.warn_explicit(told, None, self.view.file(result.source), 0)

    @property
    def warns(self) -> bool:
        """Whether there are findings that are not known, though nothing fails."""
        from pytest_clipdata.findings import Outcome

        return self.result is not None and (
            self.result.outcome is Outcome.WARNED or len(self.result.findings) > len(self.known)
        )

    def result_or_error(self) -> CheckResult:
        """The result, also where there is none: our own failure is an ERROR in every report."""
        from pytest_clipdata.findings import CheckResult, Outcome, Severity

        if self.raw is not None:
            return self.raw
        reason = f"{type(self.failure).__name__}: {self.failure}"
        return CheckResult(self.source.name, self.name, Severity.CRITICAL, Outcome.ERROR, 0, 0, reason)

    @property
    def view(self) -> View:
        """How the user sees the findings: from where pytest was called, without those that are known."""
        from pytest_clipdata.reports.view import View

        return View(self.run.named(self.config.invocation_params.dir), self.known)

    def lines(self, result: CheckResult) -> list[str]:
        """The findings as ``path:line: check: message``: all with ``-v``, one with ``-q``, else at most 20."""
        from pytest_clipdata.reports.terminal import failure_lines, one_line

        verbosity = self.config.get_verbosity()
        if verbosity < 0:
            return [one_line(result, self.view)]
        return failure_lines(result, self.view, limit=None if verbosity else 20)

    def warning(self, result: CheckResult) -> str:
        """The text of a warning, before which pytest puts the path: a few words, and the rows unless they are one."""
        from pytest_clipdata.reports.terminal import headline, share

        if self.config.get_verbosity() < 0 or all(finding.place.line is None for finding in result.findings):
            return f"{self.name}: {headline(result, self.view)}"
        lines = self.lines(result)
        if len(lines) == 1:
            return lines[0].removeprefix(f"{self.view.place(self.view.new(result)[0].place)}: ")
        return "\n".join([f"{self.name}: {share(result, self.view)}", *lines])

    def crash(self, result: CheckResult) -> Crash:
        """The failure in one line and in a few words."""
        from pytest_clipdata.plugin.failure import Crash
        from pytest_clipdata.reports.terminal import headline, one_line

        return Crash(one_line(result, self.view), headline(result, self.view))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, FindingsFailure) and self.result:
            return "\n".join(self.lines(self.result))
        if isinstance(excinfo.value, ClipDataWarning) and self.result:
            return "\n".join([*self.lines(self.result), _MADE_AN_ERROR])
        if isinstance(excinfo.value, (JudgingError, SmokeError)):  # a checkpoint whose tokenizer cannot be loaded
            return shown_lines(str(excinfo.value))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        # Not `train.csv::paths`: pytest takes the end of a node id for a Python name and prints `train::csv::paths`.
        return Path(shown(str(self.path))), 0, f"{shown(self.source.name)}: {self.name}"
