"""Whole runs over tars and Parquet: what a picture in a container costs, where it is said to be, what comes out."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from helpers.containers import member, pictures, write_parquet, write_tar
from helpers.drawn import encoded, photo
from helpers.projects import NUMBERS, Done, settled

from pytest_clipdata.reading.blob import Blob, sha256_of
from pytest_clipdata.reading.columns import Wanted, choose_columns
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.smoke.pixels import Opening

KINDS = ("tar", "parquet")
Run = Callable[..., Done[str]]


def picture(number: int, side: int = 256) -> bytes:
    return encoded(photo(number, (side, side)))


def text(number: int) -> str:
    return f"Wide photo of a {NUMBERS[number % 8]} toned landscape, the number {NUMBERS[number // 8]}"


def shard(folder: Path, kind: str, split: str, number: int, samples: dict[int, bytes]) -> Path:
    """A shard with the pictures by their numbers."""
    if kind == "tar":
        files = {}
        for at, data in samples.items():
            files |= {f"{split}{at:02}.jpg": data, f"{split}{at:02}.txt": text(at).encode()}
        return write_tar(folder / f"{split}-{number:05}.tar", files)
    columns = {"image": pictures([*samples.values()], [f"{split}{at:02}.jpg" for at in samples]), "text": [text(at) for at in samples]}  # fmt: skip
    return write_parquet(folder / f"{split}-{number:05}.parquet", columns, row_group_size=2)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def project(tmp_path: Path, kind: str) -> Path:
    """train: two shards of 3, in the second a small picture and one that val has too; val: a shard of 2."""
    folder = tmp_path / "project"
    data = folder / "datasets"
    shard(data, kind, "train", 0, {n: picture(n) for n in range(3)})
    shard(data, kind, "train", 1, {3: picture(3), 4: picture(4, 128), 5: picture(5)})
    shard(data, kind, "val", 0, {8: picture(8), 9: picture(5)})
    return settled(folder)


def names(kind: str) -> dict[str, str]:
    """The names of three pictures, as findings call them."""
    prefix = {"tar": ("train-00001.tar/", "val-00000.tar/"), "parquet": ("", "")}[kind]
    return {"small": f"{prefix[0]}train04.jpg", "trained": f"{prefix[0]}train05.jpg", "leak": f"{prefix[1]}val09.jpg"}


def findings(project: Path) -> list[dict[str, object]]:
    content = json.loads((project / "out/findings.json").read_text())
    return [finding for finding in content["findings"] if finding["severity"] == "critical"]


def test_findings_name_shard_place_and_key_in_every_report(run: Run, project: Path, kind: str) -> None:
    done = run("--clip-report=out", cwd=project)
    named = names(kind)
    small, leak = findings(project)
    key = {"tar": ("train04", "val09", "train05"), "parquet": (None, None, None)}[kind]
    where = {"source": f"train-#.{kind}", "file": f"train-00001.{kind}", "line": 2, "key": key[0]}
    assert small.items() >= (where | {"check": "resolution", "value": named["small"]}).items()
    other = {"source": f"train-#.{kind}", "file": f"train-00001.{kind}", "line": 3, "key": key[2], "value": named["trained"]}  # fmt: skip
    assert (leak["file"], leak["line"], leak["key"], leak["related"]) == (f"val-00000.{kind}", 2, key[1], [other])
    assert f"datasets/train-00001.{kind}:2: resolution: {named['small']} is 128x128" in done.stdout
    assert f"{named['leak']} is the same picture as {named['trained']} (datasets/train-00001.{kind}:3), same bytes" in done.stdout  # fmt: skip
    results = json.loads((project / "out/findings.sarif").read_text())["runs"][0]["results"]
    (place,) = [r["locations"][0]["physicalLocation"] for r in results if r["ruleId"] == "resolution"]
    assert place["artifactLocation"]["uri"] == f"datasets/train-00001.{kind}"
    page = (project / "out/report.html").read_text()
    assert page.count("data:image/webp") == 7  # eight rows, two of which show the same picture


def test_nothing_changed_decodes_nothing_and_an_appended_shard_measures_what_is_new(
    run: Run, project: Path, kind: str
) -> None:
    assert "8 images measured, 0 from the cache" in run(cwd=project).stdout
    assert "nothing changed, verdicts from the cache" in run(cwd=project).stdout
    if kind == "tar":
        with tarfile.open(project / "datasets/train-00001.tar", "a") as tar:
            for info, content in (member("train06.jpg", picture(6)), member("train06.txt", text(6).encode())):
                tar.addfile(info, io.BytesIO(content))
    else:
        shard(project / "datasets", kind, "train", 2, {6: picture(6)})
    done = run(cwd=settled(project))
    assert "1 image measured, 8 from the cache" in done.stdout


def test_a_baseline_knows_a_picture_by_its_bytes_wherever_it_lies(run: Run, project: Path, kind: str) -> None:
    assert run("--clip-baseline=known.json", "--clip-write-baseline", cwd=project).returncode == 0
    assert run("--clip-baseline=known.json", cwd=project).returncode == 0
    data = project / "datasets"
    shard(data, kind, "train", 0, {7: picture(7), **{n: picture(n) for n in range(3)}})
    shard(data, kind, "train", 1, {3: picture(3), 5: picture(5), 4: picture(4, 128)})
    assert run("--clip-baseline=known.json", cwd=project).returncode == 0
    shard(data, kind, "train", 1, {3: picture(3), 5: picture(5), 4: picture(14, 128)})
    assert "train04.jpg is 128x128" in run("--clip-baseline=known.json", cwd=project).stdout


def quarantined(run: Run, project: Path, *more: str) -> Done[str]:
    done = run("--clip-quarantine=out", *more, cwd=project)
    assert "no quarantine was written" not in done.stdout
    return done


def test_a_quarantine_of_parquet_is_a_copy_without_the_rejected_rows(run: Run, tmp_path: Path) -> None:
    project = tmp_path / "project"
    data = project / "datasets"
    shard(data, "parquet", "train", 0, {n: picture(n) for n in range(3)})
    shard(data, "parquet", "train", 1, {3: picture(3), 4: picture(4, 128)})
    quarantined(run, project)
    for name in ("train-00000.parquet", "train-00001.parquet"):
        before, after = pq.read_table(data / name), pq.read_table(project / "out/clean" / name)
        assert after.schema.equals(before.schema, check_metadata=True)
        assert after.equals(before.slice(0, 3 if name == "train-00000.parquet" else 1))
    gone = pq.read_table(project / "out/rejected/train-00001.parquet").to_pylist()
    assert [(row["text"], row["image"]["bytes"], row["reasons"]) for row in gone] == [
        (text(4), picture(4, 128), "resolution: train04.jpg is 128x128, its short side must be at least 224")
    ]
    assert not (project / "out/rejected/train-00000.parquet").exists()
    assert run(dataset="out/clean", cwd=project).returncode == 0


def test_a_quarantine_of_tars_is_a_list_and_copies_only_where_asked_for(run: Run, tmp_path: Path) -> None:
    project = tmp_path / "project"
    data = project / "datasets"
    shard(data, "tar", "train", 0, {n: picture(n) for n in range(3)})
    files = {"a": picture(3), "b": picture(4, 128), "c": picture(5)}
    entries = [part for key, content in files.items() for part in (member(f"{key}.jpg", content), member(f"{key}.txt", text(5).encode()))]  # fmt: skip
    write_tar(data / "train-00001.tar", [member("LICENSE", b"free"), *entries, member("d.txt", b"no picture")])
    quarantined(run, project)
    assert sorted(path.name for path in (project / "out").rglob("*.*")) == ["clipdata.toml", "train-#.tar.csv"]
    rows = list(csv.DictReader(io.StringIO((project / "out/rejected/train-#.tar.csv").read_text())))
    assert [(row["file"], row["line"], row["key"], row["reasons"].split(":")[0]) for row in rows] == [
        ("train-00001.tar", "2", "b", "resolution"),
        ("train-00001.tar", "4", "d", "columns"),
    ]
    quarantined(run, project, "--clip-set=quarantine.copy=true")
    whole = (data / "train-00000.tar").read_bytes()
    assert (project / "out/clean/train-00000.tar").read_bytes() == whole
    with tarfile.open(project / "out/clean/train-00001.tar") as tar:
        assert tar.getnames() == ["LICENSE", "a.jpg", "a.txt", "c.jpg", "c.txt"]
        assert tar.extractfile("c.jpg").read() == picture(5)  # type: ignore[union-attr]
    assert run(dataset="out/clean", cwd=project).returncode == 0


def test_a_missing_shard_is_a_warning_of_columns(run: Run, project: Path, kind: str) -> None:
    (project / f"datasets/train-00000.{kind}").rename(project / f"datasets/train-00004.{kind}")
    done = run("-k", "columns", cwd=project)
    assert done.returncode == 0
    assert "2 shards are missing between 00001 and 00004: 00002, 00003" in done.stdout
    assert run("-k", "columns", "--clip-strict", cwd=project).returncode == 1


def test_a_source_of_shards_has_node_ids(run: Run, project: Path, kind: str) -> None:
    done = run(f"datasets/train-#.{kind}::resolution", "-v", cwd=project)
    assert f"datasets/train-#.{kind}::resolution FAILED" in done.stdout
    assert "1 failed in" in done.stdout
    if kind == "tar":
        done = run("-n", "2", "-k", "resolution", cwd=project)
        assert "1 failed, 1 passed" in done.stdout


def test_models_are_given_pictures_from_where_they_lie(tmp_path: Path, kind: str) -> None:
    samples = {n: picture(n) for n in range(5)}
    shard(tmp_path, kind, "train", 0, samples)
    (dataset,) = discover([tmp_path])
    (source,) = dataset.sources
    rows = source.rows(choose_columns({"x": source.head()}, Wanted())["x"])
    blobs = [rows.within[str(cell)].blob for cell in rows.image_paths]
    drawn = list(Opening().pictures([blob for blob in blobs if blob is not None], 224))
    loose = []
    for number, data in samples.items():
        (tmp_path / f"{number}.jpg").write_bytes(data)
        loose.append(Blob.of(tmp_path / f"{number}.jpg"))
    assert [each.data for each in drawn] == [each.data for each in Opening().pictures(loose, 224)]
    assert [sha256_of(blob) for blob in blobs if blob] == [
        hashlib.sha256(data).hexdigest() for data in samples.values()
    ]
