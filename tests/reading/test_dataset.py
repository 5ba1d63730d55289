from __future__ import annotations

from pathlib import Path

import pytest

from pytest_clipdata.reading.dataset import Dataset, DatasetError, discover, split_of
from pytest_clipdata.reading.image_root import choose_image_root


@pytest.fixture
def tree(tmp_path):
    def tree(*names: str) -> Path:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text("")
        return tmp_path

    return tree


def layout(dataset: Dataset) -> list[tuple[str, str]]:
    return [(csv.name, csv.split) for csv in dataset.sources]


def test_the_csvs_of_one_folder_are_the_splits_of_one_dataset(tree):
    top = tree("zoo.csv", "test.csv", "val.tsv", "Train.CSV", "images/a.jpg", ".hidden/x.csv", ".train.csv", "a.txt")
    (dataset,) = discover([top])
    assert dataset.root == top
    assert layout(dataset) == [("Train.CSV", "train"), ("val.tsv", "val"), ("test.csv", "test"), ("zoo.csv", "zoo")]
    assert dataset.selected == {"Train.CSV", "val.tsv", "test.csv", "zoo.csv"}
    assert dataset.training_split == "train"


def test_folders_named_like_splits_are_one_dataset(tree):
    top = tree("train/x.csv", "valid/x.csv", "valid/val_2.csv", "other/x.csv", "other/deep/train.csv")
    datasets = discover([top])
    assert [dataset.root for dataset in datasets] == [top, top / "other", top / "other/deep"]
    assert layout(datasets[0]) == [("train/x.csv", "train"), ("valid/val_2.csv", "val"), ("valid/x.csv", "val")]


def test_a_split_folder_that_holds_other_splits_is_a_dataset_of_its_own(tree):
    top = tree("test/train.csv", "test/val.csv")
    (dataset,) = discover([top])
    assert dataset.root == top / "test"
    assert layout(dataset) == [("train.csv", "train"), ("val.csv", "val")]


def test_one_csv_selects_itself_and_brings_its_siblings(tree):
    top = tree("train.csv", "val.csv", "test/held.csv")
    for names in (["val.csv"], ["val.csv", "val.csv"]):
        (dataset,) = discover([top / name for name in names])
        assert layout(dataset) == [("train.csv", "train"), ("val.csv", "val"), ("test/held.csv", "test")]
        assert dataset.selected == {"val.csv"}
    (dataset,) = discover([top / "test", top / "train.csv"])
    assert dataset.selected == {"test/held.csv", "train.csv"}
    (dataset,) = discover([top, top / "test" / ".." / "val.csv"])
    assert dataset.selected == {"train.csv", "val.csv", "test/held.csv"}


def test_symlinked_folders_are_not_searched_and_no_loop_is_followed(tree):
    top = tree("a/train.csv")
    (top / "b").symlink_to(top / "a")
    (top / "a" / "up").symlink_to(top)
    assert [layout(dataset) for dataset in discover([top])] == [[("train.csv", "train")]]


def test_a_symlinked_split_folder_is_no_sibling(tree):
    top = tree("train/x.csv", "a/x.csv")
    (top / "val").symlink_to(top / "a")
    (dataset,) = discover([top / "train"])
    assert layout(dataset) == [("train/x.csv", "train")]


def test_siblings_are_those_of_the_same_root_alone(tree):
    top = tree("train.csv", "test/train.csv", "test/val.csv", "dev/train/a.csv", "dev/b.csv", "folder.csv/x.txt")
    assert {dataset.root: layout(dataset) for dataset in discover([top])} == {
        top: [("train.csv", "train"), ("dev/b.csv", "val")],
        top / "test": [("train.csv", "train"), ("val.csv", "val")],
        top / "dev": [("train/a.csv", "train")],
    }


@pytest.mark.parametrize(
    ("stem", "folder", "split"),
    [
        ("train", "data", "train"), ("Training", "data", "train"), ("shoes_train", "data", "train"),
        ("val-2024", "data", "val"), ("dev", "data", "val"), ("valid", "train", "val"), ("holdout", "x", "test"),
        ("eval", "x", "test"), ("pairs", "Validation", "val"), ("pairs", "data", "pairs"),
        ("train_val", "data", "train_val"), ("train_val", "test", "test"), ("constraint", "data", "constraint"),
        ("test.train", "data", "test.train"), ("train train", "data", "train train"),
    ],
)  # fmt: skip
def test_the_split_comes_from_stem_then_folder(stem, folder, split):
    assert split_of(stem, folder) == split


@pytest.mark.parametrize(
    ("names", "training"),
    [
        (["train.csv", "a.csv"], "train"), (["pairs.csv"], "pairs"), (["val.csv"], None), (["test.csv"], None),
        (["a.csv", "b.csv"], None), (["a.csv", "val.csv"], None),
    ],
)  # fmt: skip
def test_the_training_split(tree, names, training):
    (dataset,) = discover([tree(*names)])
    assert dataset.training_split == training


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("tain.csv", "no such path: .*did you mean .*train.csv"), ("TRAIN.csv", "did you mean .*train.csv"),
        ("images", "no CSV .* under .*images"), ("images/a.jpg", "neither a folder nor a CSV"),
        ("gone/away/x.csv", "no such path"), ("nul\0.csv", "no such path"), ("x" * 5000, "no such path|cannot be read"),
        ("new\nline.csv", r"new\\nline"),
    ],
)  # fmt: skip
def test_a_path_that_names_no_dataset_is_one_sentence(tree, name, words):
    top = tree("train.csv", "images/a.jpg")
    with pytest.raises(DatasetError, match=words) as raised:
        discover([top / name])
    assert "\n" not in str(raised.value)


def paths_of(dataset: Dataset, *paths: str) -> dict[str, list[str]]:
    return {csv.name: list(paths) for csv in dataset.sources}


def test_the_image_root_is_the_level_under_which_most_paths_exist(tree):
    top = tree("data/train.csv", "data/val.csv", "data/images/a.jpg", "data/images/b.jpg", "data/data/x.jpg")
    (dataset,) = discover([top / "data"])
    assert choose_image_root(dataset, paths_of(dataset, "images/a.jpg", "gone.jpg"), top) == 0
    assert choose_image_root(dataset, paths_of(dataset, "data/images/a.jpg", "data/images/b.jpg"), top) == 1
    assert choose_image_root(dataset, paths_of(dataset, "data\\images\\a.jpg"), top) == 1
    assert choose_image_root(dataset, paths_of(dataset, "images/a.jpg", "data/images/b.jpg"), top) == 0  # a tie
    assert choose_image_root(dataset, paths_of(dataset, "gone.jpg"), top) == 0
    assert choose_image_root(dataset, {}, top) == 0
    # distinct paths count, not rows
    rows = ["data/images/a.jpg"] * 9 + ["images/a.jpg", "images/b.jpg"]
    assert choose_image_root(dataset, paths_of(dataset, *rows), top) == 0


def test_the_image_root_of_split_folders_is_one_level_for_all(tree):
    top = tree("d/train/x.csv", "d/val/x.csv", "d/images/a.jpg", "d/val/own/b.jpg")
    (dataset,) = discover([top / "d"])
    paths = {"train/x.csv": ["images/a.jpg"], "val/x.csv": ["images/a.jpg", "own/b.jpg"]}
    assert choose_image_root(dataset, paths, top) == 1


def test_the_image_root_stays_below_the_top(tree):
    top = tree("a/b/c/train.csv", "img.jpg", "a/b/near.jpg")
    (dataset,) = discover([top / "a"])
    assert choose_image_root(dataset, paths_of(dataset, "img.jpg"), top) == 3
    assert choose_image_root(dataset, paths_of(dataset, "img.jpg"), top / "a") == 0
    elsewhere = top / "elsewhere"
    assert choose_image_root(dataset, paths_of(dataset, "img.jpg"), elsewhere) == 0
    assert choose_image_root(dataset, paths_of(dataset, "near.jpg"), elsewhere) == 1


def test_absolute_and_hostile_paths_do_not_count(tree):
    top = tree("data/train.csv", "a.jpg", "data/b.jpg")
    (dataset,) = discover([top / "data"])
    absolute = ["\\a.jpg", str(top / "a.jpg"), "C:\\a.jpg", "\\\\srv\\a.jpg", "C:a.jpg"]
    hostile = ["a\0.jpg", "x" * 10_000, "../" * 3000, "\udc80", "\ud800.jpg", "", " ", ".", "..", "a\n.jpg"]
    assert choose_image_root(dataset, paths_of(dataset, *absolute, *hostile, "b.jpg"), top) == 0
    assert choose_image_root(dataset, paths_of(dataset, *absolute, *hostile, "a.jpg"), top) == 1
