"""What a run writes and says when it ends, and what fails it then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pytest_clipdata.plugin.shown import shown
from pytest_clipdata.plugin.typed import leaves_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_clipdata.findings import Finding, Report
    from pytest_clipdata.plugin.session import ClipDataPlugin

#: Under this name an xdist worker hands on what it could not write.
_FAILURES = "clipdata_failures"


class Ending:
    """The hooks that come after the items: reports are written, the verdict is told, and silence is no pass."""

    def __init__(self, plugin: ClipDataPlugin) -> None:
        self.plugin, self.config = plugin, plugin.config
        self.reports: list[Report] = []
        self.known: frozenset[Finding] = frozenset()
        self.notes: list[str] = []
        self.failures: list[str] = []
        self._ran = False

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Iterator[None]:
        """``--fixtures`` and its like end a session that never meant to run anything."""
        self._ran = not self.config.option.collectonly
        return (yield)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Hear what an xdist worker could not write; one that died tells nothing, and its items are not run."""
        self.failures += getattr(node, "workeroutput", {}).get(_FAILURES, [])

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write what was asked for. What could not be written, and what nobody looked at, fails the run."""
        self._write_judged()
        if self.plugin.is_xdist_worker:
            self.config.workeroutput[_FAILURES] = self.failures  # type: ignore[attr-defined]
        elif self._ran and exitstatus != pytest.ExitCode.USAGE_ERROR:
            self.reports = self.plugin.gathered.reports(self.plugin.runs)
            self._publish()
            if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
                self.failures += self._left_out()
                if self.failures:
                    session.exitstatus = pytest.ExitCode.TESTS_FAILED
        for run in self.plugin.runs.values():
            run.close()

    def _write_judged(self) -> None:
        for name, run in self.plugin.runs.items():
            folder = self.plugin.outputs_of(name).report
            if folder is not None and self._ran:
                from pytest_clipdata.reports.judged import write_judged, written

                with written("the report", self.failures):
                    write_judged(folder, run.tables, run.verdicts)

    def _publish(self) -> None:
        if not any(self.plugin.outputs_of(name).any for name in self.plugin.runs):
            return
        from pytest_clipdata.reports.publish import publish, publish_index

        told = []
        for report in self.reports:
            run, outputs = self.plugin.runs[report.dataset], self.plugin.outputs_of(report.dataset)
            told.append(publish(run, report, self.plugin.baselines[report.dataset], outputs))
        asked = self.plugin.outputs
        if asked.report is not None and len(self.reports) > 1:
            told.append(publish_index(asked.report, [done.entry for done in told if done.entry], asked.command))
        for done in told:
            self.notes += done.notes
            self.failures += done.failures
            self.known |= done.known

    def _left_out(self) -> list[str]:
        """Datasets of which no test ran although nothing that was typed for this run left them out."""
        named = {path for path in self.plugin.sources if self._is_named(str(path))}
        if named or leaves_out(self.config.invocation_params.args):
            return []
        return [
            f"{shown(name)}: none of its tests ran, something left them out that was not given on this command line;"
            " to leave them out on purpose give -k or -m here"
            for name in self.plugin.runs
            if name not in self.plugin.gathered
        ]

    def _is_named(self, path: str) -> bool:
        here = self.config.invocation_params
        return any(str((here.dir / argument.split("::")[0]).resolve()) == path for argument in map(str, here.args))

    def _mendable(self) -> dict[str, int]:
        """How many findings of each dataset `clipdata fix` would put right: none where a copy would be mended."""
        from pytest_clipdata.fixing.plan import mendable

        runs = self.plugin.runs
        return {
            name: mendable(runs[name], report, self.known)
            for report in self.reports
            for name in [report.dataset]
            if runs[name].engine.mirror is None
        }

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        from pytest_clipdata.reports import closing

        gathered, width = self.plugin.gathered, self.config.get_terminal_writer().fullwidth - 1
        asked = self.plugin.outputs
        lines: list[str] = []
        if self.config.get_verbosity() >= -1 and gathered.results:
            lines += closing.summary_table(self.reports, self.known, width)
            lines += [f"{shown(name)}: {shown(effort)}" for name, effort in gathered.efforts.items()]
            lines += [line for line in map(closing.smoke_line, gathered.results) if line]
            lines += closing.not_judged_lines(self.reports)
        lines += closing.verdict_lines(self.reports, self.known)
        if self.config.get_verbosity() >= -1:
            written = {"report": asked.report, "quarantine": asked.quarantine}
            lines += closing.next_lines(self.reports, self.known, written, width, self._mendable())
        lines += self.notes + [f"error: {words}" for words in self.failures]
        if lines and self.config.get_verbosity() >= -1:
            terminalreporter.section("clipdata", sep="=")
        for line in lines:
            terminalreporter.write_line(line)
