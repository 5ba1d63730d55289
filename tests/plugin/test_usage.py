"""How pytest is called, and what it then collects, runs and says."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
from helpers.drawn import encoded, photo
from helpers.tools import BLACK, BLUE, RED, write

Run = Callable[..., pytest.RunResult]
Make = Callable[..., None]
ROWS = [
    ("a.jpg", RED, "match"),
    ("b.jpg", "too short", "mismatch"),
    ("a.jpg", BLUE, "mismatch"),
    ("b.jpg", BLACK, "match"),
]
FILES = {"a.jpg": encoded(photo(1)), "b.jpg": encoded(photo(2))}
TEXT = ("-k", "word_count or labels or row_count")  # one fails, one passes, one warns
HEAVY = ("pandas", "numpy", "PIL", "great_expectations", "torch", "transformers", "pyarrow", "imagehash")


@pytest.fixture
def small(dataset: Make) -> None:
    dataset({"train.csv": ROWS}, FILES)


def ids(result: pytest.RunResult) -> list[str]:
    return [line for line in result.outlines if "::" in line and not line.startswith("FAILED")]


def spy(pytester: pytest.Pytester, *, stays_light: tuple[str, ...] = HEAVY) -> None:
    """A conftest that fails the session if a heavy module is there at its end."""
    pytester.makeconftest(
        f"import sys\ndef pytest_unconfigure():\n    heavy = set({stays_light!r}) & set(sys.modules)\n"
        "    print('HEAVY', sorted(heavy))\n"
    )


# --- what is collected ------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_an_item_is_a_csv_and_a_check(alone: Run) -> None:
    from pytest_clipdata.checks.registry import REGISTRY

    result = alone("--co", "-q")
    assert ids(result) == [
        f"datasets/train.csv::{check}" for check in REGISTRY if check not in ("smoke", "suspect_labels")
    ]


@pytest.mark.usefixtures("small")
def test_collecting_and_help_import_nothing_heavy(pytester: pytest.Pytester) -> None:
    spy(pytester)
    for arguments in (("--co", "-q", "--clip-dataset", "datasets"), ("--help",), ()):
        result = pytester.runpytest_subprocess(*arguments)
        result.stdout.fnmatch_lines(["HEAVY []"])


@pytest.mark.usefixtures("small")
def test_without_the_option_the_plugin_is_inert(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\ndef test_inert():\n    assert {m for m in sys.modules if m.startswith('pytest_clipdata')} =="
        " {'pytest_clipdata', 'pytest_clipdata.plugin', 'pytest_clipdata.plugin.hooks',"
        " 'pytest_clipdata.plugin.options', 'pytest_clipdata.plugin.specifications'}"
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


@pytest.mark.usefixtures("small")
def test_without_the_plugin_pytest_runs_as_ever(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest_inprocess("-p", "no:clipdata").assert_outcomes(passed=1)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("arguments", "own", "items"), [((), 0, 3), (("tests",), 1, 3), ((".",), 1, 3)])
def test_paths_beside_the_dataset_add_to_it(
    pytester: pytest.Pytester, alone: Run, arguments: tuple[str, ...], own: int, items: int
) -> None:
    write(pytester.path, {}, {"tests/test_own.py": b"def test_labels(): pass\n"})
    alone(*arguments, *TEXT).assert_outcomes(failed=1, passed=items - 1 + own, warnings=1)


@pytest.mark.usefixtures("small")
def test_in_two_workers_each_item_runs_once(pytester: pytest.Pytester) -> None:
    own = "def test_labels(clip_dataset): assert len(clip_dataset.facts) == 4\ndef test_row_count(): pass\n"
    write(pytester.path, {}, {"tests/test_own.py": own.encode()})
    arguments = (".", "--clip-dataset=datasets", "--clip-smoke=off", *TEXT, "--junitxml=junit.xml")
    result = pytester.runpytest_subprocess("-n", "2", *arguments)
    result.assert_outcomes(failed=1, passed=4, warnings=1)
    cases = [case for case in ET.parse(pytester.path / "junit.xml").iter("testcase") if list(case.iter("property"))]
    assert sorted(str(case.get("name")) for case in cases) == ["labels", "row_count", "word_count"]


@pytest.mark.usefixtures("small")
def test_a_node_id_runs_that_item_alone(alone: Run) -> None:
    alone("datasets/train.csv::labels").assert_outcomes(passed=1)
    result = alone("datasets/train.csv::word_count", "datasets/train.csv::labels")
    result.assert_outcomes(passed=1, failed=1)


def test_one_csv_is_judged_against_its_siblings(alone: Run, dataset: Make) -> None:
    dataset({"train.csv": ROWS, "val.csv": [("a.jpg", RED, "match")]}, FILES)
    result = alone("-k", "leakage and not text or columns", dataset="datasets/val.csv")
    result.assert_outcomes(failed=1, passed=1)
    result.stdout.fnmatch_lines(["datasets/val.csv:2: leakage: a.jpg is the same file as in datasets/train.csv:2"])


def test_a_dataset_outside_of_the_rootdir(
    run: Run, pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pytester.makeini("[pytest]\n")
    folder = tmp_path_factory.mktemp("elsewhere")
    write(folder, {"train.csv": ROWS, "val.csv": [("a.jpg", RED, "match")]}, FILES)
    result = run(*TEXT, "--clip-report=out", dataset=str(folder))
    result.assert_outcomes(failed=1, passed=4, skipped=1, warnings=1)


@pytest.mark.usefixtures("small")
def test_two_datasets_are_two(alone: Run, dataset: Make, pytester: pytest.Pytester) -> None:
    dataset({"train.csv": ROWS[:1]}, FILES, "more")
    alone("--clip-dataset", "more", *TEXT, "--clip-report=out").assert_outcomes(failed=1, passed=5, warnings=2)
    names = [
        json.loads((pytester.path / "out" / name / "findings.json").read_text())["dataset"]
        for name in ("datasets", "more")
    ]
    assert names == ["datasets", "more"]


# --- pytest's own options ------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_last_failed_runs_what_failed(alone: Run) -> None:
    alone(*TEXT).assert_outcomes(failed=1, passed=2, warnings=1)
    alone("--lf").assert_outcomes(failed=1)


@pytest.mark.usefixtures("small")
def test_stop_at_the_first_failure(alone: Run) -> None:
    result = alone("-x", "-k", "word_count or text_hygiene or row_count")
    result.assert_outcomes(failed=1)


@pytest.mark.usefixtures("small")
def test_junit_carries_counts(alone: Run, pytester: pytest.Pytester) -> None:
    alone(*TEXT, "--junitxml=junit.xml")
    cases = {case.get("name"): case for case in ET.parse(pytester.path / "junit.xml").iter("testcase")}
    assert set(cases) == {"labels", "word_count", "row_count"}
    properties = {item.get("name"): item.get("value") for item in cases["word_count"].iter("property")}
    assert properties == {"clip.check": "word_count", "clip.evaluated": "4", "clip.unexpected": "1"}
    (failure,) = cases["word_count"].iter("failure")
    assert (
        str(failure.text)
        == "datasets/train.csv:3: word_count: the text has 2 words, it must have 5 to 100: 'too short'"
    )


@pytest.mark.usefixtures("small")
def test_without_the_cache_provider_nothing_is_written(alone: Run, pytester: pytest.Pytester) -> None:
    alone("-p", "no:cacheprovider").assert_outcomes(failed=1, passed=20, skipped=4, warnings=1)
    assert not (pytester.path / ".pytest_cache").exists()


@pytest.mark.usefixtures("small")
def test_quiet_says_what_failed_and_no_more(alone: Run) -> None:
    result = alone("-qq", *TEXT)
    assert (
        "datasets/train.csv:3: word_count: the text has 2 words, it must have 5 to 100: 'too short'" in result.outlines
    )
    assert not any("==" in line and "clipdata" in line for line in result.outlines)


# --- usage errors ------------------------------------------------------------


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("path", "arguments", "message"),
    [
        ("dataset", (), "no such path: '*dataset' (did you mean *datasets?)"),
        ("empty", (), "no dataset (CSV, TSV, * under *empty"),
        ("datasets/a.jpg", (), "*a.jpg is neither a folder nor a dataset (CSV, TSV, *"),
        (
            "datasets",
            ("--clip-set", "resolutoin.min_side=3"),
            "--clip-set: unknown key 'resolutoin'; did you mean 'resolution'?",
        ),
        (
            "datasets",
            ("--clip-set", "resolution.min_sid=3"),
            "--clip-set: unknown key 'resolution.min_sid'; did you mean 'min_side'?",
        ),
        (
            "datasets",
            ("--clip-set", "resolution.min_side=x"),
            "--clip-set: resolution.min_side must be a whole number, not 'x'",
        ),
        ("datasets", ("--clip-set", "labels.match=[yes, 1]"), "--clip-set: [yes, 1] is no TOML value: *"),
        ("datasets", ("--clip-workers", "0"), "--clip-workers must be at least 1"),
        ("datasets", ("--clip-report", "datasets/a.jpg/out"), "cannot write to *a.jpg?out: Not a directory"),
        ("datasets", ("--clip-quarantine", "datasets/a.jpg"), "cannot write to *a.jpg: Not a directory"),
        (
            "datasets",
            ("--clip-write-baseline", "--clip-baseline=datasets/a.jpg/b"),
            "cannot write to *a.jpg: Not a directory",
        ),
    ],
)
def test_a_usage_error_is_one_line_and_exit_code_4(
    pytester: pytest.Pytester, alone: Run, path: str, arguments: tuple[str, ...], message: str
) -> None:
    pytester.mkdir("empty")
    result = alone(*arguments, dataset=path)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    pattern = f"ERROR: {message}".replace("[", "[[]")
    result.stderr.fnmatch_lines([pattern])
    assert "Traceback" not in result.stderr.str() + result.stdout.str()


@pytest.mark.usefixtures("small")
def test_an_unknown_item_names_no_traceback(alone: Run) -> None:
    result = alone("datasets/train.csv::resolutoin")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *resolutoin*"])


@pytest.mark.usefixtures("small")
def test_a_settings_file_that_is_wrong(pytester: pytest.Pytester, alone: Run) -> None:
    (pytester.path / "datasets/clipdata.toml").write_text("[word_cuont]\nmin = 3\n")
    result = alone()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["ERROR: *datasets?clipdata.toml: unknown key 'word_cuont'; did you mean 'word_count'?"]
    )


# --- settings, severities, rules of one's own, the fixture ------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_settings_strict_and_off(pytester: pytest.Pytester, alone: Run) -> None:
    (pytester.path / "datasets/clipdata.toml").write_text("[word_count]\nmin = 2\n[labels]\nseverity = 'off'\n")
    alone(*TEXT).assert_outcomes(passed=2, warnings=1)
    alone(*TEXT, "--clip-set", "word_count.min=3", "--clip-strict").assert_outcomes(failed=2)


@pytest.mark.usefixtures("small")
def test_a_rule_of_ones_own_is_an_item(pytester: pytest.Pytester, alone: Run) -> None:
    (pytester.path / "pyproject.toml").write_text(
        "[[tool.clipdata.expectations]]\nid = 'mentions_colour'\ntype = 'expect_column_values_to_match_regex'\n"
        "kwargs = { column = 'text', regex = '(?i)red|blue|black' }\nseverity = 'warning'\n"
    )
    result = alone("datasets/train.csv::mentions_colour")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines(
        ["*datasets/train.csv:3: ClipDataWarning: mentions_colour: text 'too short' breaks expect_column_values_*"]
    )


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("expect_nothing", "mine: expect_nothing: expect_nothing not found"),
        ("expect_column_values_to_be_unique", "mine: expect_column_values_to_be_unique: *regx*"),
    ],
)
def test_a_rule_that_is_refused_is_one_usage_error(
    pytester: pytest.Pytester, alone: Run, rule: str, words: str
) -> None:
    (pytester.path / "datasets/clipdata.toml").write_text(
        f"[[expectations]]\nid = 'mine'\ntype = '{rule}'\nkwargs = {{ column = 'text', regx = 3 }}\n"
    )
    result = alone("-k", "mine or labels")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: datasets/clipdata.toml: {words}"])


@pytest.mark.usefixtures("small")
def test_warnings_as_errors_show_findings_and_no_traceback(alone: Run) -> None:
    result = alone("-W", "error", *TEXT)
    result.assert_outcomes(failed=2, passed=1)
    result.stdout.fnmatch_lines(["*row_count: the source has 4 pairs, it should have at least 100"])
    assert "items.py" not in result.stdout.str()


@pytest.mark.usefixtures("small")
def test_the_fixture_gives_each_csv(pytester: pytest.Pytester, alone: Run) -> None:
    pytester.makepyfile(
        """
        def test_mine(clip_dataset):
            assert clip_dataset.split == "train"
            assert clip_dataset.path.name == "train.csv"
            assert clip_dataset.image_root == clip_dataset.path.parent
            assert list(clip_dataset.facts["line"]) == clip_dataset.rows.lines == [2, 3, 4, 5]
            assert clip_dataset.facts["image_phash"].notna().all()
            assert clip_dataset.settings.checks["word_count"].options["min"] == 5
        """
    )
    result = alone(".", "-k", "test_mine or labels")
    result.assert_outcomes(passed=2)


def test_the_fixture_without_the_option_is_skipped(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_mine(clip_dataset): pass")
    pytester.runpytest_inprocess().assert_outcomes(skipped=1)


# --- hostile data ------------------------------------------------------------


def test_nothing_raw_reaches_the_terminal(dataset: Make, alone: Run) -> None:
    text = "\x1b[31mRed\x1b[0m \u202eshirt\u200b"
    dataset({"train.csv": [("images/\x1b[2J.jpg", text, "ma\x07tch"), ("a.jpg", text, "match")]}, FILES)
    result = alone(
        "-v",
        "-rA",
        "--color=no",
        "--clip-set",
        "text_hygiene.severity=warning",
        "--clip-set",
        "word_count.severity=warning",
    )
    output = result.stdout.str() + result.stderr.str()
    assert not set("\x1b\x07\u202e\u200b") & set(output)
    assert "\\x1b[2J.jpg does not exist" in output


# --- what lies beside the data --------------------------------------------------------------------------------------


@pytest.mark.posix
def test_a_stray_file_takes_no_split_out_of_the_dataset(run: Run, dataset: Make, pytester: pytest.Pytester) -> None:
    dataset({"train/pairs.csv": ROWS, "train/test.csv": ROWS[2:], "val/pairs.csv": ROWS[:1]}, FILES)
    (pytester.path / "datasets/eval").symlink_to(pytester.path / "datasets/val")
    (pytester.path / "datasets/dev.arrow").write_bytes(b"ARROW1")
    result = run("-k", "leakage and not text_leakage")
    result.stdout.fnmatch_lines(
        [
            "clip-dataset: datasets/dev.arrow is not read: this version has no reader for it",
            "clip-dataset: datasets/train/test.csv is test by its name, though its folder is train",
        ]
    )
    failed = {line.split(":")[0] for line in result.outlines if ": leakage: a.jpg" in line}
    assert {"datasets/val/pairs.csv", "datasets/eval/pairs.csv", "datasets/train/test.csv"} <= failed
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_foreign_table_is_named_in_the_header_and_blocks_nothing(
    alone: Run, dataset: Make, pytester: pytest.Pytester
) -> None:
    dataset({"train.csv": ROWS[:1]}, FILES)
    write(pytester.path, {"src/prices\x1b.csv": "sku,price\n1,2\n"})
    result = alone("-k", "columns", dataset=".")
    result.stdout.fnmatch_lines(["clip-dataset: src/prices\\x1b.csv is left out: it has no column of pictures, *"])
    result.assert_outcomes(passed=1, deselected=24)
    result = alone("-k", "columns", dataset="src")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*src holds nothing to test: *"])
    result = alone("-k", "columns", dataset="src/prices\x1b.csv")
    result.assert_outcomes(failed=1, deselected=24)
