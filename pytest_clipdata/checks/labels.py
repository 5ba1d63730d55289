"""The label is match or mismatch.

A label is one of the words once its case and the ASCII blanks (space, tab) around it are taken away. Look-alike
letters, control characters and blanks of other kinds make it another word: a trainer that compares words reads it so.
The options say which words of your CSV stand for each of the two: ``match = ["match", "1"]``. A word that is spelled in
several ways (``Match`` beside ``match``) is one warning, whatever the severity: code that compares exactly loses rows.

Bad::

    images/a.jpg,Red cotton t-shirt with round neck,matching

Good::

    images/a.jpg,Red cotton t-shirt with round neck,match

Why: A label that the trainer does not know is dropped or read as the other class, and a few per cent of wrong labels
change which model looks best (Northcutt et al. 2021, "Pervasive Label Errors in Test Sets Destabilize Machine Learning
Benchmarks").

Fix: correct the word, or name the words of your data in ``[labels]``.
"""

from __future__ import annotations

import json
import unicodedata

from pytest_clipdata.checks.check import Check, Expectation, Options, Row, rows_where
from pytest_clipdata.findings import Severity
from pytest_clipdata.settings.declared import Option, suggest
from pytest_clipdata.settings.labels import MEANINGS


def _message(row: Row, options: Options) -> str:
    if row["row"] is None:
        return f"a label is spelled in several ways: {'; '.join(map(str, row['unexpected']))}"
    valid = [*options["match"], *options["mismatch"]]
    label, norm = str(row["label"]), str(row["label_norm"])
    meant = unicodedata.normalize("NFKC", label).strip().casefold()
    looks_right = meant in [word.casefold() for word in valid]
    if looks_right:  # what looks like the word and is another one is shown by its code points
        return f"{label!a} is not a label{suggest(meant, valid)}"
    words = f"{label!r} is not a label{suggest(norm, valid)}"
    if row["label_counts"] is None:
        return words
    means = {kind: [*options[kind], *([norm] if norm in MEANINGS[kind] else [])] for kind in MEANINGS}
    if norm not in means["match"] + means["mismatch"]:
        means = {kind: [*means[kind], "..."] for kind in means}
    block = ", ".join(f"{kind} = {json.dumps(means[kind], ensure_ascii=False)}" for kind in means)
    return f"{words}; the labels are {row['label_counts']}; your own words go into clipdata.toml: labels = {{{block}}}"


CHECK = Check(
    id="labels",
    manual=__doc__,
    expectations=lambda options: [
        rows_where("be_in_set", "label_norm", "label", value_set=["match", "mismatch"]),
        Expectation(
            "expect_column_distinct_values_to_be_in_set",
            {"column": "label_spellings", "value_set": ["one"]},  # null where there is but one
            "label",
            severity=Severity.WARNING,
        ),
    ],
    message=_message,
    judges=("label_norm",),
    options={
        "match": Option(["match"], "words that mean: the text describes the picture"),
        "mismatch": Option(["mismatch"], "words that mean: it does not"),
        "required": Option(
            "auto",
            "false: without a label column every row is a match; true: there must be one; auto: see docs/formats.md",
            choices=("auto", "true", "false"),
        ),
    },
    of_labels=True,
)
