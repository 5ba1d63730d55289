"""The examples of docs/formats.md are read as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_clipdata.reading.columns import ALIASES, Wanted, choose_columns, told
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.reading.image_root import image_roots
from pytest_clipdata.reading.source import Rows

DOCS = Path(__file__).parents[1].joinpath("docs/formats.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"<!-- (\S+) -->\n```\n(.*?)```\n", DOCS, flags=re.DOTALL))
PAIRS = [
    ("red.jpg", "Red cotton t-shirt with round neck", "match"),
    ("blue.jpg", "Blue denim jeans with slim fit", "match"),
]


def read(folder: Path) -> tuple[Rows, list[str], Path]:
    """The rows of the one source, what the header says of it, and where its pictures are."""
    (dataset,) = discover([folder])
    (source,) = dataset.sources
    assert source.split == "train"
    chosen = choose_columns({source.name: source.head()}, Wanted())
    rows = source.rows(chosen[source.name])
    assert rows.problems == ()
    roots = image_roots(dataset, {source.name: {path for path in rows.image_paths if path}}, folder)
    return rows, told(chosen), roots[source.name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_example_is_pairs_with_pictures_that_are_found(name: str, tmp_path: Path) -> None:
    table = tmp_path / name
    table.parent.mkdir(exist_ok=True)
    table.write_text(EXAMPLES[name], encoding="utf-8")
    pictures = {"train.csv": "images", "train.jsonl": "images", "captions_train2017.json": "train2017"}.get(
        name, "train"
    )
    (tmp_path / pictures).mkdir(exist_ok=True)
    for picture in ("red.jpg", "blue.jpg"):
        (tmp_path / pictures / picture).write_bytes(b"")
    rows, said, root = read(tmp_path)
    found = [
        (str(path).rpartition("/")[2], text, label)
        for path, text, label in zip(rows.image_paths, rows.texts, rows.labels, strict=True)
    ]
    assert found[:2] == PAIRS
    assert len(found) == (3 if name == "train.jsonl" else 2)
    assert all((root / str(path)).is_file() for path in rows.image_paths)
    assert said[0].endswith("no label column: every row is a match")


def test_sidecars_are_read_as_shown(tmp_path: Path) -> None:
    shown = re.findall(r"^      (\S+\.jpg) +(\S+\.txt) +(.+)$", DOCS, flags=re.MULTILINE)
    (tmp_path / "train").mkdir()
    for picture, name, text in shown:
        (tmp_path / "train" / picture).write_bytes(b"")
        (tmp_path / "train" / name).write_text(text + "\n", encoding="utf-8")
    rows, _, _ = read(tmp_path)
    assert sorted(zip(rows.image_paths, rows.texts, rows.labels, strict=True)) == sorted(PAIRS)


def test_the_names_of_columns_are_those_that_are_read() -> None:
    for role, names in ALIASES.items():
        (line,) = re.findall(rf"^\| `{role}` \| (.*) \|$", DOCS, flags=re.MULTILINE)
        assert tuple(re.findall(r"`([a-z_]+)`", line)) == names


def test_the_finding_is_the_one_that_is_shown(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("foto,beschreibung\na.jpg,ein rotes hemd\n", encoding="utf-8")
    (dataset,) = discover([tmp_path])
    problem = choose_columns({"train.csv": dataset.sources[0].head()}, Wanted())["train.csv"].problem
    assert f"    train.csv:1: columns: {problem}\n" in DOCS


def test_the_limits_are_those_of_the_code() -> None:
    from pytest_clipdata.reading.json_lines import MAX_LINE
    from pytest_clipdata.reading.json_text import MAX_DEPTH

    assert f"more than {MAX_DEPTH} levels of nesting and lines\nover {MAX_LINE // 2**20} MB" in DOCS
