from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from pytest_clipdata import checks
from pytest_clipdata.checks.registry import REGISTRY, Registry
from pytest_clipdata.facts.columns import COLUMNS

FOLDER = Path(checks.__file__).parent
FILES = sorted(
    path.stem for path in FOLDER.glob("*.py") if path.stem not in ("__init__", "check", "own_rule", "registry")
)


def test_every_file_is_a_check_and_every_check_a_file() -> None:
    assert sorted(REGISTRY) == FILES


@pytest.mark.parametrize("check_id", FILES)
def test_a_check_is_documented(check_id: str) -> None:
    check = REGISTRY[check_id]
    assert check.id == check_id
    assert check.manual == ast.get_docstring(ast.parse((FOLDER / f"{check_id}.py").read_text("utf-8")), clean=False)
    assert re.search(r"\n\nBad::\n\n(    .+\n)+\nGood::\n\n    ", check.manual or "")
    assert 10 < len(check.summary) < 100
    assert all(option.help for option in check.options.values())


@pytest.mark.parametrize("check_id", FILES)
def test_a_check_says_what_it_judges_and_that_says_how_far_to_measure(check_id: str) -> None:
    check = REGISTRY[check_id]
    options = {key: option.default for key, option in check.options.items()}
    expectations = check.expectations(options)
    assert check.by_model or expectations
    assert check.facts >= {*check.judges, *(e.kwargs["column"] for e in expectations if "column" in e.kwargs)}
    assert check.facts <= COLUMNS.keys()
    assert check.needs == max(COLUMNS[name].needs for name in check.facts)
    assert check.limit.format(**options) or not check.limit


def test_how_far_each_check_measures() -> None:
    """Written down once, so that a check which quietly begins to decode pictures is seen."""
    needs = {check_id: check.needs.name for check_id, check in REGISTRY.items()}
    files = dict.fromkeys(("paths", "portable_paths"), "FILES")
    header = dict.fromkeys(("resolution", "aspect_ratio", "shortcuts"), "HEADER")
    pixels = dict.fromkeys(("decodable", "loader_parity", "visibility"), "PIXELS")
    alike = (
        "duplicate_rows",
        "contradictions",
        "duplicate_images",
        "repeated_text",
        "leakage",
        "smoke",
        "suspect_labels",
    )
    assert needs == dict.fromkeys(REGISTRY, "TEXT") | files | header | pixels | dict.fromkeys(alike, "SIMILARITY")


@pytest.mark.parametrize("check_id", FILES)
def test_a_default_lies_within_its_own_bounds(check_id: str) -> None:
    for option in REGISTRY[check_id].options.values():
        if option.at_least is not None:
            assert option.default >= option.at_least
        if option.at_most is not None:
            assert option.default <= option.at_most


def test_two_checks_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="two checks have the id 'labels'"):
        Registry([REGISTRY["labels"], REGISTRY["paths"], REGISTRY["labels"]])


def test_an_unknown_id_names_the_nearest() -> None:
    with pytest.raises(KeyError, match=r"no check 'resolutoin'; did you mean 'resolution'\?"):
        REGISTRY["resolutoin"]


def test_severities_and_defaults_are_those_of_the_design() -> None:
    warnings = {
        "portable_paths", "aspect_ratio", "loader_parity", "visibility", "repeated_text", "label_balance",
        "row_count", "split_ratio", "text_leakage", "text_style", "language", "shortcuts", "suspect_labels",
    }  # fmt: skip
    assert {check.id for check in REGISTRY.values() if check.severity == "warning"} == warnings
    assert {check.id for check in REGISTRY.values() if check.severity == "critical"} == set(REGISTRY) - warnings
    defaults = {
        f"{check.id}.{key}": option.default for check in REGISTRY.values() for key, option in check.options.items()
    }
    assert {key: value for key, value in defaults.items() if not key.startswith(("columns", "visibility"))} == {
        "labels.match": ["match"],
        "labels.mismatch": ["mismatch"],
        "labels.required": "auto",
        "decodable.formats": ["jpeg", "png", "webp", "gif", "bmp", "tiff", "avif"],
        "decodable.max_pixels": 128_000_000,
        "resolution.min_side": 224,
        "aspect_ratio.max": 3.0,
        "word_count.min": 5,
        "word_count.max": 100,
        "token_length.max": 77,
        "text_style.allowed": [],
        "language.languages": ["en"],
        "repeated_text.max": 5,
        "label_balance.min": 0.4,
        "label_balance.max": 0.6,
        "row_count.min": 100,
        "split_ratio.min": 0.7,
        "split_ratio.max": 0.9,
        "split_ratio.max_gap": 0.1,
        "leakage.held_out": True,
        "leakage.perceptual": "critical",
        "duplicate_images.perceptual": "critical",
        "leakage.quarantine": "train",
    }
