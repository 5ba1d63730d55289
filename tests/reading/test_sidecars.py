from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from pytest_clipdata.reading import naming
from pytest_clipdata.reading.columns import Columns, Wanted, choose_columns
from pytest_clipdata.reading.dataset import DatasetError, discover, find_datasets
from pytest_clipdata.reading.image_root import image_roots
from pytest_clipdata.reading.owners import owners
from pytest_clipdata.reading.sidecars import SidecarSource, are_sidecars

COLUMNS = Columns("image", "txt", None)


@pytest.fixture
def tree(tmp_path: Path):
    def tree(*names: str, **texts: str) -> Path:
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"text of {name}".encode() if name.endswith(".txt") else b"")
        return tmp_path

    return tree


def source(folder: Path) -> SidecarSource:
    return SidecarSource(folder / "#.txt", "#.txt", "train")


def rows(folder: Path) -> list[tuple[object, ...]]:
    found = source(folder).rows(COLUMNS)
    assert list(found.numbers) == list(range(len(found.numbers)))
    assert set(found.lines) <= {1}
    return list(zip(found.files, found.image_paths, found.texts, found.labels, strict=True))


def names(top: Path) -> list[str]:
    return [source.name for dataset in discover([top]) for source in dataset.sources]


def test_each_picture_with_the_text_of_its_name(tree):
    folder = tree("b.JPG", "b.txt", "a.png", "a.txt", "a.webp", "c.d.jpeg", "c.d.txt")
    assert rows(folder) == [
        ("a.txt", "a.png", "text of a.txt", "match"),
        ("a.txt", "a.webp", "text of a.txt", "match"),
        ("b.txt", "b.JPG", "text of b.txt", "match"),
        ("c.d.txt", "c.d.jpeg", "text of c.d.txt", "match"),
    ]


def test_what_lacks_the_other_half_is_a_row_without_it(tree):
    folder = tree("a.jpg", "a.txt", "b.jpg", "c.txt", "d.png", "d.txt", "e.jpg", "e.txt")
    assert rows(folder)[1:3] == [("b.jpg", "b.jpg", None, "match"), ("c.txt", "c.jpg", "text of c.txt", "match")]


def test_other_texts_belong_to_no_picture(tree):
    folder = tree("a.jpg", "a.txt", "README.txt", "LICENSE.txt", "classes.txt", "train.txt", ".hidden.txt", "x.md")
    assert [row[1] for row in rows(folder)] == ["a.jpg"]


@pytest.mark.parametrize(
    ("data", "text", "problem"),
    [
        (b"red\r\n\r\n", "red", None),
        (b" red \nblue\n", " red \nblue", None),
        (b"", None, None),
        (b" \n", None, None),
        ("\ufeffred".encode(), "\ufeffred", None),  # a trainer reads it so; `text_hygiene` tells
        (b"caf\xe9", None, "byte 0xe9 at character 4 is not UTF-8; in Windows-1252 it is '\xe9'"),
        (b"a\0b", None, "a NUL character at character 2"),
        (b"x" * 131_073, None, "the text is longer than 131,072 characters"),
        (b"x" * 10_000_000, None, "the text is longer than 131,072 characters"),
    ],
)
def test_a_text_is_read_strictly(tree, data, text, problem):
    folder = tree("a.jpg")
    (folder / "a.txt").write_bytes(data)
    found = source(folder).rows(COLUMNS)
    assert list(found.texts) == ([] if problem else [text])
    assert [(p.file, p.line, p.words.split(": save")[0]) for p in found.problems] == (
        [("a.txt", 1, problem)] if problem else []
    )


def test_what_is_no_file_is_a_problem_of_its_row(tree):
    folder = tree("a.jpg", "b.jpg", "b.txt", "c.jpg")
    os.mkfifo(folder / "a.txt")
    (folder / "c.txt").mkdir()
    found = source(folder).rows(COLUMNS)
    assert found.image_paths == ["b.jpg"]
    assert [(p.file, p.words.split(":")[0]) for p in found.problems] == [
        ("a.txt", "the text cannot be read"), ("c.txt", "the text cannot be read"),
    ]  # fmt: skip


def test_a_folder_that_is_gone_is_a_problem(tmp_path):
    found = source(tmp_path / "gone").rows(COLUMNS)
    assert [p.words for p in found.problems] == ["the folder cannot be read: No such file or directory"]


@pytest.mark.parametrize(
    ("files", "are"),
    [
        ("a.jpg a.txt", True), ("a.jpg b.jpg a.txt", True), ("a.jpg b.jpg c.jpg a.txt", False), ("a.txt", False),
        ("a.jpg", False), ("a.jpg b.txt", False), ("a.jpg README.txt", False), ("A.JPG A.txt", True), ("", False),
    ],
)  # fmt: skip
def test_at_least_half_of_the_pictures_have_a_text(files, are):
    assert are_sidecars(files.split()) is are


def test_folders_of_splits_are_the_splits_of_one_dataset(tree):
    top = tree("train/a.jpg", "train/a.txt", "val/b.jpg", "val/b.txt", "notes.txt")
    (dataset,) = discover([top])
    assert [(source.name, source.split) for source in dataset.sources] == [
        ("train/#.txt", "train"),
        ("val/#.txt", "val"),
    ]
    assert dataset.root == top
    (alone,) = discover([top / "val"])
    assert alone.selected == {"val/#.txt"}
    assert alone == discover([top / "val/#.txt"])[0]
    assert choose_columns({"s": dataset.sources[0].head()}, Wanted(named={"image_path": "foto", "text": "title"}))


def test_a_folder_of_another_name_is_a_split_of_its_name(tree):
    (dataset,) = discover([tree("shirts/a.jpg", "shirts/a.txt")])
    assert [(source.name, source.split) for source in dataset.sources] == [("#.txt", "shirts")]


@pytest.mark.parametrize(
    ("table", "content"),
    [
        ("data/train.csv", 'image_path,text,label\n"images/a.jpg",x,match\n'),
        ("data/images/metadata.jsonl", '{"file_name": "a.jpg"}'),
        ("train.jsonl", '{"image": "data\\/images\\/\\u0061.jpg"}'),
        ("data/captions_train.json", '{"images": [{"file_name": "a.jpg"}]}'),
    ],
)
def test_pictures_that_a_table_names_are_its_own(tree, table, content):
    top = tree("data/images/a.jpg", "data/images/a.txt")
    assert names(top) == ["#.txt"]
    (top / table).write_text(content)
    assert names(top) == [Path(table).name]
    (top / table).write_text(content.replace("a.jpg", "b.jpg").replace("\\u0061", "b"))
    assert sorted(names(top)) == sorted(["#.txt", Path(table).name])


def test_a_name_that_json_writes_as_a_pair_of_escapes_is_that_name(tree):
    top = tree("\U0001f455.jpg", "\U0001f455.txt")
    (top / "train.jsonl").write_text(json.dumps({"image": "\U0001f455.jpg"}))
    assert names(top) == ["train.jsonl"]


def test_a_table_is_read_once_for_all_folders_below_it(tree, monkeypatch):
    """And whatever was read for one folder is still known for another, in whatever order they are asked for."""
    folders = [f"{number}" for number in range(30)]
    top = tree(*(f"{name}/p{name}.{ending}" for name in folders for ending in ("jpg", "txt")))
    lines = [f"{name}/p{name}.jpg,{'x' * 200_000},match" for name in reversed(folders[:-1])]
    (top / "train.csv").write_text("image_path,text,label\n" + "\n".join(lines))
    read = 0
    open_one = naming.open_regular

    class Counted(io.FileIO):
        def read(self, size: int = -1) -> bytes:
            nonlocal read
            data = super().read(size)
            read += len(data)
            return data

    monkeypatch.setattr(naming, "open_regular", lambda path: open_one(path).close() or Counted(path))
    assert sorted(names(top)) == ["#.txt", "train.csv"]
    assert read == (top / "train.csv").stat().st_size


def test_pictures_beside_a_container_are_not_sidecars(tree):
    top = tree("a.jpg", "a.txt", "00000.tar")
    assert names(top) == ["#.tar"]


def test_a_source_that_is_not_there_is_refused(tree):
    top = tree("a.jpg", "b.txt")
    with pytest.raises(DatasetError, match="holds no pictures with texts beside them"):
        discover([top / "#.txt"])
    with pytest.raises(DatasetError, match="no dataset"):
        discover([top])


def test_texts_and_pictures_belong_to_their_folder(tree):
    top = tree("train/a.jpg", "train/a.txt", "val/b.jpg", "val/b.txt", "other/x.csv")
    for name in ("train/a.jpg", "train/a.txt", "train/gone.txt"):
        assert top / "train/#.txt" in owners([top / name], top), name
        assert top / "other/x.csv" not in owners([top / name], top)
    assert owners([top / "other/readme.txt"], top) == []


def test_nobody_is_told_of_texts_beside_pictures(tree):
    assert find_datasets([tree("train/test.jpg", "train/test.txt", "train/b.jpg", "train/b.txt")]).notes == ()


@pytest.mark.parametrize(
    ("there", "path", "root"),
    [("train/a.jpg", "a.jpg", "train"), ("images/a.jpg", "images/a.jpg", "."), ("x.jpg", "gone.jpg", "train")],
)
def test_paths_of_an_imagefolder_start_from_its_folder_if_any_is_there(tree, there, path, root):
    top = tree(there, "train/metadata.csv", "val/metadata.csv", "val/a.jpg")
    (dataset,) = discover([top])
    assert [(source.name, source.split) for source in dataset.sources] == [
        ("train/metadata.csv", "train"), ("val/metadata.csv", "val"),
    ]  # fmt: skip
    paths = {"train/metadata.csv": {path}, "val/metadata.csv": {"a.jpg"}}
    roots = image_roots(dataset, paths, top)
    assert roots == {"train/metadata.csv": top / root, "val/metadata.csv": top / "val"}
