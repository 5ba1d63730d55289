"""The two checks that a model answers instead of an expectation: ``smoke`` and ``suspect_labels``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from pytest_clipdata.findings import CheckResult, Finding, Outcome, Related, Severity
from pytest_clipdata.judging.rule import Rule
from pytest_clipdata.reading.file_facts import FileFacts
from pytest_clipdata.settings.options import RunOptions
from pytest_clipdata.smoke import Pair, SmokeError, run_smoke, score_labels

if TYPE_CHECKING:
    import pandas as pd


class Scores(Protocol):
    """Scores that are kept from run to run, under a key made of the checkpoint, the picture and the text."""

    def get(self, key: str) -> float | None: ...

    def put(self, key: str, score: float) -> None: ...


def pairs_of(facts: pd.DataFrame, files: Mapping[str, FileFacts]) -> list[Pair]:
    """The rows that a model can be given: picture, text and label are all sound."""
    usable = facts[facts["pair_key"].notna() & facts["is_match"].notna()]
    columns = ("line", "image_path", "text", "is_match", "pair_key")
    rows = zip(*(usable[name].tolist() for name in columns), strict=True)
    return [
        Pair(line, path, text, bool(match), key)
        for line, cell, text, match, key in rows
        if (path := files[cell].path) is not None
    ]


def ask_model(
    csv: str,
    rule: Rule,
    pairs: Sequence[Pair],
    cells: Mapping[int, str | None],
    options: RunOptions,
    scores: Scores,
) -> CheckResult:
    """Run the model that answers ``rule`` on the rows of a CSV; ``cells`` holds the image path of each line."""
    ask = {"smoke": _smoke, "suspect_labels": _suspect_labels}[rule.check.id]
    try:
        result = ask(csv, rule, pairs, cells, options, scores)
    except SmokeError as error:
        return CheckResult(csv, rule.check.id, rule.settings.severity, Outcome.ERROR, 0, 0, str(error))
    return replace(result, outcome=Outcome.FAILED) if options.strict and result.outcome is Outcome.WARNED else result


def _smoke(
    csv: str, rule: Rule, pairs: Sequence[Pair], cells: Mapping[int, str | None], options: RunOptions, scores: Scores
) -> CheckResult:
    tried = run_smoke(pairs, device=options.device, model=options.model, allow_download=options.allow_download)
    if tried.skipped is not None:
        return CheckResult(csv, rule.check.id, rule.settings.severity, Outcome.SKIPPED, 0, 0, tried.skipped)
    findings = []
    for failure in tried.failures:
        first, *rest = failure.lines or (None,)
        words = rule.check.message({"message": failure.message, "code": failure.code}, rule.settings.options)
        related = tuple(Related(csv, line, cells.get(line)) for line in rest if line is not None)
        findings.append(_finding(csv, rule, first, words, cells, related))
    return result_of(csv, rule, tried.evaluated, findings, tried.figures)


def _suspect_labels(
    csv: str, rule: Rule, pairs: Sequence[Pair], cells: Mapping[int, str | None], options: RunOptions, scores: Scores
) -> CheckResult:
    assert options.model is not None
    device = "auto" if options.device == "off" else options.device
    scored = score_labels(
        pairs,
        model=options.model,
        device=device,
        allow_download=options.allow_download,
        cache_get=scores.get,
        cache_put=scores.put,
    )
    if scored.skipped is not None:
        return CheckResult(csv, rule.check.id, rule.settings.severity, Outcome.SKIPPED, 0, 0, scored.skipped)
    findings = (
        []
        if scored.warning is None
        else [_finding(csv, rule, None, rule.check.message({"message": scored.warning}, rule.settings.options), cells)]
    )
    for suspect in sorted(scored.suspects, key=lambda suspect: suspect.line):
        words = rule.check.message({"message": suspect.message}, rule.settings.options)
        findings.append(_finding(csv, rule, suspect.line, words, cells))
    return result_of(csv, rule, len(scored.scores), findings)


def _finding(
    csv: str,
    rule: Rule,
    line: int | None,
    message: str,
    cells: Mapping[int, str | None],
    related: tuple[Related, ...] = (),
) -> Finding:
    value = None if line is None else cells.get(line)
    column = None if line is None else "image_path"
    return Finding(csv, line, rule.check.id, rule.settings.severity, column, value, message, related=related)


def result_of(
    csv: str, rule: Rule, evaluated: int, findings: Sequence[Finding], figures: Mapping[str, object] | None = None
) -> CheckResult:
    severity = rule.settings.severity
    failed = Outcome.FAILED if severity is Severity.CRITICAL else Outcome.WARNED
    outcome = failed if findings else Outcome.PASSED
    return CheckResult(csv, rule.check.id, severity, outcome, evaluated, len(findings), None, tuple(findings), figures)
