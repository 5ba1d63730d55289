from __future__ import annotations

import time
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.reading.columns import ALIASES, Columns, Wanted, choose_columns, told, wanted, words_of_labels
from pytest_clipdata.reading.head import Head
from pytest_clipdata.settings.load import load

PAIRS = "no label column: every row is a match"


def choose(names: str, *rows: tuple[str | None, ...], want: Wanted | None = None, **beside: str) -> Columns:
    heads = {name: Head(tuple(columns.split())) for name, columns in beside.items()}
    return choose_columns({"train": Head(tuple(names.split()), rows), **heads}, want or Wanted())["train"]


def settings(*overrides: str) -> Wanted:
    return wanted(load(None, overrides, REGISTRY.tables))


def test_the_default_names_come_before_every_alias() -> None:
    assert choose("path image_path txt text match label") == Columns("image_path", "text", "label")


@pytest.mark.parametrize("role", list(ALIASES))
def test_the_one_alias_that_is_there_is_used(role: str) -> None:
    for alias in ALIASES[role]:
        names = {"image_path": "image_path", "text": "text", "label": "label"} | {role: alias}
        assert choose(" ".join(names.values())) == Columns(**names)


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        ("filepath title", ("filepath", "title")),  # open_clip
        ("file_name text", ("file_name", "text")),  # Hugging Face imagefolder
        ("image captions id", ("image", "captions")),  # Hugging Face
        ("image_path caption", ("image_path", "caption")),  # transformers' run_clip
    ],
)
def test_the_tables_of_the_field_are_pairs(names: str, columns: tuple[str, str]) -> None:
    assert choose(names) == Columns(*columns, label=None)


@pytest.mark.parametrize(
    "names", ["image path text label", "image_path caption title label", "a_path text match is_match"]
)
def test_two_aliases_are_never_chosen_from(names: str) -> None:
    problem = choose(names).problem
    assert problem is not None
    assert "may both be the column" in problem


def test_a_name_of_the_settings_takes_no_part_for_another_role() -> None:
    want = Wanted(named={"text": "title"})
    assert choose("filepath title caption", want=want) == Columns("filepath", "title", None)
    want = Wanted(named={"image_path": "img"})
    assert choose("img image caption", want=want) == Columns("img", "caption", None)


def test_a_named_column_that_is_not_there_has_no_alias() -> None:
    problem = choose("filepath text label", want=Wanted(named={"image_path": "file_path"})).problem
    assert problem is not None
    assert problem.startswith("no column 'file_path' (did you mean 'filepath'?)")


@pytest.mark.parametrize(
    ("names", "rows", "want", "why"),
    [
        ("image_path text", [], Wanted(), "beside image_path and text there should be one"),
        ("image_path text id", [], Wanted(), "beside image_path and text there should be one"),
        ("image_path caption", [], settings("columns.label=label"), "the settings speak of labels"),
        ("image_path caption", [], settings('labels.match=["yes"]'), "the settings speak of labels"),
        ("image_path caption", [], settings("labels.severity=warning"), "the settings speak of labels"),
        ("image_path caption", [], settings("labels.required=true"), "labels.required is true"),
        *(
            (f"image_path caption {name}", [], Wanted(), f"{name!r} may be it")
            for name in (
                "labels",
                "lable",
                "Label",
                "target",
                "is_mismatch",
                "label_id",
                "labl",
                "MATCHED",
                "mismatches",
            )
        ),
        (
            "image_path caption y",
            [("a", "b", "match"), ("c", "d", None)],
            Wanted(),
            "'y' holds nothing but label words",
        ),
        ("image_path caption y", [("a", "b", "Mismatch ")], Wanted(), "'y' holds nothing but label words"),
        ("image_path caption y", [("a", "b", "1"), ("a", "b", "0")], Wanted(), "'y' holds nothing but 0 and 1"),
        ("image_path caption y", [("a", "b", "1")] * 3, Wanted(), "'y' holds nothing but 0 and 1"),
        (
            "image_path caption y",
            [("a", "b", "ja")],
            Wanted(words={"ja": "match"}),
            "'y' holds nothing but label words",
        ),
    ],
)
def test_what_speaks_against_pairs(names: str, rows: list[tuple[str, ...]], want: Wanted, why: str) -> None:
    chosen = choose(names, *rows, want=want)
    assert chosen.problem is not None
    assert why in chosen.problem
    assert "labels.required = false if every row is a match" in chosen.problem


@pytest.mark.parametrize("name", ["batch", "batch_id", "patch", "table", "catcher", "cable", "id", "y", "source"])
def test_other_words_do_not(name: str) -> None:
    assert choose(f"image_path caption {name}", ("a", "b", "7")) == Columns("image_path", "caption", None)


@pytest.mark.parametrize("values", [["0"], ["1"], ["0", "1"], [None, None], ["0", "1", "2"], ["match", "red"]])
def test_nor_numbers_of_rows_empty_columns_and_mixed_ones(values: list[str | None]) -> None:
    rows = [("a", "b", value) for value in values]
    assert choose("image_path caption y", *rows) == Columns("image_path", "caption", None)


def test_labels_beside_a_table_speak_against_pairs() -> None:
    chosen = choose("filepath title", val="filepath title is_match")
    assert chosen.problem is not None
    assert "no column 'label': val has the column 'is_match'" in chosen.problem
    assert choose("filepath title is_match", val="filepath title").label == "is_match"
    assert choose("filepath title", val="filepath title").label is None


def test_not_required_settles_it() -> None:
    want = settings("labels.required=false")
    assert choose("image_path text lable", want=want, val="image_path text label") == Columns(
        "image_path", "text", None
    )
    assert choose("image_path text label", want=want).label == "label"


def test_what_is_pasted_settles_it() -> None:
    """The settings that a finding shows are valid, and with them the table can be read."""
    rows = [("x/1.jpg", "a red shirt", "17"), ("x/2.jpg", "two blue shoes", "18")]
    for names in ("foto beschreibung nr", "Image Text lable", "image img caption", "a b c", "image_path text lable"):
        problem = choose(names, *rows).problem
        assert problem is not None
        assert all(repr(name) in problem for name in names.split())
        pasted = tomllib.loads(problem.rpartition("say in clipdata.toml: ")[2].split(", or ")[0].split(" if every")[0])
        want = Wanted(
            named=pasted.get("columns", {}), required=str(pasted.get("labels", {}).get("required", "auto")).lower()
        )
        assert choose(names, *rows, want=want).problem is None, (names, problem)


def test_the_message_is_one_printable_line_of_bounded_length() -> None:
    names = [f"\x1b[31m\n{'x' * 5000}{number}" for number in range(5000)]
    problem = choose_columns({"t": Head(tuple(names))}, Wanted())["t"].problem
    assert problem is not None
    assert problem.isprintable()
    assert len(problem) < 5000


def test_many_columns_cost_no_search_for_each() -> None:
    names = tuple(f"c{number}" for number in range(100_000))
    start = time.process_time()
    assert choose_columns({"t": Head(names, [names] * 3)}, Wanted())["t"].problem is not None
    assert time.process_time() - start < 20  # it took over a minute and grew with the square


NAME = st.sampled_from(["image_path", "path", "image", "text", "title", "label", "match", "lable", "y", ""]) | st.text(
    max_size=8
)


@given(
    st.lists(st.tuples(st.lists(NAME, max_size=6), st.lists(st.text(max_size=6) | st.none(), max_size=6)), max_size=3),
    st.dictionaries(st.sampled_from(list(ALIASES)), NAME, max_size=3),
    st.sampled_from(["auto", "true", "false"]),
    st.booleans(),
)
def test_every_table_is_read_or_refused_in_words(
    tables: list[tuple[list[str], list[str | None]]], named: dict[str, str], required: str, labelled: bool
) -> None:
    """Whatever the columns: those that are read are there, a refusal is one line, and the order says nothing."""
    heads = {
        f"{number}.csv": Head(tuple(names), [[*cells, *[None] * len(names)][: len(names)]])
        for number, (names, cells) in enumerate(tables)
    }
    want = Wanted(named=named, required=required, labelled=labelled)
    chosen = choose_columns(heads, want)
    assert choose_columns(dict(reversed(heads.items())), want).keys() == chosen.keys()
    for name, columns in chosen.items():
        if columns.problem is None:
            assert {*columns.names} <= {*heads[name].names}
            assert required != "true" or columns.label is not None
            assert columns.label is not None or not labelled or required == "false"
        else:
            assert columns.problem.isprintable()
            assert {*columns.guesses.values()} <= {*heads[name].names}
    assert all(line.isprintable() for line in told(chosen))


def test_a_head_that_cannot_be_told_is_the_readers_affair() -> None:
    chosen = choose_columns({"a": None, "b": Head(("filepath", "title"))}, Wanted(named={"text": "title"}))
    assert chosen == {"a": Columns("image_path", "title", "label"), "b": Columns("filepath", "title", None)}


@pytest.mark.parametrize(
    ("column", "labels", "words", "meanings"),
    [
        ("is_match", ["1", "0", None], {}, {"1": "match", "0": "mismatch"}),
        ("match", ["TRUE", "False"], {}, {"true": "match", "false": "mismatch"}),
        ("match", ["1", "mismatch"], {}, {"1": None, "0": None, "mismatch": "mismatch"}),
        ("matches", ["1", "2"], {}, {"1": "match", "2": None}),
        ("label", ["1", "0"], {}, {"1": None, "0": None}),
        ("label", ["1", "0"], {"1": "match"}, {"1": "match", "0": "mismatch", "true": None}),
        ("label", ["1", "mismatch"], {"1": "match"}, {"1": "match", "0": None, "mismatch": "mismatch"}),
        ("is_match", ["1", "0"], {"0": "match", "1": "mismatch"}, {"0": "match", "1": "mismatch"}),
        (None, ["match"], {"yes": "match"}, {"match": "match"}),
    ],
)
def test_what_numbers_mean(
    column: str | None, labels: list[str | None], words: dict[str, str], meanings: dict[str, str | None]
) -> None:
    words = {"match": "match", "mismatch": "mismatch", **words}
    means = words_of_labels(labels, Columns("a", "b", column), words)
    assert {label: means.get(label) for label in meanings} == meanings


def test_the_header_says_how_tables_are_read() -> None:
    plain, pairs = Columns("image_path", "text", "label"), Columns("filepath", "title", None)
    assert told({"train": plain, "val": plain}) == []
    assert told({"train": pairs, "val": pairs}) == [f"image_path is 'filepath', text is 'title'; {PAIRS}"]
    assert told({"train": plain, "val": pairs}) == [f"val: image_path is 'filepath', text is 'title'; {PAIRS}"]
    assert told({"train": Columns("image_path", "text", None)}) == [PAIRS]
