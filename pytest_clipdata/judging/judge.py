"""Judge the facts of one source: each rule is asked of Great Expectations once, and becomes a result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pytest_clipdata.findings import CheckResult, Outcome, Related

if TYPE_CHECKING:
    import pandas as pd
from pytest_clipdata.judging.answers import result_of
from pytest_clipdata.judging.great_expectations import answers_by_key, refused_by_check, validate
from pytest_clipdata.judging.rule import Rule, Verdict, expectations_of


def judge(
    csv: str, facts: pd.DataFrame, rules: Sequence[Rule], strict: bool, refer: Callable[[str], Related]
) -> Verdict:
    """Judge the facts of one CSV by ``rules``.

    ``refer`` turns ``csv:line`` into the other row. A rule that could not be judged is SKIPPED, an expectation that
    errors is an ERROR. Raises RuntimeError if Great Expectations does not answer for every expectation exactly once.
    """
    evaluated = {rule.check.id: int(facts[list(rule.check.judges)].notna().all(axis=1).sum()) for rule in rules}
    asked = [rule for rule in rules if rule.not_judged is None and evaluated[rule.check.id] and not rule.check.by_model]
    refused = refused_by_check(expectations_of(asked))
    asked = [rule for rule in asked if rule.check.id not in refused]
    expectations = expectations_of(asked)
    suite, validation = validate(csv, facts, expectations) if expectations else ({}, {})
    answers = answers_by_key(expectations, validation.get("results", []))
    results = []
    for rule in rules:
        count = evaluated[rule.check.id]
        if rule in asked:
            mine = [
                (expectations[key], answer) for key, answer in answers.items() if key.split("/")[0] == rule.check.id
            ]
            results.append(result_of(csv, facts, rule, count, mine, strict, refer))
        elif error := refused.get(rule.check.id):
            results.append(CheckResult(csv, rule.check.id, rule.settings.severity, Outcome.ERROR, count, 0, error))
        else:
            reason = rule.not_judged or _why_nothing_to_judge(facts)
            results.append(CheckResult(csv, rule.check.id, rule.settings.severity, Outcome.SKIPPED, 0, 0, reason))
    return Verdict(tuple(results), suite, validation)


def _why_nothing_to_judge(facts: pd.DataFrame) -> str:
    """The check that took the rows away: an item that judged nothing must say so, not pass."""
    total = len(facts)
    bad_paths = facts["path_status"].notna() & facts["image_key"].isna()
    causes = {
        "columns": int(facts["row_problem"].notna().sum()),
        "missing_values": int(facts[["image_path", "text", "label"]].isna().any(axis=1).sum()),
        "labels": int((facts["label_norm"].notna() & facts["is_match"].isna()).sum()),
        "paths": int(bad_paths.sum()),
        "decodable": int((facts["image_status"].notna() & (facts["image_status"] != "ok")).sum()),
    }
    causes["missing_values"] -= causes["columns"]
    found = ", ".join(f"{check} reports {count}" for check, count in causes.items() if count > 0)
    return f"none of the {total} rows could be judged" + (f": {found}" if found else "")
