"""Which tables are tested: what is left out is named, what the user named is tested."""

from __future__ import annotations

from pathlib import Path

import pytest
from helpers.tools import write

from pytest_clipdata.reading.columns import Columns
from pytest_clipdata.reading.dataset import DatasetError
from pytest_clipdata.reading.exclude import Exclude
from pytest_clipdata.running.choice import choose
from pytest_clipdata.settings.options import RunOptions

HEADER = "image_path,text,label\n"
PRICES = "sku,price,currency\n1,2,EUR\n"


def found(top: Path, *paths: str, confine: bool = False) -> tuple[list[str], dict[str, str]]:
    """The selected sources and the words on others, by path from ``top``."""
    choice = choose([top / path for path in paths or [""]], RunOptions(top=top, confine=confine))
    sources = [
        source.path for dataset, _ in choice.datasets for source in dataset.sources if source.name in dataset.selected
    ]
    words = {note.path.relative_to(top).as_posix(): note.words for note in choice.notes}
    return [source.relative_to(top).as_posix() for source in sources], words


FOREIGN = "is left out: it has no column of pictures, no label, and no split in its name"


def test_a_foreign_table_is_left_out_and_named(tmp_path: Path) -> None:
    write(tmp_path, {"data/train.csv": HEADER, "src/prices.csv": PRICES, "src/more.tsv": "a\tb\n"})
    assert found(tmp_path) == (["data/train.csv"], dict.fromkeys(["src/more.tsv", "src/prices.csv"], FOREIGN))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("src/train.csv", PRICES),  # a split in its name
        ("val/prices.csv", PRICES),  # a split in its folder's
        ("src/pairs.csv", "filepath,title\n"),
        ("src/pairs.csv", "\n\n\ufeffid;File_Name;caption\n"),
        ("src/pairs.csv", '\ufeff"image",text\n'),
        ("src/pairs.csv", "imge_path,text\n"),
        ("src/pairs.csv", "pic,text,label\n"),
        ("src/pairs.csv", b"\xff\xfei\0m\0a\0g\0e\0"),  # UTF-16: a broken one of ours
        ("src/pairs.csv", ""),
    ],
)
def test_what_may_be_ours_is_found(tmp_path: Path, name: str, content: str | bytes) -> None:
    write(tmp_path, {name: content})
    assert found(tmp_path) == ([name], {})


def test_a_foreign_table_beside_a_source_is_one_of_its_dataset(tmp_path: Path) -> None:
    write(tmp_path, {"pairs.csv": HEADER, "prices.csv": PRICES})
    assert found(tmp_path) == (["pairs.csv", "prices.csv"], {})


def test_the_settings_name_the_column_of_pictures(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "a/pairs.csv": "foto,worte,urteil\n",
            "a/clipdata.toml": 'columns.image_path = "foto"\n',
            "b/pairs.csv": "foto,worte\n",
        },
    )
    assert found(tmp_path) == (["a/pairs.csv"], {"b/pairs.csv": FOREIGN})


def test_what_the_user_names_is_tested_or_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"data/train.csv": HEADER, "src/prices.csv": PRICES, "src/more.csv": PRICES})
    assert found(tmp_path, "src/prices.csv")[0] == ["src/prices.csv"]
    for paths in (["src"], ["data", "src"]):
        with pytest.raises(DatasetError, match=r"src holds nothing to test: more.csv is left out: it has no column"):
            found(tmp_path, *paths)


def test_exclude_leaves_out_what_is_not_named(tmp_path: Path) -> None:
    files = dict.fromkeys(("a/train.csv", "a/val.csv", "a/old/train.csv", "b/train.csv", "drafts/x/pairs.csv"), HEADER)
    toml = 'exclude = ["a/old", "drafts/**", "a/v?l.csv"]\n'
    write(tmp_path, {**files, "clipdata.toml": toml})
    out = {
        "a/old/train.csv": "is left out: exclude names a/old",
        "a/val.csv": "is left out: exclude names a/v?l.csv",
        "drafts/x/pairs.csv": "is left out: exclude names drafts/**",
    }
    assert found(tmp_path) == (["a/train.csv", "b/train.csv"], out)
    assert found(tmp_path, "a/train.csv")[0] == ["a/train.csv"]
    assert "a/val.csv" in found(tmp_path, "a/train.csv")[1]  # nor is it compared with
    for named in ("a/val.csv", "a/old", "a/old/train.csv", "drafts", "drafts/x", "drafts/x/pairs.csv"):
        assert found(tmp_path, named)[0] in (["a/val.csv"], ["a/old/train.csv"], ["drafts/x/pairs.csv"])


def test_exclude_that_leaves_nothing_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"a/train.csv": HEADER, "clipdata.toml": 'exclude = ["**/*.csv"]\n'})
    with pytest.raises(
        DatasetError, match=r"holds nothing to test: .*train.csv is left out: exclude names \*\*/\*.csv"
    ):
        found(tmp_path, "a")


@pytest.mark.parametrize(
    ("glob", "names", "others"),
    [
        ("*.csv", ["x.csv"], ["a/x.csv", "x.csvs"]),
        ("**/x.csv", ["x.csv", "a/b/x.csv"], ["ax.csv", "a/yx.csv"]),
        ("a/**/x.csv", ["a/x.csv", "a/b/c/x.csv"], ["x.csv", "b/a/x.csv"]),
        ("./a/", ["a", "a/x.csv", "a/b/x.csv"], ["ab/x.csv", "b/a"]),
        ("v[0-9].csv", ["v1.csv"], ["va.csv", "v[0-9].csv"]),
        ("v[!0-9].csv", ["va.csv"], ["v1.csv"]),
        ("a+b(c).csv", ["a+b(c).csv"], ["aab.csv"]),
        ("**", ["x.csv", "a/x.csv"], ["../x.csv"]),
        ("../o/*.csv", ["../o/x.csv"], ["o/x.csv"]),
        ("", [], ["x.csv"]),
        ("/", [], ["x.csv"]),
    ],
)
def test_globs(tmp_path: Path, glob: str, names: list[str], others: list[str]) -> None:
    base = tmp_path / "base [1]*"
    exclude = Exclude([glob], base)
    named = {
        name: exclude.named_by(Path(f"{base}/{name}").parent.resolve() / Path(name).name) for name in names + others
    }
    assert named == dict.fromkeys(names, glob) | dict.fromkeys(others)


@pytest.mark.posix
def test_confine_refuses_sources_out_of_the_dataset(tmp_path: Path) -> None:
    write(tmp_path, {"d/train/x.csv": HEADER, "d/store/x.csv": HEADER, "elsewhere/x.csv": HEADER})
    (tmp_path / "d/val").symlink_to(tmp_path / "d/store")
    assert "d/val/x.csv" in found(tmp_path, "d", confine=True)[0]
    for link, target in (("d/test", "elsewhere"), ("d/test.csv", "elsewhere/x.csv")):
        (tmp_path / link).symlink_to(tmp_path / target)
        for path in ("d", "d/train"):
            with pytest.raises(
                DatasetError, match=r"--clip-confine: .*test.* is reached through a symbolic link out of"
            ):
                found(tmp_path, path, confine=True)
        assert len(found(tmp_path, "d")[0]) == 4
        (tmp_path / link).unlink()


@pytest.mark.parametrize("ending", ["tar", "parquet"])
def test_one_shard_may_be_left_out(tmp_path: Path, ending: str) -> None:
    shards = [f"train-{number:05}.{ending}" for number in (0, 1, 2, 3, 5)]
    write(tmp_path, dict.fromkeys(shards, ""))

    def left(*paths: str, exclude: str) -> tuple[list[str], str | None, dict[str, str]]:
        """The shards that are read, what is said of missing ones, and the notes."""
        write(tmp_path, {"clipdata.toml": f"exclude = {exclude}\n"})
        ((source,),) = (
            dataset.sources
            for dataset, _ in choose([tmp_path / path for path in paths], RunOptions(top=tmp_path)).datasets
        )
        assert source.name == f"train-#.{ending}"
        said = source.rows(Columns("image", "txt", None)).warning
        return [path.name for path in source.files], said, found(tmp_path, *paths)[1]

    gap, whole = "1 shard is missing between 00000 and 00005: 00004", f"train-#.{ending}"
    out = f"is left out: exclude names {shards[3]}"
    assert left(".", exclude="[]") == (shards, gap, {})
    assert left(".", exclude=f"['{shards[3]}']") == ([*shards[:3], shards[4]], gap, {shards[3]: out})
    one = f"exclude names *[12].{ending}"
    assert left(".", exclude=f"['*[12].{ending}']") == (
        [shards[0], *shards[3:]],
        gap,
        {whole: f"is read without 2 of its shards: {one}"},
    )
    assert left(".", exclude=f"['*5.{ending}']") == (
        shards[:4],
        None,
        {shards[4]: f"is left out: exclude names *5.{ending}"},
    )
    # Named on the command line a shard is read, as the others are.
    assert left(shards[3], exclude=f"['{shards[3]}']") == (shards, gap, {})
    for all_of_them in (f"train-*.{ending}", f"train-0*.{ending}", whole):
        write(tmp_path, {"clipdata.toml": f"exclude = ['{all_of_them}']\n", "val.csv": HEADER})
        assert found(tmp_path) == (["val.csv"], {whole: f"is left out: exclude names {all_of_them}"})
        assert found(tmp_path, shards[0])[0] == [whole]
