from __future__ import annotations

import json
from pathlib import Path

import pytest
from helpers.tools import open_run, write

from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.settings.declared import SAME_PICTURE, Settings, SettingsError
from pytest_clipdata.settings.load import load, paths_agree
from pytest_clipdata.settings.models import Model
from pytest_clipdata.similarity.match import SamePicture

RULE = """[[expectations]]
id = 'a'
type = 'expect_column_values_to_not_be_null'
kwargs = {{ column = 'text', row_condition = {} }}
"""
RULE_WITH = "[[expectations]]\nid = 'a'\ntype = 'expect_x'\nkwargs = {{ {} }}\n"


def loaded(folder: Path, toml: str = "", *overrides: str) -> Settings:
    source = folder / "clipdata.toml"
    source.write_text(toml, encoding="utf-8")
    return load(source, overrides, REGISTRY.tables)


def test_defaults_are_those_of_the_checks() -> None:
    settings = load(None, [], REGISTRY.tables)
    assert list(settings.checks) == list(REGISTRY)
    for check_id, check in REGISTRY.items():
        mine = settings.checks[check_id]
        assert (mine.severity, mine.mostly) == (check.severity, 1.0)
        assert mine.options == {key: option.default for key, option in check.options.items()}


def test_same_picture_has_one_set_of_defaults() -> None:
    assert SamePicture() == SamePicture(**{key: option.default for key, option in SAME_PICTURE.options.items()})


def test_a_file_is_overridden_by_the_command_line(tmp_path: Path) -> None:
    toml = '[resolution]\nmin_side = 336\nmostly = 0.99\nseverity = "warning"\n[labels]\nmatch = "yes"\n'
    settings = loaded(tmp_path, toml, "resolution.min_side=128", "aspect_ratio.max=2", "columns.text=caption")
    resolution = settings.checks["resolution"]
    assert (resolution.options["min_side"], resolution.mostly, resolution.severity) == (128, 0.99, "warning")
    assert settings.checks["labels"].options["match"] == ["yes"]
    assert settings.checks["aspect_ratio"].options["max"] == 2.0
    assert settings.checks["columns"].options["text"] == "caption"


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[resolutoin]\nmin_side = 3\n", "clipdata.toml: unknown key 'resolutoin'; did you mean 'resolution'?"),
        ("[resolution]\nmin_sid = 3\n", "clipdata.toml: unknown key 'resolution.min_sid'; did you mean 'min_side'?"),
        ("[resolution]\nx = 3\n", "clipdata.toml: unknown key 'resolution.x'; valid are min_side, mostly, severity"),
        ("[label_balance]\nmostly = 0.5\n", "unknown key 'label_balance.mostly'; valid are max, min, severity"),
        ("[resolution]\nmin_side = 2.5\n", "resolution.min_side must be a whole number, not 2.5"),
        ("[resolution]\nmin_side = true\n", "resolution.min_side must be a whole number, not True"),
        ("[resolution]\nmin_side = 0\n", "resolution.min_side must be >= 1, not 0"),
        ("[aspect_ratio]\nmax = nan\n", "aspect_ratio.max must be >= 1, not nan"),
        ("[label_balance]\nmax = 1.5\n", "label_balance.max must be >= 0 and <= 1, not 1.5"),
        ("[label_balance]\nmin = 0.7\n", "label_balance.min = 0.7 is over label_balance.max = 0.6"),
        ("[word_count]\nmin = 101\n", "word_count.min = 101 is over word_count.max = 100"),
        ("[resolution]\nmostly = 0\n", "resolution.mostly must be >= 1e-09 and <= 1, not 0"),
        ("[resolution]\nmostly = 1.1\n", "resolution.mostly must be >= 1e-09 and <= 1, not 1.1"),
        ('[resolution]\nseverity = "info"\n', "resolution.severity must be one of critical, warning, off, not 'info'"),
        ("[labels]\nmatch = [1]\n", "labels.match must be a list of strings, not [1]"),
        ("resolution = 336\n", "'resolution' is a table; write resolution.KEY = VALUE"),
        ("image_rot = 'x'\n", "unknown key 'image_rot'; did you mean 'image_root'?"),
        ("image_root = 3\n", "image_root must be a string, not 3"),
        ("[same_picture]\ngrey = 17\n", "same_picture.grey must be true or false, not 17"),
        ("[same_picture]\nseverity = 'off'\n", "unknown key 'same_picture.severity'"),
        ("[[expectations]]\nid = 'labels'\ntype = 'expect_x'\n", "the expectation id 'labels' is already taken"),
        ("[[expectations]]\nid = 'a b'\ntype = 'expect_x'\n", "must be a name like 'mentions_colour', not 'a b'"),
        ("[[expectations]]\nid = 'a'\n", "the expectation 'a' needs a type like 'expect_column_...'"),
        ("[[expectations]]\nid = 'a'\ntyp = 'x'\n", "unknown key 'typ' in [[expectations]]; did you mean 'type'?"),
        ("[expectations]\nid = 'a'\n", "write each expectation as a table [[expectations]]"),
        ("[aspect_ratio]\nmax = inf\n", "aspect_ratio.max: inf is not a number"),
        ("[resolution]\nmin_side = 99999999999999999999\n", "clipdata.toml: holds a number of more than 64 bits"),
        ("[[expectations]]\nid = 'a'\ntype = 'expect_x'\nkwargs = { value_set = [[nan]] }\n", "a: nan is not a number"),
        (RULE_WITH.format("min_value = 3, max_value = 2"), "a: min_value = 3 is over max_value = 2"),
        (RULE_WITH.format("regex = '('"), "a: '(' is no regular expression: missing )"),
        (RULE_WITH.format("regex_list = ['a', '[']"), "a: '[' is no regular expression"),
        (RULE_WITH.format("severity = 'warning'"), "write the severity of 'a' beside its kwargs, not in them"),
        (RULE_WITH.format("") + "message = ''\n", "the message of the expectation 'a' must be a text"),
        ("x = \n", "clipdata.toml: "),
    ],
)
def test_what_is_not_valid_is_refused_and_says_what_is(tmp_path: Path, toml: str, message: str) -> None:
    with pytest.raises(SettingsError) as error:
        loaded(tmp_path, toml)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("resolution.min_side", "--clip-set wants KEY=VALUE, not 'resolution.min_side'"),
        ("resolutoin.min_side=3", "--clip-set: unknown key 'resolutoin'; did you mean 'resolution'?"),
        ("resolution.min_side.x=3", "--clip-set: resolution.min_side must be a whole number"),
        ("resolution=3", "--clip-set: 'resolution' is a table"),
        ("resolution.min_side=abc", "--clip-set: resolution.min_side must be a whole number, not 'abc'"),
        ("expectations=3", "--clip-set: unknown key 'expectations'"),
        ("=3", "--clip-set: unknown key ''"),
    ],
)
def test_overrides_are_refused_alike(override: str, message: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(None, [override], REGISTRY.tables)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "condition",
    [
        "'line > 3'",
        "{ type = 'pass_through', pass_through_filter = 'line > 3' }",
        "{ type = 'and', conditions = [{ type = 'pass_through', pass_through_filter = 'line > 3' }] }",
        "['line > 3']",
    ],
)
def test_a_condition_that_is_code_is_refused(tmp_path: Path, condition: str) -> None:
    toml = RULE.format(condition)
    with pytest.raises(SettingsError, match="the row_condition of 'a' must be a condition object"):
        loaded(tmp_path, toml)


def test_a_condition_object_is_accepted(tmp_path: Path) -> None:
    condition = "{ type = 'comparison', column = { name = 'is_match' }, operator = '==', parameter = 1 }"
    toml = RULE.format(condition)
    (expectation,) = loaded(tmp_path, toml).expectations
    assert (expectation.id, expectation.severity) == ("a", "critical")


def test_two_files_for_one_dataset_are_refused(tmp_path: Path) -> None:
    a, b = tmp_path / "a.toml", tmp_path / "b.toml"
    assert paths_agree([None, a, a]) == a
    assert paths_agree([None]) is None
    with pytest.raises(SettingsError, match="one dataset, two settings files"):
        paths_agree([a, b])


def test_the_image_root_is_relative_to_its_file(tmp_path: Path) -> None:
    assert loaded(tmp_path, 'image_root = "pics"\n').general["image_root"] == str(tmp_path / "pics")
    assert load(None, ["image_root=pics"], REGISTRY.tables).general["image_root"] == "pics"


def test_a_word_of_both_labels_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'match' is a word of both labels"):
        loaded(tmp_path, '[labels]\nmismatch = ["no", " Match "]\n')


@pytest.mark.parametrize(
    "override",
    [
        "resolution.min_side=" + "9" * 5000,
        "resolution.min_side=0x" + "f" * 5000,
        "resolution.min_side=" + "[" * 3000,
        "resolution" + ".x" * 3000 + "=1",
        "x" * 100_000 + "=1",
        "x" * 100_000,
        "aspect_ratio.max=inf",
    ],
)
def test_an_override_that_cannot_even_be_shown_is_one_sentence(override: str) -> None:
    with pytest.raises(SettingsError) as error:
        load(None, [override], REGISTRY.tables)
    assert len(str(error.value)) < 900
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("image_root", ["gone", "train.csv", "a\0b", "x" * 300])
def test_an_image_root_that_is_not_there_is_one_usage_error(tmp_path: Path, image_root: str) -> None:
    write(tmp_path, {"train.csv": "image_path,text,label\n"})
    (tmp_path / "clipdata.toml").write_text(f"image_root = {json.dumps(image_root)}\n")
    with pytest.raises(SettingsError, match="image_root: there is no folder") as error:
        open_run(tmp_path)
    assert str(error.value).isprintable()
    (tmp_path / "clipdata.toml").unlink()
    with pytest.raises(SettingsError, match="image_root: there is no folder"):
        open_run(tmp_path, f"image_root={json.dumps(image_root)}")


def test_what_has_no_effect_any_more_is_taken_and_said(tmp_path: Path) -> None:
    file = tmp_path / "clipdata.toml"
    file.write_text("[same_picture]\nradius = 8\ngrey = true\n", encoding="utf-8")
    loaded = load(file, ["same_picture.crops=false"], REGISTRY.tables)
    assert loaded.retired == ("same_picture.crops", "same_picture.radius")
    assert loaded.same_picture == {"grey": True}


@pytest.mark.parametrize(("model", "side", "context"), [("clip", 224, 77), ("clip-336", 336, 77), ("siglip", 224, 64), ("siglip2", 224, 64)])  # fmt: skip
def test_a_model_sets_side_and_context_where_they_are_not_set(tmp_path, model, side, context):
    file = tmp_path / "clipdata.toml"
    file.write_text(f'model = "{model}"')
    found = load(file, [], REGISTRY.tables)
    assert found.checks["resolution"].options["min_side"] == side
    assert found.checks["token_length"].options["max"] == context
    assert found.model.name == model
    file.write_text(f'model = "{model}"\n[resolution]\nmin_side = 100')
    assert load(file, [], REGISTRY.tables).checks["resolution"].options["min_side"] == 100
    assert load(file, ["resolution.min_side=224"], REGISTRY.tables).checks["resolution"].options["min_side"] == 224
    assert load(file, ["token_length={max=5}"], REGISTRY.tables).checks["token_length"].options["max"] == 5
    assert load(file, ["token_length.max=5"], REGISTRY.tables).checks["token_length"].options["max"] == 5
    assert load(None, [f"model={model}"], REGISTRY.tables).checks["token_length"].options["max"] == context


def test_a_checkpoint_is_before_the_model_and_after_a_single_setting(tmp_path):
    checkpoint = Model("siglip", 256, 24, "checkpoint", tmp_path)
    found = load(None, ["model=clip-336", "token_length.max=70"], REGISTRY.tables, checkpoint)
    assert found.checks["resolution"].options["min_side"] == 256
    assert found.checks["token_length"].options["max"] == 70
    assert found.model is checkpoint


def test_what_is_set_in_a_whole_table_says_where_it_comes_from(tmp_path):
    file = tmp_path / "clipdata.toml"
    file.write_text("resolution = {min_side = 100, mostly = 0.9}")
    loaded = load(file, ["resolution={min_side=300}", "word_count.max=50"], REGISTRY.tables)
    assert loaded.origins["resolution.min_side"] == loaded.origins["word_count.max"] == "--clip-set"
    assert loaded.origins["resolution.mostly"] == str(file)


def test_an_unknown_model_names_the_known():
    with pytest.raises(SettingsError, match="model must be one of clip, clip-336, siglip, siglip2, not 'blip'"):
        load(None, ["model=blip"], REGISTRY.tables)
