"""The command ``clipdata``, run as its users run it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from helpers.drawn import encoded, photo
from helpers.projects import append, clipdata, environment, run, settled, write_dataset
from helpers.tools import write

from pytest_clipdata import __version__, cli
from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.running.touched import by_paths
from pytest_clipdata.settings.declared import FURTHER, GENERAL, SAME_PICTURE
from pytest_clipdata.settings.load import load
from pytest_clipdata.settings.toml import toml_value

TEXT_CHECKS = 12  #: columns missing_values labels word_count token_length text_hygiene text_style language
#: label_balance row_count split_ratio text_leakage


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one good dataset, one that is bad, and a CSV that is none."""
    top = tmp_path_factory.mktemp("cli") / "project"
    write_dataset(top / "datasets")
    bad = write_dataset(top / "bad", train=2, val=1)
    append(bad / "train.csv", ("images/train0.jpg", "A row of five words", "maybe"))
    (bad / "images/train1.jpg").write_bytes(encoded(photo(11, (256, 256)))[:3000])
    settled(top / "datasets")
    return top


@pytest.fixture
def here(project: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(project)
    return project


def outcomes(output: str) -> dict[str, int]:
    """The counts of pytest's last line."""
    last = output.strip().splitlines()[-1]
    return {word.removesuffix("s"): int(count) for count, word in re.findall(r"(\d+) ([a-z]+)", last.split(" in ")[0])}


# --- check --------------------------------------------------------------------------------------------------------


def test_good_data_pass_isolated_from_the_project_and_leave_nothing_in_it(project: Path) -> None:
    hostile = {
        "conftest.py": "raise SystemExit('conftest of the project')",
        "pytest.ini": "[pytest]\naddopts = --no-such-option\n",
        "pyproject.toml": "[tool.pytest.ini_options]\naddopts = ['--nor-this']\n",
    }
    for name, text in hostile.items():
        (project / name).write_text(text)
    before = sorted(project.rglob("*"))
    home = project.parent / "home"
    env = environment(home, PYTEST_ADDOPTS="--nor-that", PYTEST_PLUGINS="nor_this_plugin", PYTEST_THEME="nor this")
    done = clipdata("check", "datasets", "--clip-smoke", "off", cwd=project, env=env)
    assert (done.returncode, done.stderr) == (0, "")
    assert outcomes(done.stdout) == {"passed": 44, "skipped": 6, "warning": 2}
    assert sorted(project.rglob("*")) == before
    assert any((home / "cache" / "clipdata").iterdir())
    for name in hostile:
        (project / name).unlink()

    again = clipdata("check", "datasets", "--clip-smoke", "off", cwd=project, env=environment(home))
    assert "nothing changed, verdicts from the cache" in again.stdout
    assert outcomes(again.stdout) == outcomes(done.stdout)


def test_bad_data_fail_and_each_line_is_named(project: Path) -> None:
    done = clipdata("check", "bad/images/train1.jpg", "bad/val.csv", "--clip-smoke", "off", cwd=project)
    assert done.returncode == 1
    assert "bad/train.csv:6: labels: 'maybe' is not a label" in done.stdout
    assert "bad/train.csv:4: decodable: images/train1.jpg does not decode" in done.stdout
    assert "datasets/" not in done.stdout
    assert sum(outcomes(done.stdout)[word] for word in ("passed", "failed", "skipped")) == 2 * 25


def test_text_only_opens_no_image(project: Path) -> None:
    seen = "import sys, atexit; from pytest_clipdata.cli import main; code = main(sys.argv[1:])"
    seen += "; print('PIL' in sys.modules, 'pytest_clipdata.images.measure' in sys.modules); sys.exit(code)"
    done = run("-c", seen, "check", "--text-only", "bad", cwd=project)
    assert done.returncode == 1
    assert "labels: 'maybe' is not a label" in done.stdout
    assert "decodable" not in done.stdout
    assert "no image was opened" in done.stdout
    summary, loaded = done.stdout.strip().splitlines()[-2:]
    assert loaded == "False False"
    counts = outcomes(summary)
    assert counts.pop("deselected") == 2 * (25 - TEXT_CHECKS + 1)
    assert counts["failed"] + counts["passed"] + counts["skipped"] == 2 * TEXT_CHECKS


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "dataset"], "clipdata: no such path: 'dataset' (did you mean"),
        (["check", "clipdata.txt"], "is neither a folder nor a dataset (CSV, TSV, JSON Lines, "),
        (["check", "empty"], "no dataset (CSV, TSV, JSON Lines, "),
        (["check", "datasets", "--clip-set", "resolutoin.min_side=1"], "did you mean 'resolution'?"),
        (["check", "datasets", "--clip-workers", "0"], "--clip-workers must be at least 1"),
        (["check"], "usage: clipdata check [-h]"),
        (["check", "--staged", "datasets"], "--staged finds its datasets itself"),
        (["check", "--clip-stri", "datasets"], "unrecognized arguments: --clip-stri"),
        (["chekc"], "invalid choice: 'chekc'"),
        (["explain", "resolutoin"], "clipdata: no check 'resolutoin'; did you mean 'resolution'?"),
        (["init", "nowhere"], "clipdata: no such path: 'nowhere'"),
        (["suite", "nowhere"], "clipdata: no such path: 'nowhere'"),
    ],
)
def test_usage_errors_are_4_and_say_what_is_wrong(arguments: list[str], words: str, project: Path) -> None:
    (project / "clipdata.txt").write_text("x")
    (project / "empty").mkdir(exist_ok=True)
    done = clipdata(*arguments, cwd=project)
    assert done.returncode == 4
    assert words in done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def names(paths: list[Path], top: Path) -> list[str]:
    return [path.relative_to(top).as_posix() for path in paths]


@pytest.mark.parametrize(
    "paths",
    [
        ["datasets"],
        ["datasets/val.csv"],
        ["datasets/images/train0.jpg"],
        ["datasets/train.csv", "datasets", "datasets/images/val1.jpg", "datasets/images/../val.csv"],
    ],
)
def test_every_path_stands_for_its_dataset_once(paths: list[str], here: Path) -> None:
    assert names(by_paths([Path(path) for path in paths], ()).sources, here) == [
        "datasets/train.csv",
        "datasets/val.csv",
    ]


def test_an_image_belongs_to_the_csvs_that_name_it_wherever_they_lie(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("media/deep", "data/v1", "docs"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("media/deep/a, b.jpg", "media/deep/c.PNG", "docs/logo.png"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "data/v1/train.csv").write_text('image_path,text,label\n"media/deep/a, b.jpg",x,match\n')
    (tmp_path / "data/v1/val.csv").write_text("image_path,text,label\n")
    (tmp_path / "data/other.csv").write_text("image_path,text,label\nmedia\\deep\\c.PNG,x,match\n")
    v1 = ["data/v1/train.csv", "data/v1/val.csv"]
    assert names(by_paths([Path("media/deep/a, b.jpg")], ()).sources, tmp_path) == v1
    assert names(by_paths([Path("media/deep/c.PNG")], ()).sources, tmp_path) == ["data/other.csv"]
    both = [Path("media/deep/c.PNG"), tmp_path / "media/deep/a, b.jpg", Path("docs/logo.png")]
    assert sorted(names(by_paths(both, ()).sources, tmp_path)) == ["data/other.csv", *v1]
    assert by_paths([Path("docs/logo.png")], ()).sources == []
    monkeypatch.chdir(tmp_path / "docs")
    assert names(by_paths([tmp_path / "media/deep/c.PNG"], ()).sources, tmp_path) == ["data/other.csv"]


def test_an_image_of_no_dataset_is_nothing_to_check(project: Path) -> None:
    (project / "logo\x1b[2J.png").write_bytes(b"")
    done = clipdata("check", "logo\x1b[2J.png", cwd=project)
    assert (done.returncode, done.stdout) == (0, "clipdata: no dataset names logo\\x1b[2J.png: nothing to check\n")


# --- init, explain, suite, version --------------------------------------------------------------------------------


def settings_of(toml: str) -> Iterator[str]:
    for key, value in tomllib.loads(toml).items():
        yield from (f"{key}.{name}" for name in value) if isinstance(value, dict) else [key]


def test_init_writes_every_setting_and_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["init", str(tmp_path)]) == 0
    path = tmp_path / "clipdata.toml"
    text = path.read_text(encoding="utf-8")
    assert load(path, (), REGISTRY.tables) == load(None, (), REGISTRY.tables)

    path.write_text(re.sub(r"(?m)^#(?=[\w\[])", "", text), encoding="utf-8")
    loaded = load(path, (), REGISTRY.tables)
    assert loaded.checks == load(None, (), REGISTRY.tables).checks
    assert [rule.id for rule in loaded.expectations] == ["mentions_colour"]
    expected = {*GENERAL.options, "expectations", *(f"same_picture.{name}" for name in SAME_PICTURE.options)}
    expected |= {f"{table}.{name}" for table, options in FURTHER.items() for name in options.options}
    for check_id, table in REGISTRY.tables.items():
        keys = ["severity", *(["mostly"] if table.per_row else []), *table.options]
        expected |= {f"{check_id}.{key}" for key in keys}
    assert set(settings_of(path.read_text(encoding="utf-8"))) == expected

    written = path.read_bytes()
    assert cli.main(["init", str(tmp_path)]) == 4
    assert "is there already" in capsys.readouterr().err
    assert path.read_bytes() == written


@pytest.mark.parametrize(
    ("csv", "settings", "seen"),
    [
        ("image_path,text,label\n{0},a,match\n", {}, "labels: 'match' (1)"),
        ("filepath\ttitle\n{0}\ta\n", {"labels": {"required": False}}, "every row is a match"),
        ("image,caption,is_match\n{0},a,1\n{0},b,0\n", {}, "label is 'is_match'"),
        (
            "image,caption,label\n{0},a,Yes\n{0},b,no\n",
            {"labels": {"match": ["yes"], "mismatch": ["no"]}},
            "labels: 'Yes' (1), 'no' (1)",
        ),
        (
            "foto,caption,lable\n{0},a,x\n",
            {"columns": {"image_path": "foto", "label": "lable"}},
            "did you mean 'foto'?",
        ),
        (
            "image_path\U0001f455,text,label\n{0},a,x\n",
            {"columns": {"image_path": "image_path\U0001f455"}},
            "did you mean 'image_path\U0001f455'?",
        ),
    ],
)
def test_init_fits_what_is_there(
    csv: str, settings: dict[str, object], seen: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file can be loaded and says no more than the data need; what was seen is told."""
    (tmp_path / "data").mkdir()
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "data/train.csv").write_text(csv.format("a.jpg"), encoding="utf-8")
    assert cli.main(["init", str(tmp_path / "data/train.csv")]) == 0
    written = tmp_path / "data/clipdata.toml"
    assert tomllib.loads(written.read_text(encoding="utf-8")) == {"image_root": "..", **settings}
    load(written, (), REGISTRY.tables)
    out = capsys.readouterr().out
    assert seen in out
    assert "image paths start from .." in out


@pytest.mark.parametrize("check_id", REGISTRY)
def test_explain_prints_the_manual_page_and_the_settings(check_id: str, capsys: pytest.CaptureFixture[str]) -> None:
    check = REGISTRY[check_id]
    assert cli.main(["explain", check_id]) == 0
    page = capsys.readouterr().out
    assert page.startswith(f"{check_id} ({check.severity})\n")
    assert (check.manual or "").strip() in page
    assert all(f"    {check_id}.{name} = " in page for name in check.options)


LOADS = """
import json, logging, sys
import great_expectations as gx
gx.get_context(mode="ephemeral")
for suite in json.load(sys.stdin).values():
    print(len(gx.ExpectationSuite(**suite).expectations), len(suite["expectations"]))
"""


def test_suite_is_what_great_expectations_loads(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["suite", "datasets"]) == 0
    printed = capsys.readouterr().out
    suites = json.loads(printed)
    assert list(suites) == ["datasets/train.csv", "datasets/val.csv"]
    loaded = run("-c", LOADS, cwd=here, given=printed)
    counts = [line.split() for line in loaded.stdout.splitlines()]
    assert all(there == given and int(given) > 20 for there, given in counts)
    assert len(counts) == 2
    assert cli.main(["suite", "datasets/val.csv"]) == 0
    assert json.loads(capsys.readouterr().out) == suites["datasets/val.csv"]


def test_settings_and_suites_command_no_ci_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Azure Pipelines obeys ``##vso[...]`` anywhere in a line; what is printed means the same without it."""
    name = "a##vso[task.complete]\U0001f455"
    (tmp_path / f"{name}.csv").write_text("image_path,text,label\na.jpg,a,match\n", encoding="utf-8")
    (tmp_path / "clipdata.toml").write_text(f'columns = {{ image_path = "{name}" }}\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert cli.main(["settings", "."]) == 0
    told = capsys.readouterr().out
    assert "##vso[" not in told
    assert tomllib.loads(told)["columns"]["image_path"] == name
    (tmp_path / "clipdata.toml").unlink()
    assert cli.main(["suite", "."]) == 0
    told = capsys.readouterr().out
    assert "##vso[" not in told
    assert json.loads(told)["name"] == f"{name}.csv"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"clipdata {__version__}\n"


def test_init_writes_toml_whatever_a_column_is_called(tmp_path: Path) -> None:
    column = "bild \U0001f5bc\x7f\u202e'\\"
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "train.csv").write_text(f"{column},caption\na.jpg,a\n", encoding="utf-8")
    assert cli.main(["init", str(tmp_path)]) == 0
    written = (tmp_path / "clipdata.toml").read_text(encoding="utf-8")
    assert tomllib.loads(written)["columns"] == {"image_path": column}
    assert all(line.isprintable() for line in written.split("\n"))


@pytest.mark.parametrize("value", ["\U0001f4f7", "\x7f\u202e\x1b\n", 'a"b\\ud83d', "##[error]", [1, 2.5], True, ["é"]])
def test_what_is_written_toml_value_is_read_back(value: object) -> None:
    text = toml_value(value)
    assert text.isprintable()
    assert tomllib.loads(f"a = {text}") == {"a": value}


def test_what_toml_cannot_hold_is_one_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write(tmp_path, {"train.csv": "image_path,text,label\n"})
    assert cli.main(["settings", str(tmp_path), "--clip-set", "baseline=\udcff"]) == 4
    assert capsys.readouterr().err == 'clipdata: TOML cannot hold "\\udcff", which is not UTF-8\n'


def test_a_setting_commands_no_ci_server(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    write(tmp_path, {"train.csv": "image_path,text,label\n"})
    assert cli.main(["settings", str(tmp_path), "--clip-set", "baseline=##[error]"]) == 0
    out = capsys.readouterr().out
    assert "error" in out
    assert "##[" not in out


def test_windows_calls_a_closed_pipe_an_invalid_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    import errno
    from types import SimpleNamespace

    from pytest_clipdata.cli import entry as cli

    assert cli._nobody_reads(BrokenPipeError())
    assert not cli._nobody_reads(OSError(errno.EINVAL, "invalid"))
    monkeypatch.setattr(cli, "sys", SimpleNamespace(platform="win32"))
    assert cli._nobody_reads(OSError(errno.EINVAL, "invalid"))
    assert not cli._nobody_reads(OSError(errno.EINVAL, "invalid", "some.csv"))
    assert not cli._nobody_reads(FileNotFoundError(errno.ENOENT, "gone", "some.csv"))


# --- options of pytest, one test, lists, settings -----------------------------------------------------------------


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_options_of_pytest_are_handed_on(project: Path, workers: tuple[str, ...]) -> None:
    options = ("-k", "labels or word_count", "--tb=line", "--junitxml", "out.xml", "-v", "--clip-smoke=off", *workers)
    done = clipdata("check", "bad", *options, cwd=project)
    assert done.returncode == 1
    counts = outcomes(done.stdout)
    assert (counts["failed"], counts["passed"]) == (1, 3)
    assert (project / "out.xml").read_text(encoding="utf-8").count("<testcase ") == 4
    (project / "out.xml").unlink()


def test_the_first_failure_stops_when_that_is_asked(project: Path) -> None:
    done = clipdata("check", "bad", "--text-only", "-x", cwd=project)
    assert done.returncode == 1
    assert outcomes(done.stdout)["failed"] == 1
    assert "stopping after 1 failures" in done.stdout


def test_a_printed_test_id_can_be_pasted_back(project: Path) -> None:
    failed = clipdata("check", "bad", "-k", "labels", cwd=project)
    node_id = re.findall(r"^FAILED (\S+)", failed.stdout, flags=re.MULTILINE)[0]
    assert node_id == "bad/train.csv::labels"
    done = clipdata("check", node_id, cwd=project)
    assert outcomes(done.stdout) == {"failed": 1}
    both = clipdata("check", node_id, "datasets/val.csv::paths", cwd=project)
    assert outcomes(both.stdout) == {"failed": 1, "passed": 1}
    assert clipdata("check", "bad/train.csv::nothing", cwd=project).returncode == 4


def test_commands_and_checks_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    told = capsys.readouterr().out
    assert all(f"    {command} " in told for command in ("check", "fix", "explain", "init", "settings", "suite"))
    assert cli.main(["explain"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[: len(REGISTRY)]] == list(REGISTRY)


def test_settings_say_where_each_comes_from(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "bad/clipdata.toml").write_text('image_root = "."\n[word_count]\nmin = 4\n')
    assert cli.main(["settings", "bad", "--clip-set", "word_count.max=50"]) == 0
    title, *lines = capsys.readouterr().out.splitlines()
    (here / "bad/clipdata.toml").unlink()
    assert title == "# bad: bad/clipdata.toml"
    origins = {line.split(" = ")[0]: line.rsplit("  # ", 1)[1] for line in lines}
    given = {key: origin for key, origin in origins.items() if origin != "default"}
    file = "bad/clipdata.toml"
    assert given == {"image_root": file, "word_count.min": file, "word_count.max": "--clip-set"}
    assert {*origins} == {*settings_of("\n".join(lines))}
    assert "word_count.min = 4" in {line.split("  ")[0] for line in lines}


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[word_count]\nmin = 300\n", "word_count.min = 300 is over word_count.max = 100"),
        ('[labels]\nmatch = ["mismatch"]\n', "labels: 'mismatch' is a word of both labels"),
        ('image_root = "nowhere"\n', "image_root: there is no folder"),
        (
            "[[expectations]]\nid = 'a'\ntype = 'expect_x'\nkwargs = {column = 'b'}\n",
            "the facts table has no column 'b'",
        ),
    ],
)
def test_errors_of_settings_name_their_file(
    here: Path, toml: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "bad/clipdata.toml").write_text(toml)
    assert cli.main(["settings", "bad"]) == 4
    (here / "bad/clipdata.toml").unlink()
    error = capsys.readouterr().err
    assert f"bad/clipdata.toml: {words}" in error or ("bad/clipdata.toml" in error and words in error)
    assert len(error.splitlines()) == 1
