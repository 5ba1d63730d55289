"""The two checks that a model answers instead of an expectation: ``smoke`` and ``suspect_labels``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from pytest_clipdata.facts.table import Table
from pytest_clipdata.faults import Fault
from pytest_clipdata.findings import CheckResult, Finding, Outcome, Place, Related, Severity
from pytest_clipdata.images.facts import Limits
from pytest_clipdata.judging.rule import Rule
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.settings.options import RunOptions
from pytest_clipdata.smoke.pixels import Opening
from pytest_clipdata.smoke.run import run_smoke
from pytest_clipdata.smoke.scoring import score_labels
from pytest_clipdata.smoke.shuffled import with_mismatches
from pytest_clipdata.smoke.values import Pair, SmokeError


class Scores(Protocol):
    """Scores that are kept from run to run, under a key made of the checkpoint, the picture and the text."""

    def get(self, key: str) -> float | None: ...

    def put(self, key: str, score: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked about one source: the rule to answer, and the sound rows by number.

    ``shuffled`` says that every row is a match, and that the mismatches among ``pairs`` are made of them.
    """

    source: str
    rule: Rule
    pairs: Sequence[Pair]
    rows: Mapping[int, Related]
    shuffled: bool = False

    def result(self, outcome: Outcome, evaluated: int = 0, reason: str | None = None) -> CheckResult:
        """A result without findings."""
        return CheckResult(self.source, self.rule.check.id, self.rule.settings.severity, outcome, evaluated, 0, reason)

    def judged(
        self, evaluated: int, findings: Sequence[Finding], figures: Mapping[str, object] | None = None
    ) -> CheckResult:
        failed = Outcome.FAILED if self.rule.settings.severity is Severity.CRITICAL else Outcome.WARNED
        result = self.result(failed if findings else Outcome.PASSED, evaluated)
        return replace(result, unexpected=len(findings), findings=tuple(findings), smoke=figures)

    def finding(self, row: int | None, facts: Mapping[str, object], others: Sequence[int] = ()) -> Finding:
        """A finding about ``row`` (None: the whole source) that goes with ``others``; ``facts`` word it."""
        rule = self.rule
        words = rule.check.message(facts, rule.settings.options)
        place, value = Place.whole(self.source), None
        if row is not None:
            place, value = self.rows[row].place, self.rows[row].value
        return Finding(
            place=place,
            check=rule.check.id,
            severity=rule.settings.severity,
            column=None if row is None else "image_path",
            value=value,
            words=(words,) if isinstance(words, str) else words,
            related=tuple(self.rows[other] for other in others),
            faults=(Fault(rule.check.id, value=str(facts["code"]) if "code" in facts else None),),
        )


def question(
    source: str, rule: Rule, table: Table, files: Mapping[str, FileFacts], *, labelled: bool = True
) -> Question:
    """Ask about the rows of a source that a model can be given: picture, text and label are all sound.

    Where there are no labels every row is a match, and mismatches are made by shuffling.
    """
    names = ("row", "file", "line", "key", "image_path", "text", "is_match", "pair_key")
    pairs, rows = [], {}
    for row, file, line, key, cell, text, match, pair_key in table.columns(names):
        if pair_key is None or match is None or (blob := files[cell].blob) is None:
            continue
        pairs.append(Pair(row, blob, text, bool(match), pair_key))
        rows[row] = Related(Place(source, file, line, key, row), cell)
    return Question(source, rule, pairs if labelled else with_mismatches(pairs), rows, shuffled=not labelled)


def ask_model(asked: Question, options: RunOptions, limits: Limits, scores: Scores) -> CheckResult:
    """Let the model answer; ``limits`` are what one picture may cost."""
    opening = Opening(limits, options.workers, options.progress)
    try:
        if asked.rule.check.id == "smoke":
            result = _smoke(asked, options, opening)
        else:
            result = _suspect_labels(asked, options, opening, scores)
    except SmokeError as error:
        return asked.result(Outcome.ERROR, reason=str(error))
    return replace(result, outcome=Outcome.FAILED) if options.strict and result.outcome is Outcome.WARNED else result


def _smoke(asked: Question, options: RunOptions, opening: Opening) -> CheckResult:
    tried = run_smoke(
        asked.pairs,
        device=options.device,
        model=options.model,
        allow_download=options.allow_download,
        opening=opening,
        in_batch=asked.shuffled,
    )
    if tried.skipped is not None:
        return asked.result(Outcome.SKIPPED, reason=tried.skipped)
    findings = []
    for failure in tried.failures:
        first, *others = failure.rows or (None,)
        facts = {"message": failure.message, "code": failure.code}
        findings.append(asked.finding(first, facts, [row for row in others if row is not None]))
    return asked.judged(tried.evaluated, findings, tried.figures)


def _suspect_labels(asked: Question, options: RunOptions, opening: Opening, scores: Scores) -> CheckResult:
    assert options.model is not None
    scored = score_labels(
        asked.pairs,
        model=options.model,
        device="auto" if options.device == "off" else options.device,
        allow_download=options.allow_download,
        opening=opening,
        cache_get=scores.get,
        cache_put=scores.put,
    )
    if scored.skipped is not None:
        return asked.result(Outcome.SKIPPED, reason=scored.skipped)
    warning, suspects = scored.warning, list(scored.suspects)
    if asked.shuffled:  # what was made by shuffling is nobody's label
        suspects = [suspect for suspect in suspects if suspect.matches]
        suspects = [replace(suspect, rank=rank, of=len(suspects)) for rank, suspect in enumerate(suspects, 1)]
        warning = warning and f"the model scores the rows hardly above shuffled ones: {warning}"
    findings = [] if warning is None else [asked.finding(None, {"message": warning})]
    for suspect in sorted(suspects, key=lambda suspect: suspect.row):
        words = suspect.message if asked.shuffled else f"labelled {suspect.label}, but {suspect.message}"
        findings.append(asked.finding(suspect.row, {"message": words}))
    return asked.judged(sum(score.matches or not asked.shuffled for score in scored.scores), findings)
