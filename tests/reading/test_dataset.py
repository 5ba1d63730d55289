from __future__ import annotations

from pathlib import Path, PurePath

import pytest

from pytest_clipdata.reading.dataset import Dataset, DatasetError, discover, find_datasets
from pytest_clipdata.reading.folders import Folders
from pytest_clipdata.reading.image_root import choose_image_root
from pytest_clipdata.reading.splits import split_of


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


def notes(*paths: Path) -> dict[str, str]:
    found = find_datasets(paths)
    return {note.path.relative_to(paths[0]).as_posix(): note.words for note in found.notes}


@pytest.mark.parametrize(
    "stray", ["train/test.csv", "train/val.csv", "val/train.csv", "val/test.csv", "train/notes.csv"]
)
@pytest.mark.parametrize("named", ["", "train", "val"])
def test_split_folders_beside_each_other_are_one_dataset_whatever_strays_into_them(tree, stray, named):
    top = tree("train/data.csv", "val/data.csv", stray)
    (dataset,) = discover([top / named])
    assert dataset.root == top
    assert {csv.name for csv in dataset.sources} == {"train/data.csv", "val/data.csv", stray}
    assert dict(layout(dataset))["train/data.csv"] == "train"
    assert dict(layout(dataset))["val/data.csv"] == "val"
    folder, stem = stray.removesuffix(".csv").split("/")
    if stem != "notes":
        assert notes(top) == {stray: f"is {stem} by its name, though its folder is {folder}"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["train/test.csv", "val/data.csv"], [("val/data.csv", "val"), ("train/test.csv", "test")]),
        (["train.csv", "test/test.csv", "test/train.csv"], [("test/train.csv", "train"), ("train.csv", "train"), ("test/test.csv", "test")]),
        (["train/train.csv", "train/val.csv", "test.csv"], [("train/train.csv", "train"), ("train/val.csv", "val"), ("test.csv", "test")]),
    ],
)  # fmt: skip
def test_a_stray_file_leaves_no_split_alone(tree, names, expected):
    top = tree(*names)
    for name in names:
        (dataset,) = discover([top / name])
        assert layout(dataset) == expected


def test_a_whole_dataset_in_a_split_folder_stays_one_and_that_is_said(tree):
    top = tree("train.csv", "test/train.csv", "test/val.csv")
    assert notes(top) == {"test": "is a dataset of its own: it holds train and val"}


@pytest.mark.posix
def test_symlinked_folders_are_not_searched_and_no_loop_is_followed(tree):
    top = tree("a/train.csv", "elsewhere/b/train.csv")
    (top / "a" / "b").symlink_to(top / "elsewhere/b")
    (top / "a" / "c").symlink_to(top / "a")
    (top / "a" / "up").symlink_to(top)
    assert [layout(dataset) for dataset in discover([top / "a"])] == [[("train.csv", "train")]]
    assert notes(top / "a") == {"b": "is a symbolic link to a folder and is not searched: name it to test it"}
    assert notes(top) == {}


@pytest.mark.posix
def test_a_symlinked_split_folder_is_followed(tree):
    top = tree("train/x.csv", "elsewhere/x.csv", "elsewhere/deep/test/y.csv")
    (top / "val").symlink_to(top / "elsewhere")
    for named in (top / "train", top / "val/x.csv"):
        (dataset,) = discover([named])
        assert layout(dataset) == [("train/x.csv", "train"), ("val/x.csv", "val")]
    assert [layout(dataset) for dataset in discover([top / "val"])][1:] == [[("test/y.csv", "test")]]
    assert {dataset.root: layout(dataset) for dataset in discover([top])} == {
        top: [("train/x.csv", "train"), ("val/x.csv", "val")],
        top / "elsewhere": [("x.csv", "x")],
        top / "elsewhere/deep": [("test/y.csv", "test")],
        top / "val/deep": [("test/y.csv", "test")],
    }


@pytest.mark.posix
def test_a_linked_source_is_as_good_as_the_file(tree):
    top = tree("d/train.csv", "held.csv")
    (top / "d/val.csv").symlink_to(top / "held.csv")
    (top / "d/test.csv").symlink_to(top / "gone.csv")
    (top / "d/dev.csv").symlink_to(top / "d/dev.csv")
    (dataset,) = discover([top / "d"])
    assert {name for name, _ in layout(dataset)} == {"train.csv", "val.csv", "test.csv", "dev.csv"}


@pytest.mark.posix
def test_links_that_lead_round_or_nowhere_are_told(tree):
    top = tree("train/x.csv", "a/x.csv", "b/x.csv")
    (top / "val").symlink_to(top)
    (top / "test").symlink_to(top / "gone")
    (top / "dev").symlink_to(top / "dev")
    (top / "a/val").symlink_to(top / "b")
    (top / "b/test").symlink_to(top / "a")
    back = "is a symbolic link back to a folder above it and is not followed"
    nothing = "is a symbolic link to nothing"
    expected = {"val": back, "test": nothing, "dev": nothing, "a/val/test": back, "b/test/val": back}
    assert notes(top) == expected
    assert {note.path.name for note in find_datasets([top / "train/x.csv"]).notes} == {"val", "test", "dev"}


def test_a_compressed_tar_is_told(tree):
    top = tree("test.csv", "train.tar.gz", "val.tgz")
    words = "is not read: it is compressed, decompress it to a .tar"
    assert notes(top) == {"train.tar.gz": words, "val.tgz": words}


def test_shards_are_one_source_that_any_of_them_names(tree):
    names = ["train-00000-of-00002", "train-00001-of-00002", "val-00000-of-00001"]
    top = tree(*(f"data/{name}.parquet" for name in names), "data/test.tar", "data/test.parquet")
    for named in (top, top / f"data/{names[1]}.parquet", top / "data/train-#.parquet"):
        (dataset,) = discover([named])
        files = {source.name: [file.name for file in source.files] for source in dataset.sources}
        assert files == {
            "train-#.parquet": [f"{name}.parquet" for name in names[:2]],
            "val-#.parquet": [f"{names[2]}.parquet"],
            "test.tar": ["test.tar"],
        }
        assert [source.split for source in dataset.sources] == ["train", "val", "test"]
        assert dataset.selected == ({*files} if named == top else {"train-#.parquet"})
    assert notes(top) == {"data/test.parquet": "is left out: the tar beside it holds the samples"}


@pytest.mark.posix
def test_tars_with_their_tables_cost_no_search_for_each(tmp_path, monkeypatch):
    """Twenty thousand shards, as img2dataset writes them, took two minutes."""
    for number in range(300):
        (tmp_path / f"{number:05}.tar").touch()
        (tmp_path / f"{number:05}.parquet").touch()
    compared = 0
    equal = PurePath.__eq__

    def counted(path, other):
        nonlocal compared
        compared += 1
        return equal(path, other)

    monkeypatch.setattr(PurePath, "__eq__", counted)
    assert {path.suffix for path in Folders().sources(tmp_path)} == {".tar"}
    assert compared <= 10 * 600


def test_folders_that_link_to_each_other_are_walked_in_few_ways(tree):
    top = tree(*(f"d{i}/train.csv" for i in range(12)))
    for i in range(12):
        for split in ("train", "val", "test", "dev", "eval"):
            (top / f"d{i}/{split}").symlink_to(top / f"d{(i + 1) % 12}")
    found = find_datasets([top / "d0"])
    assert sum(len(dataset.sources) for dataset in found.datasets) < 100
    assert any("too many symbolic links" in note.words for note in found.notes)


@pytest.mark.parametrize("name", ["train.arrow", "test.xlsx", "train.csv.gz", "val.json"])
def test_a_table_that_nobody_reads_is_told(tree, name):
    top = tree("test.csv", name)
    assert notes(top) == {name: "is not read: this version has no reader for it"}
    with pytest.raises(DatasetError, match=r"no dataset .* under .*; \S+ is not read"):
        discover([tree(f"alone/{name.rpartition('/')[2]}") / "alone"])


def test_other_files_need_no_word(tree):
    top = tree(
        "train.csv",
        "val/a.jpg",
        "package.json",
        "val/info.json",
        "README.txt",
        "images/x.parquet",
        ".x.parquet",
        "test",
    )
    assert notes(top) == {}


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
        ("images", "no dataset .* under .*images"), ("images/a.jpg", "neither a folder nor a dataset"),
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
