"""The verdict cannot be passed by accident: planted faults are found, all of them and no others, in any order.

A plain-Python oracle of every check is told by hand what is wrong with each picture and text, shares no code with the
tool, and must agree with Great Expectations' verdict line by line.
"""

from __future__ import annotations

import ast
import csv
import io
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from helpers import drawn
from helpers.drawn import encoded, photo, shirt
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

import pytest_clipdata
from pytest_clipdata.checks.registry import REGISTRY
from pytest_clipdata.findings import Outcome, Report
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.reports.findings_json import dumps
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.declared import SettingsError
from pytest_clipdata.settings.load import load
from pytest_clipdata.settings.options import RunOptions

MIN_ROWS = 6  # of the training split
MAX_PICTURES = 3  # that one text may match


@dataclass(frozen=True)
class Picture:
    """What is known of a path by how it was made: which picture it shows and the checks that it breaks."""

    breaks: tuple[str, ...] = ()
    shows: str | None = None  #: None: no pixels can be had
    file: str | None = None  #: the file that it names, if not the path itself
    bytes_of: str | None = None  #: the file whose bytes it has, if there is one before it


PICTURES = {
    **{f"photo{number}.jpg": Picture(shows=f"photo{number}") for number in range(4)},
    "copied.jpg": Picture(shows="photo0", bytes_of="photo0.jpg"),
    "again.png": Picture(shows="photo1"),
    "mirrored.jpg": Picture(shows="photo2"),
    "red.jpg": Picture(shows="red"),
    "blue.jpg": Picture(shows="blue"),
    "small.jpg": Picture(("resolution",), "small"),
    "wide.jpg": Picture(("aspect_ratio",), "wide"),
    "clear.png": Picture(("loader_parity",), "clear"),
    "deep.png": Picture(("loader_parity",), "deep"),
    "dark.png": Picture(("visibility",), "dark"),
    "grey.png": Picture(("visibility",), "grey"),
    "sub\\photo3.jpg": Picture(("portable_paths",), "photo3", "sub/photo3.jpg"),
    "cut.jpg": Picture(("decodable",)),
    "page.jpg": Picture(("decodable",)),
    "empty.jpg": Picture(("decodable",)),
    "moving.gif": Picture(("decodable",)),
    "bomb.png": Picture(("decodable",)),
    "gone.jpg": Picture(("paths",)),
    "pointer.jpg": Picture(("paths",)),
    "sub": Picture(("paths",)),
    "": Picture(("missing_values",)),
}
TEXTS = {  # the checks that they break, and what they say
    "Red cotton t-shirt with round neck": ((), "red"),
    "RED cotton  t-shirt with round neck": (("text_style",), "red"),
    "Ｒｅｄ cotton t-shirt with round neck": ((), "red"),
    "Blue denim jeans with slim fit": ((), "blue"),
    "Black leather formal shoes with laces": ((), "black"),
    'A "quoted" shirt,\nover two lines of text': ((), "quoted"),
    "NA": (("word_count",), "na"),
    "too few words": (("word_count",), "few"),
    "extraordinarily " * 80: (("token_length", "text_style"), "long"),  # a space at its end
    "word " * 100 + "word": (("word_count", "token_length", "text_style"), "words"),
    "Red cotton <b>t-shirt</b> with round neck": (("text_hygiene",), "tag"),
    "Red cotton\u200b t-shirt with round neck": (("text_hygiene",), "zero width"),
    " ": (("missing_values",), None),
    "": (("missing_values",), None),
}
LABELS = {"match": 1, "mismatch": 0, " Match ": 1, "MISMATCH": 0, "yes": None, "1": None, "": None}
RAGGED = ("photo0.jpg", "Red cotton t-shirt with round neck", "match", "one cell too many")

Row = tuple[str, ...]
Place = tuple[str, str, int | None]  #: check, csv, line


@pytest.fixture(scope="module")
def pool() -> Iterator[Path]:
    """The pictures, drawn once, and the folder of a warm cache beside them."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name, "pictures")
        (home / "sub").mkdir(parents=True)
        whole = [photo(number) for number in range(40, 50)]
        plain = encoded(whole[0])
        files = {f"photo{number}.jpg": encoded(whole[number]) for number in range(4)}
        files |= {
            "copied.jpg": plain,
            "again.png": encoded(Image.open(io.BytesIO(files["photo1.jpg"])), "png"),
            "mirrored.jpg": encoded(ImageOps.mirror(whole[2])),
            "red.jpg": encoded(shirt("red")),
            "blue.jpg": encoded(shirt("blue")),
            "small.jpg": encoded(whole[4].resize((223, 240))),
            "wide.jpg": encoded(whole[5].resize((960, 240))),
            "clear.png": drawn.see_through(),
            "deep.png": drawn.deep(),
            "dark.png": encoded(whole[6].convert("L").point(lambda level: level // 12), "png"),
            "grey.png": encoded(Image.new("RGB", (256, 256), "grey"), "png"),
            "sub/photo3.jpg": files["photo3.jpg"],
            "cut.jpg": drawn.cut_off(encoded(whole[7])),
            "page.jpg": b"<html>404</html>",
            "empty.jpg": b"",
            "moving.gif": drawn.animated(),
            "bomb.png": drawn.bomb(),
            "pointer.jpg": drawn.pointer(),
        }
        for path, data in files.items():
            (home / path).write_bytes(data)
        yield Path(name)


def judged(
    pool: Path, data: dict[str, Sequence[Row]], *, warm: bool = True, workers: int = 1
) -> tuple[Report, DatasetRun]:
    """One run of everything but the models, without pytest around it."""
    with tempfile.TemporaryDirectory() as name:
        for split, rows in data.items():
            with Path(name, f"{split}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([("image_path", "text", "label"), *rows])
        (dataset,) = discover([Path(name)])
        settings = (
            f"image_root={str(pool / 'pictures')!r}",
            f"row_count.min={MIN_ROWS}",
            f"repeated_text.max={MAX_PICTURES}",
            "language.severity=off",  # these two judge a source as a whole, and have oracles of their own
            "shortcuts.severity=off",
        )
        cache = pool / "cache" if warm else None
        options = RunOptions(Path(name), overrides=settings, workers=workers, cache=cache, device="off")
        run = DatasetRun(dataset, load_settings(dataset, options), options)
        asked = [(table.name, check_id) for table in run.selected for check_id in run.check_ids()]
        for place in asked:
            run.want(*place)
        results = tuple(run.result(*place) for place in asked)
        splits = run.splits
        run.cache.close()
    return Report("data", splits, results), run


def found(report: Report) -> set[Place]:
    return {
        (finding.check, finding.place.source.removesuffix(".csv"), finding.place.line) for finding in report.findings
    }


def lines_of(rows: Sequence[Row]) -> list[int]:
    """The line on which each row starts: a quoted line break is a line more."""
    lines, line = [], 2
    for row in rows:
        lines.append(line)
        line += 1 + sum(cell.count("\n") for cell in row)
    return lines


def oracle(data: dict[str, Sequence[Row]]) -> set[Place]:
    """Where each check must find something: nested loops over plain values, thresholds by their documentation."""
    expected: set[Place] = set()
    parsed = []  # split, line, path, what it shows, what the text says, label
    for split, rows in data.items():
        for line, row in zip(lines_of(rows), rows, strict=True):
            if len(row) != 3:
                expected.add(("columns", split, line))
                continue
            path, text, label = row
            breaks = {*PICTURES[path].breaks, *TEXTS[text][0]}
            breaks |= {"missing_values"} if not label else {"labels"} if LABELS[label] is None else set()
            expected |= {(check, split, line) for check in breaks}
            parsed.append((split, line, path, PICTURES[path].shows, TEXTS[text][1], LABELS[label]))

    for number, (split, line, path, shows, says, label) in enumerate(parsed):
        before = parsed[:number]
        if shows is not None:
            same = [other for other in parsed if other[0] == split and other[3] == shows]
            if file(path) != file(same[0][2]):
                expected.add(("duplicate_images", split, line))
            earlier = {"train": (), "val": ("train",), "test": ("train", "val")}[split]
            if any(other[0] in earlier and other[3] == shows for other in parsed):
                expected.add(("leakage", split, line))
        if None not in (shows, says, label):
            # These two accuse nobody of what only looks the same: the files must be equal.
            equal = [other for other in parsed if content(other[2]) == content(path)]
            if any((other[0], *other[4:]) == (split, says, label) for other in equal if other in before):
                expected.add(("duplicate_rows", split, line))
            if any(other[4:] == (says, 1 - (label or 0)) for other in equal):
                expected.add(("contradictions", split, line))
            matched = {o[3] for o in parsed if (o[0], *o[4:]) == (split, says, 1) and o[3] is not None}
            if label == 1 and len(matched) > MAX_PICTURES:
                expected.add(("repeated_text", split, line))
        if split != "train" and says is not None and label == 1:  # noqa: SIM102
            if any((other[0], *other[4:]) == ("train", says, 1) for other in parsed):
                expected.add(("text_leakage", split, line))

    shares = {}
    for split in data:
        labels = [row[5] for row in parsed if row[0] == split and row[5] is not None]
        spelled = [row[2] for row in data[split] if len(row) == 3 and LABELS[row[2]] is not None]
        if any(len({word for word in spelled if LABELS[word] == value}) > 1 for value in (0, 1)):
            expected.add(("labels", split, None))
        if labels:
            shares[split] = sum(labels) / len(labels)
            if not 0.4 <= shares[split] <= 0.6:
                expected.add(("label_balance", split, None))
    training = sum(row[0] == "train" for row in parsed)
    if 0 < training < MIN_ROWS:
        expected.add(("row_count", "train", None))
    if training and len(data) > 1:
        gap = max(shares.values()) - min(shares.values()) if len(shares) > 1 else None
        if not 0.7 <= training / len(parsed) <= 0.9 or gap is None or gap > 0.1 + 1e-12:
            expected.add(("split_ratio", "train", None))
    return expected


def file(path: str) -> str:
    return PICTURES[path].file or path


def content(path: str) -> str:
    return PICTURES[path].bytes_of or {"sub\\photo3.jpg": "photo3.jpg"}.get(path, path)


good = st.sampled_from([(path, text, label) for path in ("photo0.jpg", "photo1.jpg", "red.jpg", "blue.jpg")
                        for text in list(TEXTS)[:6] for label in ("match", "mismatch")])  # fmt: skip
any_row = st.tuples(st.sampled_from(list(PICTURES)), st.sampled_from(list(TEXTS)), st.sampled_from(list(LABELS)))
rows = st.lists(st.one_of(good, any_row, st.just(RAGGED)), min_size=1, max_size=14)
datasets = st.fixed_dictionaries({"train": rows}, optional={"val": rows, "test": rows})
#: Each example is a whole run: to shrink one that fails takes minutes and seldom tells more.
few = settings(
    max_examples=15,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


@few
@given(datasets)
def test_the_findings_are_those_planted_and_no_others(pool: Path, data: dict[str, list[Row]]) -> None:
    report, _ = judged(pool, data)
    assert found(report) == oracle(data)
    for result in report.checks:
        assert result.outcome is not Outcome.ERROR, result.reason
        assert (result.outcome is Outcome.PASSED) == (result.evaluated > 0 and not result.findings)
        assert (result.outcome is Outcome.SKIPPED) == (result.reason is not None)


EVERYTHING = {
    "train": [
        *((path, "Red cotton t-shirt with round neck", "match") for path in PICTURES),
        *(("photo0.jpg", text, "mismatch") for text in TEXTS),
        *(("red.jpg", "Blue denim jeans with slim fit", label) for label in LABELS),
        RAGGED,
    ],
    "val": [
        ("photo0.jpg", "Red cotton t-shirt with round neck", "match"),
        ("mirrored.jpg", "Black leather formal shoes with laces", "match"),
    ],
    "test": [("wide.jpg", "Black leather formal shoes with laces", "match"), ("gone.jpg", "NA", "match")],
}


def test_every_kind_of_fault_at_once(pool: Path) -> None:
    report, run = judged(pool, EVERYTHING)
    assert found(report) == oracle(EVERYTHING)
    assert {finding.check for finding in report.findings} | {"row_count"} == set(run.check_ids())
    report, _ = judged(pool, {"train": EVERYTHING["train"][:4]})
    assert ("row_count", "train", None) in found(report)


def test_workers_and_cache_change_no_byte(pool: Path) -> None:
    cold = dumps(judged(pool, EVERYTHING, warm=False)[0])
    assert dumps(judged(pool, EVERYTHING, warm=False, workers=2)[0]) == cold
    first, run = judged(pool, EVERYTHING)
    again, replayed = judged(pool, EVERYTHING)
    assert dumps(first) == dumps(again) == cold
    assert (replayed.engine.measured_now, run.settings.checks.keys()) == (0, replayed.settings.checks.keys())


def test_a_copy_is_found_beside_another_colour_of_its_product(pool: Path) -> None:
    text = "Red cotton t-shirt with round neck"
    data = {"train": [("photo2.jpg", text, "match"), ("mirrored.jpg", text, "mismatch"), ("red.jpg", text, "match")]}
    assert ("duplicate_images", "train", 3) in found(judged(pool, data)[0])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_changes_nothing_but_lines(pool: Path, seed: int) -> None:
    data = {split: sorted(rows, key=lambda row: hash_of(seed, row)) for split, rows in EVERYTHING.items()}
    assert found(judged(pool, data)[0]) == oracle(data)

    def without_lines(report: Report) -> list[tuple[str, str, str, str]]:
        relational = ("duplicate_rows", "duplicate_images", "columns")  # which of two copies is the first one
        return sorted(
            (
                f.check,
                f.place.source,
                f.value or "",
                re.sub(r"\w+\.csv:\d+|\S+ \(CSV\)|; the labels are .*", "", f.message),
            )
            for f in report.findings
            if f.check not in (*relational, "leakage", "contradictions")
        )

    assert without_lines(judged(pool, data)[0]) == without_lines(judged(pool, EVERYTHING)[0])


def hash_of(seed: int, row: Row) -> bytes:
    import hashlib

    return hashlib.sha256(repr((seed, row)).encode()).digest()


def test_pictures_that_do_not_decode_are_not_judged_at_all(pool: Path) -> None:
    data = {split: [("cut.jpg", "Red cotton t-shirt with round neck", "match")] * 2 for split in ("train", "val")}
    report, _ = judged(pool, data)
    outcomes = {(result.source, result.check): result.outcome for result in report.checks}
    blind = ("visibility", "duplicate_images", "duplicate_rows", "contradictions", "repeated_text")
    assert {check: outcomes["train.csv", check] for check in blind} == dict.fromkeys(blind, Outcome.SKIPPED)
    assert outcomes["val.csv", "leakage"] is Outcome.SKIPPED
    assert outcomes["train.csv", "decodable"] is Outcome.FAILED


@pytest.mark.parametrize(
    ("low", "key", "high"),
    [
        (0.0, "split_ratio.min", 0.9),
        (0.7, "split_ratio.max", 1.0),
        (0.0, "split_ratio.max_gap", 1.0),
        (0.0, "label_balance.min", 0.6),
        (0.4, "label_balance.max", 1.0),
        (0.0, "visibility.min_brightness", None),
        (0.0, "visibility.min_contrast", 0.5),
        (0, "word_count.min", 100),
        (5, "word_count.max", None),
    ],
)
def test_a_limit_that_everything_passes_or_nothing_is_refused(low: float, key: str, high: float | None) -> None:
    """The ends of each range are settings, one step outside is an error: a slip must not switch a check off."""
    step = 1 if isinstance(low, int) else 0.001
    for value in (low, high):
        if value is not None:
            load(None, [f"{key}={value}"], REGISTRY.tables)
    for value in (low - step, high + step if high is not None else low - step):
        with pytest.raises(SettingsError, match=re.escape(key.split(".")[0])):
            load(None, [f"{key}={value}"], REGISTRY.tables)


# --- what the data may not reach ----------------------------------------------------------------------------------

SOURCES = sorted(Path(pytest_clipdata.__file__).parent.rglob("*.py"))


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_nothing_of_the_data_can_become_code(path: Path) -> None:
    """No eval, pickle, YAML, shell or query language anywhere in the package."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    modules |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules -= {"urllib.parse"}
    modules = {module.split(".")[0] for module in modules}
    modules -= {"ctypes"} if path.name == "memory.py" else set()  # what Windows calls the bound of a process
    modules -= {"socket"} if path.name == "remote_urls.py" else set()  # inet_aton reads an address and contacts nobody
    assert not modules & {"pickle", "marshal", "shelve", "dill", "joblib", "yaml", "ruamel", "xml", "ctypes", "code"}
    assert not modules & {"urllib", "http", "requests", "httpx", "socket", "ftplib", "smtplib"}
    for name, call in calls(tree):
        last = name.rpartition(".")[2]
        assert name not in ("eval", "exec", "compile", "__import__", "os.system", "os.popen", "input"), ast.unparse(
            call
        )
        assert last not in ("query", "read_pickle", "to_pickle", "unsafe_load", "literal_eval"), ast.unparse(call)
        options = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        assert options.get("shell", "False") == "False", ast.unparse(call)
        if name == "torch.load" or last == "from_pretrained":
            assert options.get("trust_remote_code", "False") == "False", ast.unparse(call)
        if name == "torch.load":
            assert options.get("weights_only") == "True", ast.unparse(call)
        if name in ("np.load", "numpy.load"):
            assert options.get("allow_pickle") == "False", ast.unparse(call)


def test_the_check_for_code_sees_what_it_looks_for() -> None:
    with pytest.raises(AssertionError):
        test_nothing_of_the_data_can_become_code(_source("import subprocess\nsubprocess.run('x', shell=True)"))
    with pytest.raises(AssertionError):
        test_nothing_of_the_data_can_become_code(_source("def f(frame):\n    return frame.query('a')"))


def _source(text: str) -> Path:
    handle, name = tempfile.mkstemp(suffix=".py")
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return Path(name)
