"""One run over one dataset: what its items share. Items only read; the first one that asks makes the others wait."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_clipdata.checks.check import Check, Splits
from pytest_clipdata.checks.own_rule import user_check
from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.facts.columns import Needs
from pytest_clipdata.findings import CheckResult, Outcome, Severity, SplitSummary
from pytest_clipdata.judging.great_expectations import preload, suite_json
from pytest_clipdata.judging.judge import judge
from pytest_clipdata.judging.rule import Rule, Verdict
from pytest_clipdata.reading.dataset import Csv, Dataset
from pytest_clipdata.running.engines.local import Measurements
from pytest_clipdata.running.memory.cache import Cache
from pytest_clipdata.running.memory.pictures import TRANSIENT
from pytest_clipdata.settings import load as settings_module
from pytest_clipdata.settings.declared import CheckSettings, Settings
from pytest_clipdata.settings.options import RunOptions

if TYPE_CHECKING:
    import pandas as pd


def load_settings(dataset: Dataset, options: RunOptions) -> Settings:
    """The settings of a dataset. Raises SettingsError."""
    folders = {csv.path.parent for csv in dataset.csvs}
    sources = [settings_module.find_settings_file(folder, options.top) for folder in sorted(folders)]
    loaded = settings_module.load(settings_module.paths_agree(sources), options.overrides, REGISTRY.tables)
    for expectation in loaded.expectations:
        user_check(expectation)
    return loaded


class DatasetRun:
    """What is known of one dataset in this process. Nothing is computed before it is asked for."""

    def __init__(self, dataset: Dataset, settings: Settings, options: RunOptions) -> None:
        self.dataset = dataset
        self.settings = settings
        self.options = options
        self.measured = Measurements(dataset, settings, options, meanwhile=preload)
        self.frames: dict[str, pd.DataFrame] = {}
        self.verdicts: dict[str, Verdict] = {}
        self._wanted: dict[str, list[str]] = {}
        self._results: dict[tuple[str, str], CheckResult] = {}
        self._failures: dict[str, Exception] = {}
        self._replayed = self._wants_facts = False

    def check_ids(self) -> list[str]:
        """The checks that become items of each CSV, in order."""
        left_out = {"smoke"} if self.options.device == "off" else set()
        left_out |= {"suspect_labels"} if self.options.model is None else set()
        left_out |= {check_id for check_id, check in self.settings.checks.items() if check.severity is Severity.OFF}
        ids = [check_id for check_id in self.settings.checks if check_id not in left_out]
        return ids + [rule.id for rule in self.settings.expectations if rule.severity is not Severity.OFF]

    def want(self, csv: str, check_id: str) -> None:
        """Say that a check of a CSV will be asked for, so that what it needs is measured, and no more."""
        self._wanted.setdefault(csv, []).append(check_id)
        self.measured.needs = max(self.measured.needs, self.needs(check_id))

    def want_facts(self) -> None:
        """Say that somebody will read the facts tables: everything is measured."""
        self._wants_facts = True
        self.measured.needs = max(Needs)

    def needs(self, check_id: str) -> Needs:
        """How far a check makes us measure."""
        return self.check(check_id).needs

    def suite(self, csv: str) -> dict[str, Any]:
        """The suite of a CSV as JSON, without a look at its rows."""
        rules = [self._rule(csv, check_id) for check_id in self.check_ids()]
        return suite_json(csv, [rule for rule in rules if rule.not_judged is None])

    def result(self, csv: str, check_id: str) -> CheckResult:
        """How a check of a CSV ended; the first call for a CSV judges all of its checks at once."""
        if (csv, check_id) not in self._results:
            if check_id not in self._wanted.get(csv, []):
                self.want(csv, check_id)
            if csv in self._failures:  # not again for every item: it may have taken an hour to fail
                raise self._failures[csv]
            wanted = self._wanted[csv]
            try:
                if not self._replay(csv, wanted):
                    self._judge(csv, wanted)
            except Exception as error:
                self._failures[csv] = error
                raise
        return self._results[csv, check_id]

    @property
    def selected(self) -> list[Csv]:
        """The CSVs that were asked for; their siblings are read but not judged."""
        return [csv for csv in self.dataset.csvs if csv.name in self.dataset.selected]

    @property
    def splits(self) -> tuple[SplitSummary, ...]:
        """How much each CSV of the dataset holds."""
        return self.measured.splits

    @property
    def cache(self) -> Cache:
        """What earlier runs measured and judged."""
        return self.measured.cache

    @property
    def image_roots(self) -> list[str]:
        """The folders that relative image paths start from, relative to the dataset root."""
        roots = self.measured.image_roots.values()
        return list(dict.fromkeys(os.path.relpath(root, self.dataset.root).replace(os.sep, "/") for root in roots))

    def effort(self) -> str:
        """What this run did and what it knew already, in words; and what went wrong with the cache."""
        now, before = self.measured.measured_now, self.measured.remembered
        words = f"{now:,} images measured, {before:,} from the cache" if now or before else "no image was opened"
        if self._replayed and not now:
            words = "nothing changed, verdicts from the cache"
        return words if self.cache.problem is None else f"{words}; {self.cache.problem}"

    def facts(self, csv: str) -> pd.DataFrame:
        """The facts table of one CSV, as far as the wanted checks need it; kept if a report will want it again."""
        if csv in self.frames:
            return self.frames[csv]
        facts = self.measured.facts(csv)
        if self.options.keep_facts:
            self.frames[csv] = facts
        return facts

    def _judge(self, csv: str, check_ids: Sequence[str]) -> None:
        measured = self.measured
        rules = [self._rule(csv, check_id) for check_id in check_ids]
        facts = self.facts(csv)
        verdict = judge(csv, facts, rules, self.options.strict, measured.refer)
        results = {result.check: result for result in verdict.results}
        for rule in rules:
            if rule.check.by_model and rule.not_judged is None:
                from pytest_clipdata.judging.by_model import ask_model, pairs_of

                pairs = pairs_of(facts, measured.files[csv])
                results[rule.check.id] = ask_model(
                    csv, rule, pairs, measured.cells[csv], self.options, self.cache.scores
                )
        self._results |= {(csv, check_id): result for check_id, result in results.items()}
        if self.options.keep_facts:
            self.verdicts[csv] = verdict
        certain = all(result.outcome is not Outcome.ERROR for result in results.values())
        certain = certain and not any(image.status in TRANSIENT for image in measured.images.values())
        if certain and measured.digest is not None:
            texts = {(csv, check_id): result.dumps() for check_id, result in results.items()}
            self.cache.verdicts.put(measured.digest, texts)

    def _replay(self, csv: str, check_ids: Sequence[str]) -> bool:
        """Take the stored verdict if nothing that it depends on has changed."""
        digest = None if self.options.keep_facts or self._wants_facts else self.measured.digest
        if digest is None:
            return False
        texts = {check_id: self.cache.verdicts.get(digest, csv, check_id) for check_id in check_ids}
        results = {(csv, check_id): CheckResult.loads(text) for check_id, text in texts.items() if text is not None}
        if len(results) < len(texts):
            return False
        self._results |= results
        self._replayed = True
        return True

    def check(self, check_id: str) -> Check:
        """A check by id: one of ours, or a rule of the settings."""
        own = {rule.id: rule for rule in self.settings.expectations}
        return user_check(own[check_id]) if check_id in own else REGISTRY[check_id]

    def _rule(self, csv: str, check_id: str) -> Rule:
        check = self.check(check_id)
        settings = self.settings.checks.get(check_id) or CheckSettings(check.severity, 1.0, {})
        return Rule(check, settings, not_judged=self._not_judged(check, csv))

    def _not_judged(self, check: Check, csv: str) -> str | None:
        """Why a check has nothing to say about a CSV, whatever is in it."""
        training, splits = self.dataset.training_split, {csv.split for csv in self.dataset.csvs}
        if check.splits is Splits.ANY:
            return None
        if training is None:
            return "the dataset has no training split"
        if check.splits is not Splits.TRAINING and len(splits) == 1:
            return "the dataset has no other split than its training split"
        is_training = self._csv(csv).split == training
        if is_training == (check.splits is not Splits.HELD_OUT):
            return None
        return "judged on the training split" if not is_training else "judged on the other splits"

    def _csv(self, name: str) -> Csv:
        return next(csv for csv in self.dataset.csvs if csv.name == name)
