"""What a plugin gives is held to what it promises; what it does wrong costs its own checks, and is said."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from helpers.drawn import encoded, photo, turned
from helpers.plugins import install_example, install_module
from helpers.projects import settled
from PIL import Image

from pytest_clipdata.checks.plugged.installed import installed_plugins
from pytest_clipdata.checks.plugged.plugin import Plugin, PluginError, plugin_of
from pytest_clipdata.checks.registry import REGISTRY, Registry
from pytest_clipdata.cli import main
from pytest_clipdata.extending import Check, Fact, Needs, Option, PictureStep, Severity, Step, rows_where
from pytest_clipdata.findings import CheckResult, Outcome
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.options import RunOptions
from pytest_clipdata.testing import finds, judged, passes

LENGTH = Step(
    "text", Needs.TEXT, (Fact("text_length", "Int64", "characters"),), lambda texts, _: [list(map(len, texts))]
)
SHORT = Check(
    id="short_text",
    manual="The text is short.",
    expectations=lambda options: [rows_where("be_between", "text_length", "text", max_value=options["max"])],
    message=lambda row, options: f"{row['text_length']} characters, at most {options['max']} may be",
    judges=("text_length",),
    options={"max": Option(60, "characters")},
)


def plugged(*things: object, version: str | None = None) -> Registry:
    return REGISTRY.with_plugins([plugin_of("a plugin", version, things)])


# --- pictures: these functions are called in worker processes, which import this module by its name --------------------


def mean(picture: Any) -> Sequence[Any]:
    return [float(np.asarray(picture).mean()), picture.mode, picture.width, picture.height]


def raises(picture: Any) -> Sequence[Any]:
    raise ZeroDivisionError("division by zero")


def hangs(picture: Any) -> Sequence[Any]:
    time.sleep(60)
    return [0.0]


def dies(picture: Any) -> Sequence[Any]:
    os._exit(3)


def several(picture: Any) -> Sequence[Any]:
    return [1.0, 2.0]


def nan(picture: Any) -> Sequence[Any]:
    return [np.float32("nan")]


def pid(picture: Any) -> Sequence[Any]:
    return [float(os.getpid())]


def of_pictures(measure: Callable[[Any], Sequence[Any]], *more: Fact) -> tuple[PictureStep, Check]:
    step = PictureStep((Fact("seen", "Float64", "what was seen"), *more), measure)
    check = Check(
        id="seen_well",
        manual="It is seen.",
        expectations=lambda options: [rows_where("be_between", "seen", "image_path", min_value=0)],
        message=lambda row, options: f"seen {row['seen']}",
        judges=("seen",),
        severity=Severity.WARNING,
    )
    return step, check


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parent)


# --- what is refused before the work ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("things", "words"),
    [
        ([3], "a plugin: 3 is no Check, Step or PictureStep"),
        (3, "a plugin: 3 is no Check, Step or PictureStep"),
        ("checks", "a plugin: 'checks' is no Check, Step or PictureStep"),
        (lambda: 1 / 0, "a plugin: ZeroDivisionError: division by zero"),
        (lambda: sys.exit(2), "a plugin: SystemExit: 2"),
        ([Check], "is no Check, Step or PictureStep"),
        ([LENGTH, replace(SHORT, id="labels")], "the check 'labels': this id is already taken"),
        ([LENGTH, SHORT, SHORT], "the check 'short_text': this id is already taken"),
        ([LENGTH, replace(SHORT, id="image_root")], "the check 'image_root': this id is already taken"),
        ([LENGTH, replace(SHORT, id="short text")], "must have an id like"),
        ([LENGTH, replace(SHORT, severity="critical")], "the severity must be a Severity, not 'critical'"),
        ([LENGTH, replace(SHORT, by_model=True)], "only our own checks are answered by a model"),
        ([LENGTH, replace(SHORT, judges="text_length")], "judges must be a tuple"),
        ([LENGTH, replace(SHORT, judges=())], "judges must be a tuple"),
        ([LENGTH, replace(SHORT, options={"mostly": Option(0.5, "")})], "'mostly' cannot be an option"),
        ([LENGTH, replace(SHORT, options={"max": 60})], "the options must be names with an Option each"),
        (
            [LENGTH, replace(SHORT, options={"max": Option(5, "", at_least=9)})],
            "its default: short_text.max must be >= 9",
        ),
        ([LENGTH, replace(SHORT, limit="{most}")], "limit '{most}' is no format of its options"),
        ([LENGTH, replace(SHORT, expectations=lambda options: [])], "the check 'short_text': [] is no Expectation"),
        ([LENGTH, replace(SHORT, expectations=lambda options: options["min"])], "expectations raised KeyError: 'min'"),
        ([SHORT], "the check 'short_text': the facts table has no column 'text_length'"),
        ([LENGTH, LENGTH], "there is a fact 'text_length' already"),
        ([replace(LENGTH, facts=(Fact("row", "Int64", ""),))], "there is a fact 'row' already"),
        (
            [replace(LENGTH, facts=(Fact("a", "int64", ""),))],
            "the fact 'a' must be one of str, Int64, Float64, boolean",
        ),
        ([replace(LENGTH, facts=())], "a step needs facts"),
        ([replace(LENGTH, over="")], "must be over a column"),
        ([of_pictures(lambda picture: [1.0])[0]], "must be a function of a module that worker processes can import"),
        ([replace(of_pictures(mean)[0], side=0)], "must be 1 to 4096 pixels"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(things: object, words: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z]") as refused:
        REGISTRY.with_plugins([plugin_of("a plugin", None, things)])
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_two_plugins_share_no_id_and_no_fact() -> None:
    with pytest.raises(PluginError, match="two: the check 'short_text': this id is already taken"):
        REGISTRY.with_plugins([plugin_of("one", "1", [LENGTH, SHORT]), plugin_of("two", "1", SHORT)])
    with pytest.raises(PluginError, match="two: there is a fact 'text_length' already"):
        REGISTRY.with_plugins([plugin_of("one", "1", LENGTH), plugin_of("two", "1", LENGTH)])


def test_ours_stay_as_they_are() -> None:
    before = dict(REGISTRY), dict(REGISTRY.columns)
    more = plugged(LENGTH, SHORT)
    assert [*more] == [*REGISTRY, "short_text"]
    assert [*more.columns] == [*REGISTRY.columns, "text_length"]
    assert (dict(REGISTRY), dict(REGISTRY.columns)) == before


def test_an_entry_point_gives_one_or_several_or_a_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_example(tmp_path / "site")
    source = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\nfrom test_plugged import LENGTH, SHORT\n"
    install_module(tmp_path / "site", "one_of_them", source + "def give(): return [LENGTH, SHORT]", entry="give")
    monkeypatch.syspath_prepend(tmp_path / "site")
    mine, shop = installed_plugins()
    assert mine.name == "the plugin 'mine' of one_of_them 0.1.0"
    assert [check.id for plugin in (mine, shop) for check in plugin.checks] == [
        "short_text",
        "price_range",
        "text_pictures",
    ]
    assert str(shop.version).startswith("0.1.0 ")


def test_explain_and_init_know_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(install_example(tmp_path / "site"))
    assert main(["explain", "price_range"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("price_range (critical)\n\nThe price is a number within the shop's range.")
    assert "    price_range.max = 5000.0  # highest price in euros" in said
    assert main(["init", str(tmp_path)]) == 0
    assert "#[text_pictures]" in (tmp_path / "clipdata.toml").read_text("utf-8")


# --- what goes wrong in the work -------------------------------------------------------------------------------------


def error_of(*things: Any, **settings: Any) -> str:
    *steps, check = things
    result = judged(check, [{"text": "A short text"}, {"text": "Another one"}], steps=steps, **settings)
    assert result.outcome is Outcome.ERROR
    assert result.reason is not None
    return result.reason


def fails(texts: Sequence[str], context: object) -> Any:
    raise ValueError("no such text")


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (fails, "what measures 'text_length' raised ValueError: no such text"),
        (lambda texts, _: [[1]], "what measures 'text_length' gave [1] values for 1 facts of 2 cells"),
        (lambda texts, _: [], "gave [] values for 1 facts of 2 cells"),
        (lambda texts, _: [["long"] * 2], "what measures 'text_length' raised "),
        (lambda texts, _: [[float("nan")] * 2], "gave NaN for 'text_length', which is neither a number nor None"),
    ],
)
def test_a_step_that_fails_is_an_error_of_its_check(measure: Any, words: str) -> None:
    assert words in error_of(replace(LENGTH, measure=measure), SHORT)


@pytest.mark.parametrize(
    ("measure", "words"),
    [
        (raises, "what measures 'seen' raised ZeroDivisionError: division by zero, of "),
        (hangs, "took longer than image_timeout, 1 s, of "),
        (dies, "its decoder"),
        (several, "gave 2 values for 1 facts, of "),
        (nan, "raised ValueError: nan is not a number, of "),
    ],
)
def test_a_picture_step_that_fails_is_an_error_of_its_check(measure: Any, words: str, tmp_path: Path) -> None:
    step, check = of_pictures(measure)
    results = run_of(dataset(tmp_path), plugged(step, check), "image_timeout=1")
    assert results["seen_well"].outcome is Outcome.ERROR
    assert words in str(results["seen_well"].reason)
    assert results["resolution"].outcome is Outcome.PASSED


@pytest.mark.parametrize("message", [lambda row, options: row["no column"], lambda row, options: 3])
def test_a_message_that_fails_is_an_error_of_its_check(message: Any) -> None:
    assert "the check under test: message " in error_of(LENGTH, replace(SHORT, message=message), max=3)


def test_a_setting_that_the_check_stumbles_over_is_told_before_the_work() -> None:
    def expectations(options: Any) -> Any:
        return [rows_where("be_between", "text_length", max_value=60 // options["max"])]

    with pytest.raises(PluginError, match="expectations raised ZeroDivisionError"):
        judged(replace(SHORT, expectations=expectations), {}, steps=[LENGTH], max=0)


# --- pictures --------------------------------------------------------------------------------------------------------


def test_pictures_are_shown_as_a_browser_shows_them_and_in_workers(tmp_path: Path) -> None:
    more = (Fact("mode", "str", ""), Fact("wide", "Int64", ""), Fact("high", "Int64", ""))
    step, check = of_pictures(mean, *more)
    folder = dataset(tmp_path)
    run = opened(folder, plugged(step, check))
    run.want_facts()
    run.result("train.csv", "seen_well")
    facts = run.tables["train.csv"].frame
    assert facts[["mode", "wide", "high"]].to_numpy().tolist() == [["RGB", 299, 224], ["RGB", 100, 60]]
    whole = [float(np.asarray(Image.open(folder / name).convert("RGB")).mean()) for name in ("a.jpg", "b.png")]
    assert facts["seen"].tolist() == pytest.approx(whole, abs=1)
    run.cache.close()
    step, check = of_pictures(pid)
    run = opened(folder, plugged(step, check))
    run.want_facts()
    run.result("train.csv", "seen_well")
    assert os.getpid() not in run.tables["train.csv"].frame["seen"].tolist()
    run.cache.close()


def dataset(folder: Path) -> Path:
    """Two rows: a picture that is stored on its side, and one that is smaller than what is shown."""
    (folder / "a.jpg").write_bytes(turned((400, 300)))
    (folder / "b.png").write_bytes(encoded(photo(2, (100, 60)), "PNG"))
    rows = "a.jpg,A red bicycle at a white wall,match\nb.png,A green door in a grey house,match\n"
    (folder / "train.csv").write_text(f"image_path,text,label\n{rows}", "utf-8")
    return settled(folder)


def opened(folder: Path, registry: Registry, *overrides: str, cache: Path | None = None) -> DatasetRun:
    (found,) = discover([folder])
    overrides = ("resolution.min_side=50", *overrides)
    options = RunOptions(top=folder, overrides=overrides, workers=1, device="off", cache=cache)
    return DatasetRun(found, load_settings(found, options, registry), options, registry)


def run_of(folder: Path, registry: Registry, *overrides: str, cache: Path | None = None) -> dict[str, CheckResult]:
    run = opened(folder, registry, *overrides, cache=cache)
    names = [*(check.id for plugin in registry.plugins for check in plugin.checks), "resolution"]
    for name in names:
        run.want("train.csv", name)
    results = {name: run.result("train.csv", name) for name in names}
    results["effort"] = run.effort()  # type: ignore[assignment]
    run.cache.close()
    return results


# --- the cache -------------------------------------------------------------------------------------------------------


def test_answers_are_remembered_until_the_version_changes(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    folder, cache = dataset(tmp_path / "data"), tmp_path / "cache"
    step, check = of_pictures(pid)

    def seen(version: str | None, *overrides: str) -> tuple[str, object]:
        registry = REGISTRY.with_plugins([Plugin("a plugin", version, (check,), (step,))])
        run = opened(folder, registry, *overrides, cache=cache)
        run.result("train.csv", "seen_well")
        effort = run.effort()
        run.want_facts()
        facts = run.table("train.csv", Needs.PIXELS).frame["seen"].tolist()
        run.cache.close()
        return effort, facts

    first, was = seen("1")
    assert "verdicts from the cache" not in first
    assert seen("1") == ("nothing changed, verdicts from the cache", was)
    other, now = seen("2")
    assert "verdicts from the cache" not in other
    assert now != was
    assert seen("1")[1] == was
    assert seen(None)[1] != seen(None)[1]
    assert "verdicts from the cache" not in seen(None)[0]


def test_what_has_no_version_costs_ours_no_verdict(tmp_path: Path) -> None:
    """Checks of a conftest.py are judged anew in each run, and ours are not."""
    (tmp_path / "data").mkdir()
    folder, cache = dataset(tmp_path / "data"), tmp_path / "cache"
    run_of(folder, plugged(LENGTH, SHORT), cache=cache)
    longer = replace(LENGTH, measure=lambda texts, context: [[len(text) + 100 for text in texts] for _ in "1"])
    results = run_of(folder, plugged(longer, SHORT), cache=cache)
    assert results["short_text"].unexpected == 2
    run = opened(folder, plugged(longer, SHORT), cache=cache)
    run.result("train.csv", "resolution")
    assert run.effort() == "nothing changed, verdicts from the cache"
    run.cache.close()


# --- further columns -------------------------------------------------------------------------------------------------

COLOUR = Step("colour", Needs.TEXT, (Fact("colour", "str", ""),), lambda cells, _: [list(cells)])
NAMED = Check(
    id="colour_named",
    manual="The colour is one of ours.",
    expectations=lambda options: [rows_where("be_in_set", "colour", value_set=["red", "blue"])],
    message=lambda row, options: f"{row['colour']!r} is no colour of ours",
    judges=("colour",),
)


def test_a_column_of_the_source_can_be_judged() -> None:
    assert finds(NAMED, [{"colour": "mauve"}, {"colour": " red"}], steps=[COLOUR]) == [
        "'mauve' is no colour of ours",
        "' red' is no colour of ours",
    ]
    passes(NAMED, [{"colour": "red"}, {"colour": "blue"}], steps=[COLOUR])


def test_rows_that_did_not_parse_move_no_cell(tmp_path: Path) -> None:
    lines = ["image_path,colour,text,label", "a.jpg,red,one", 'a.jpg,"bl\nue",two,match', "", "a.jpg, ,three,match"]
    lines += ["a.jpg,green,four,match"]
    (tmp_path / "train.csv").write_text("\n".join(lines), "utf-8")
    run = opened(tmp_path, plugged(COLOUR, NAMED))
    run.want_facts()
    result = run.result("train.csv", "colour_named")
    assert [(f.place.line, f.value) for f in result.findings] == [(3, "bl\nue"), (7, "green")]
    assert result.evaluated == 2
    run.cache.close()


def test_a_column_that_is_not_there_is_a_reason_to_skip() -> None:
    result = judged(NAMED, {}, steps=[COLOUR])
    assert (result.outcome, result.reason) == (Outcome.SKIPPED, "no row could be judged")


def test_the_helpers_of_authors_fail_when_they_should() -> None:
    with pytest.raises(AssertionError, match="colour_named does not find"):
        finds(NAMED, {"colour": "red"}, steps=[COLOUR])
    with pytest.raises(AssertionError, match="not 'no word of it'"):
        finds(NAMED, {"colour": "mauve"}, "no word of it", steps=[COLOUR])
    with pytest.raises(AssertionError, match="'mauve' is no colour of ours"):
        passes(NAMED, {"colour": "mauve"}, steps=[COLOUR])
    with pytest.raises(AssertionError, match="does not pass: it is skipped"):
        passes(NAMED, {}, steps=[COLOUR])
    with pytest.raises(AssertionError, match="judges 1 of 2 rows"):
        passes(NAMED, [{"colour": "red"}, {}], steps=[COLOUR])


@pytest.fixture(scope="module", autouse=True)
def _forget_the_example() -> Iterator[None]:
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "clipdata_shop"]:
        del sys.modules[name]
