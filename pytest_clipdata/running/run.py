"""One run over one dataset: what its items share. Items only read; the first one that asks makes the others wait."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from pytest_clipdata.checks.check import Check
from pytest_clipdata.checks.own_rule import user_check
from pytest_clipdata.checks.registry import REGISTRY, Registry
from pytest_clipdata.facts.step import Needs, Plugged
from pytest_clipdata.findings import CheckResult, Outcome, Severity, SplitSummary, counted
from pytest_clipdata.reading.dataset import Dataset
from pytest_clipdata.reading.seen_from import seen_from
from pytest_clipdata.reading.source import Source
from pytest_clipdata.running.engines.local import LocalEngine
from pytest_clipdata.running.memory.cache import Cache
from pytest_clipdata.running.not_judged import why_not_judged
from pytest_clipdata.running.replay import depends_on, rules_version
from pytest_clipdata.settings.declared import CheckSettings, Settings
from pytest_clipdata.settings.options import RunOptions

if TYPE_CHECKING:  # a run in which nothing changed judges nothing, and should not pay for what does
    from pytest_clipdata.facts.measured_table import MeasuredTable
    from pytest_clipdata.judging.rule import Rule, Verdict


class DatasetRun:
    """What is known of one dataset in this process. Nothing is computed before it is asked for."""

    def __init__(
        self, dataset: Dataset, settings: Settings, options: RunOptions, registry: Registry = REGISTRY
    ) -> None:
        self.registry = registry
        self.dataset = dataset
        self.settings = settings
        self.options = options
        #: What was judged, for reports: kept only where one is asked for.
        self.tables: dict[str, MeasuredTable] = {}
        self.verdicts: dict[str, Verdict] = {}
        self._wanted: dict[str, list[str]] = {}
        self._results: dict[tuple[str, str], CheckResult] = {}
        self._failures: dict[str, tuple[Exception, TracebackType | None]] = {}
        self._replayed = self._wants_facts = False

    @cached_property
    def cache(self) -> Cache:
        """What earlier runs measured and judged."""
        return Cache(self.options.cache)

    @cached_property
    def engine(self) -> LocalEngine:
        """What measures the dataset."""

        def preload() -> None:
            from pytest_clipdata.judging.great_expectations import preload

            preload()

        made: type[LocalEngine] = LocalEngine
        if self.options.engine == "spark":
            from pytest_clipdata.running.engines.spark.engine import SparkEngine

            made = SparkEngine
        return made(
            self.dataset, self.settings, self.options, self.cache, preload, self._plugged, self.registry.columns
        )

    def named(self, here: Path) -> str:
        """How the dataset is called: its root as seen from the folder ``here``, or the URL of which that is a copy."""
        root, mirror = self.dataset.root, self.engine.mirror
        return seen_from(root, here) if mirror is None else mirror.address(root)

    def close(self) -> None:
        """Stop what was started for the run, when nobody will ask it for anything more."""
        self.cache.close()
        if "engine" in vars(self):
            self.engine.close()

    @property
    def _plugged(self) -> tuple[Plugged, ...]:
        """The steps of plugins that are measured: those whose facts some check of this run names."""
        return self.registry.steps({name for check_id in self._asked_for() for name in self.check(check_id).facts})

    def check_ids(self, source: str | None = None) -> list[str]:
        """The checks that become items of a source (None: of any source), in order."""
        pairs = [columns.label is None for name, columns in self.engine.columns.items() if source in (None, name)]
        return [
            check_id
            for check_id in self._asked_for()
            if not (check_id in self.registry and self.registry[check_id].of_labels and all(pairs))
        ]

    def _asked_for(self) -> list[str]:
        """The checks and rules that the settings and the options want, whatever the sources hold."""
        ids = [
            check_id
            for check_id, check in self.settings.checks.items()
            if check.severity is not Severity.OFF and self.registry[check_id].wanted(self.options)
        ]
        return ids + [rule.id for rule in self.settings.expectations if rule.severity is not Severity.OFF]

    def refused_rules(self, *, unknown: bool = True) -> list[str]:
        """What Great Expectations does not take of the rules of the settings, a sentence each; asked of it once.

        A rule that it took is remembered, so that a run in which nothing changed does not import it. ``unknown`` says
        whether a type that nobody has registered counts: a ``conftest.py`` may be about to.
        """
        rules = [rule for rule in self.settings.expectations if rule.severity is not Severity.OFF]
        key = f"{rules_version()} {[(rule.type, sorted(rule.kwargs.items())) for rule in rules]!r}"
        if not rules or self.cache.verdicts.get(key, "", "accepted") is not None:
            return []
        from pytest_clipdata.judging.great_expectations import is_custom, refused_by_check
        from pytest_clipdata.judging.rule import expectations_of

        asked = expectations_of([self._rule(self.dataset.sources[0].name, rule.id) for rule in rules])
        refused = list(refused_by_check(asked, unknown=unknown).values())
        if not refused and not any(is_custom(rule.type) for rule in rules):
            self.cache.verdicts.put(key, {("", "accepted"): "yes"})
        return refused

    def want(self, source: str, check_id: str) -> None:
        """Say that a check of a source will be asked for, so that all of them are measured and judged at one time."""
        self._wanted.setdefault(source, []).append(check_id)

    def want_facts(self) -> None:
        """Say that somebody will read the facts tables: they are measured whole, and kept."""
        self._wants_facts = True

    def needs(self, check_id: str) -> Needs:
        """How far a check makes us measure."""
        return self.check(check_id).needs

    def suite(self, source: str) -> dict[str, Any]:
        """The suite of a source as JSON, without a look at its rows."""
        from pytest_clipdata.judging.great_expectations import suite_json

        rules = [self._rule(source, check_id) for check_id in self.check_ids(source)]
        return suite_json(source, [rule for rule in rules if rule.not_judged is None])

    def result(self, source: str, check_id: str) -> CheckResult:
        """How a check of a source ended, the same whatever else is asked for, and when.

        The first call for a source judges all checks that were said to be wanted; another one is judged alone.
        """
        if (source, check_id) not in self._results:
            if source in self._failures:  # not again for every item: it may have taken an hour to fail
                failure, place = self._failures[source]
                raise failure.with_traceback(place)  # as it was: each raising would add its own lines to it
            wanted = self._wanted.get(source, [])
            together = wanted if check_id in wanted else [check_id]
            try:
                if left := self._replay(source, together):
                    self._judge(source, left)
            except Exception as error:
                self._failures[source] = error, error.__traceback__
                raise
        return self._results[source, check_id]

    @property
    def selected(self) -> list[Source]:
        """The sources that were asked for; their siblings are read but not judged."""
        return [source for source in self.dataset.sources if source.name in self.dataset.selected]

    @property
    def splits(self) -> tuple[SplitSummary, ...]:
        """How much each source of the dataset holds."""
        return self.engine.splits

    @property
    def image_roots(self) -> list[str]:
        """The folders that relative image paths start from, relative to the dataset root."""
        roots = self.engine.image_roots.values()
        return list(dict.fromkeys(seen_from(root, self.dataset.root) for root in roots))

    def effort(self) -> str:
        """What this run did and what it knew already, in words; and what went wrong with the cache."""
        now, before = self.engine.measured_now, self.engine.remembered
        words = "no image was opened"
        if now or before:
            words = f"{counted(now, 'image')} measured, {before:,} from the cache"
        if self._replayed and not now:
            words = "nothing changed, verdicts from the cache"
        return words if self.cache.problem is None else f"{words}; {self.cache.problem}"

    def table(self, source: str, needs: Needs) -> MeasuredTable:
        """The facts table of one source; kept if somebody will want it again."""
        if self._wants_facts:
            needs = max(Needs)
        if source in self.tables and self.tables[source].needs >= needs:
            return self.tables[source]
        table = self.engine.table(source, needs)
        if self.options.keep_facts or self._wants_facts:
            self.tables[source] = table
        return table

    def _judge(self, source: str, check_ids: Sequence[str]) -> None:
        from pytest_clipdata.judging.judge import judge

        rules = [self._rule(source, check_id) for check_id in check_ids]
        needs = max(rule.check.needs for rule in rules)
        table = self.table(source, needs)
        unmeasured = {rule.check.id: words for rule in rules if (words := _unmeasured(rule.check, table))}
        verdict = judge(source, table, [rule for rule in rules if rule.check.id not in unmeasured], self.options.strict)
        results = {result.check: result for result in verdict.results}
        for rule in rules:
            if reason := unmeasured.get(rule.check.id):
                severity = rule.settings.severity
                results[rule.check.id] = CheckResult(source, rule.check.id, severity, Outcome.ERROR, 0, 0, reason)
        for rule in rules:
            if rule.check.by_model and rule.not_judged is None:
                from pytest_clipdata.judging.by_model import ask_model, question

                labelled = self.engine.columns[source].label is not None
                asked = question(source, rule, table, self.engine.files[source], labelled=labelled)
                results[rule.check.id] = ask_model(asked, self.options, self.engine.limits, self.cache.scores)
        self._results |= {(source, check_id): result for check_id, result in results.items()}
        if self.options.keep_facts:
            self.verdicts[source] = verdict
        if self.engine.lasting(needs) and self._depends_on is not None:
            texts = {
                (source, check_id): result.dumps()
                for check_id, result in results.items()
                if result.outcome is not Outcome.ERROR and self._may_be_kept(check_id)
            }
            self.cache.verdicts.put(self._depends_on, texts)

    def _replay(self, source: str, check_ids: Sequence[str]) -> Sequence[str]:
        """Take stored verdicts if nothing that they depend on has changed, and name the checks that are left to judge.

        A rule of somebody's own class, or a check of a ``conftest.py``, is never replayed: what its code says may have
        changed.
        """
        if self.options.keep_facts or self._wants_facts or self._depends_on is None:
            return check_ids
        kept = [check_id for check_id in check_ids if self._may_be_kept(check_id)]
        stored = {check_id: self.cache.verdicts.get(self._depends_on, source, check_id) for check_id in kept}
        results = {(source, check_id): CheckResult.loads(text) for check_id, text in stored.items() if text is not None}
        self._results |= results
        left = [check_id for check_id in check_ids if (source, check_id) not in results]
        self._replayed = not left
        return left

    def _may_be_kept(self, check_id: str) -> bool:
        return self.registry.lasting(self.check(check_id)) and not self._is_custom(check_id)

    def _is_custom(self, check_id: str) -> bool:
        types = {rule.id: rule.type for rule in self.settings.expectations}
        if check_id not in types:
            return False
        from pytest_clipdata.judging.great_expectations import is_custom

        return is_custom(types[check_id])

    @cached_property
    def _depends_on(self) -> str | None:
        return depends_on(self.dataset, self.engine, self.settings, self.options, self.registry.versions)

    def check(self, check_id: str) -> Check:
        """A check by id: one of ours, or a rule of the settings."""
        return self._own_checks.get(check_id) or self.registry[check_id]

    @cached_property
    def _own_checks(self) -> dict[str, Check]:
        """The rules of the settings."""
        return {rule.id: user_check(rule, self.registry.columns) for rule in self.settings.expectations}

    def _rule(self, source: str, check_id: str) -> Rule:
        from pytest_clipdata.judging.rule import Rule

        check = self.check(check_id)
        settings = self.settings.checks.get(check_id) or CheckSettings(check.severity, 1.0, {})
        return Rule(check, settings, not_judged=why_not_judged(check, source, self.dataset, settings))


def _unmeasured(check: Check, table: MeasuredTable) -> str | None:
    """Why a plugin could not measure a fact that a check names, in words; None if all are measured."""
    return next((table.failed[name] for name in sorted(check.facts) if name in table.failed), None)
