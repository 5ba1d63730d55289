from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_clipdata.reading.coco import CocoSource
from pytest_clipdata.reading.columns import Columns
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.reading.image_root import image_roots

COLUMNS = Columns("file_name", "caption", None)
IMAGE = {"id": 7, "file_name": "a.jpg"}
ANNOTATION = {"id": 1, "image_id": 7, "caption": "red"}


@pytest.fixture
def read(tmp_path):
    def read(data: object):
        path = tmp_path / "captions_train.json"
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        return CocoSource(path, path.name, "train").rows(COLUMNS)

    return read


def test_each_annotation_is_a_row(read):
    images = [IMAGE, {"id": "x", "file_name": "b.jpg"}, {"id": 9}]
    annotations = [
        ANNOTATION, {"image_id": "x", "caption": " "}, {"image_id": 7, "caption": "blue"}, {"image_id": 9},
    ]  # fmt: skip
    rows = read({"images": images, "annotations": annotations, "info": {"x": [[]]}})
    assert list(zip(rows.lines, rows.image_paths, rows.texts, rows.labels, strict=True)) == [
        (1, "a.jpg", "red", "match"),
        (2, "b.jpg", None, "match"),
        (3, "a.jpg", "blue", "match"),
        (4, None, None, "match"),
    ]
    assert rows.problems == ()


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        ({"image_id": 8, "caption": "x"}, "no picture has the id '8'"),
        ({"image_id": 5, "caption": "x"}, "several pictures have the id '5'"),
        ({"caption": "x"}, "'image_id' is null, not the id of a picture"),
        ({"image_id": [7], "caption": "x"}, "'image_id' is a list, not the id of a picture"),
        ({"image_id": 7, "caption": ["x"]}, "'caption' is a list, not a text"),
        ({"image_id": 6, "caption": "x"}, "'file_name' is an object, not a text"),
        ([], "is a list, not an object"),
        (None, "is null, not an object"),
    ],
)
def test_a_broken_annotation_costs_itself(read, annotation, words):
    images = [IMAGE, {"id": 5, "file_name": "b"}, {"id": 5, "file_name": "c"}, {"id": 6, "file_name": {}}, 3, None]
    rows = read({"images": images, "annotations": [ANNOTATION, annotation, ANNOTATION]})
    assert rows.lines == [1, 3]
    assert [(problem.line, problem.words) for problem in rows.problems] == [(2, words)]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the file is empty"),
        (b"[]", "is a list, not an object"),
        (b"{", "is not JSON: Expecting property name enclosed in double quotes at character 2"),
        (b"\xef\xbb\xbf{}", "the file begins with a byte order mark, which JSON does not have: save it without"),
        (b"{}", "images is null, not a list"),
        ({"images": {}}, "images is an object, not a list"),
        ({"images": []}, "annotations is null, not a list"),
        ({"images": [], "annotations": []}, "there are no annotations"),
        (b'{"images": [NaN]}', "NaN is not JSON"),
        (b"[" * 1_000_000, "objects and lists are nested more than 100 deep"),
        (b'{"a": 1, "a": 2}', "the key 'a' is there 2 times"),
    ],
)
def test_what_is_wrong_with_the_file_is_one_problem(read, data, words):
    rows = read(data)
    assert [(problem.line, problem.words) for problem in rows.problems] == [(1, words)]
    assert rows.lines == []


def test_what_is_no_utf_8(read):
    (problem,) = read(b'{"images": "\xe9"}').problems
    assert problem.words.startswith("byte 0xe9 at character 13 is not UTF-8")


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("captions_train2017.json", "train"), ("captions_val2014.json", "val"), ("captions_test.json", "test"),
        ("captions_dev.json", "val"), ("captions_shoes.json", "captions_shoes"), ("captions_train2017_v2.json", "train"),
    ],
)  # fmt: skip
def test_digits_behind_a_split_word_are_no_part_of_it(tmp_path, name, split):
    (tmp_path / name).write_text("{}")
    (dataset,) = discover([tmp_path])
    assert [(source.name, source.split) for source in dataset.sources] == [(name, split)]


@pytest.mark.parametrize(
    "pictures", ["annotations", ".", "train2017", "annotations/train2017", "train", "images", "images/train2017"]
)
def test_pictures_lie_beside_or_in_a_folder_of_the_split(tmp_path: Path, pictures: str):
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations/captions_train2017.json").write_text("{}")
    (tmp_path / pictures).mkdir(parents=True, exist_ok=True)
    (tmp_path / pictures / "a.jpg").write_bytes(b"")
    (dataset,) = discover([tmp_path])
    roots = image_roots(dataset, {"captions_train2017.json": {"a.jpg", "gone.jpg"}}, tmp_path)
    assert roots["captions_train2017.json"].samefile(tmp_path / pictures)
