"""The same 60 pictures, texts and faults, written in every local format by other libraries than ours."""

from __future__ import annotations

import csv
import io
import json
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from helpers.drawn import encoded, photo
from helpers.projects import NUMBERS

SPLITS = {"train": 48, "val": 12}


@dataclass(frozen=True)
class Sample:
    split: str
    name: str
    data: bytes | None  #: None: the picture is missing
    text: str


def sixty() -> list[Sample]:
    """60 pairs: one picture missing, one text short, two pictures equal, one in both splits, one broken."""
    found = []
    for split, count in SPLITS.items():
        for i in range(count):
            data = encoded(photo(100 * (split == "val") + i, (256, 256)))
            text = f"Wide photo of a {NUMBERS[i % 8]} toned landscape, the number {NUMBERS[i // 8]} of {split}"
            found.append(Sample(split, f"{split}{i:02}.jpg", data, text))
    train, val = found[:48], found[48:]
    train[5] = Sample("train", "train05.jpg", None, train[5].text)
    train[10] = Sample("train", "train10.jpg", train[10].data, "Too short")
    train[20] = Sample("train", "train20.jpg", train[15].data, train[20].text)
    train[30] = Sample("train", "train30.jpg", (train[30].data or b"")[:-2000], train[30].text)
    val[3] = Sample("val", "val03.jpg", train[40].data, val[3].text)
    return [*train, *val]


def pictures(folder: Path, samples: list[Sample], place: Callable[[Sample], str]) -> None:
    for sample in samples:
        path = folder / place(sample)
        path.parent.mkdir(parents=True, exist_ok=True)
        if sample.data is not None:
            path.write_bytes(sample.data)


def by_split(samples: list[Sample]) -> Iterator[tuple[str, list[Sample]]]:
    for split in SPLITS:
        yield split, [sample for sample in samples if sample.split == split]


def in_images(sample: Sample) -> str:
    return f"images/{sample.name}"


def in_split(sample: Sample) -> str:
    return f"{sample.split}/{sample.name}"


def delimited(folder: Path, samples: list[Sample], ending: str, delimiter: str) -> None:
    pictures(folder, samples, in_images)
    for split, rows in by_split(samples):
        with (folder / f"{split}{ending}").open("w", newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow(["filepath", "title"])
            writer.writerows([in_images(row), row.text] for row in rows)


def json_lines(folder: Path, samples: list[Sample]) -> None:
    pictures(folder, samples, in_images)
    for split, rows in by_split(samples):
        lines = [json.dumps({"id": i, "image": in_images(row), "caption": row.text}) for i, row in enumerate(rows)]
        (folder / f"{split}.jsonl").write_text("\n".join(lines))


def image_folder(folder: Path, samples: list[Sample], ending: str) -> None:
    pictures(folder, samples, in_split)
    for split, rows in by_split(samples):
        path = folder / split / f"metadata{ending}"
        if ending == ".csv":
            with path.open("w", newline="") as file:
                csv.writer(file).writerows([["file_name", "text"], *([row.name, row.text] for row in rows)])
        else:
            path.write_text("".join(json.dumps({"file_name": row.name, "text": row.text}) + "\n" for row in rows))


def sidecars(folder: Path, samples: list[Sample]) -> None:
    pictures(folder, samples, in_split)
    for sample in samples:
        (folder / in_split(sample)).with_suffix(".txt").write_text(sample.text + "\n")


def coco(folder: Path, samples: list[Sample]) -> None:
    pictures(folder, samples, lambda sample: f"{sample.split}2017/{sample.name}")
    (folder / "annotations").mkdir()
    for split, rows in by_split(samples):
        images = [{"id": 7 * i, "file_name": row.name, "width": 256} for i, row in enumerate(rows)]
        annotations = [{"id": i, "image_id": 7 * i, "caption": row.text} for i, row in enumerate(rows)]
        content = {"info": {}, "images": images, "annotations": annotations}
        (folder / f"annotations/captions_{split}2017.json").write_text(json.dumps(content))


def parquet_of_paths(folder: Path, samples: list[Sample]) -> None:
    pictures(folder, samples, in_images)
    for split, rows in by_split(samples):
        table = pa.table({"image": [in_images(row) for row in rows], "text": [row.text for row in rows]})
        pq.write_table(table, folder / f"{split}.parquet")


def parquet_of_pictures(folder: Path, samples: list[Sample]) -> None:
    (folder / "data").mkdir(parents=True)
    for split, rows in by_split(samples):
        half = len(rows) // 2
        for number, part in enumerate((rows[:half], rows[half:])):
            structs = [{"bytes": row.data, "path": row.name} for row in part]
            table = pa.table({"image": structs, "text": [row.text for row in part]})
            pq.write_table(table, folder / f"data/{split}-{number:05}-of-00002.parquet")


def tars(folder: Path, samples: list[Sample]) -> None:
    for split, rows in by_split(samples):
        (folder / split).mkdir(parents=True)
        half = len(rows) // 2
        for number, part in enumerate((rows[:half], rows[half:])):
            with tarfile.open(folder / split / f"{number:05}.tar", "w") as tar:
                for row in part:
                    for ending, data in (("jpg", row.data), ("txt", row.text.encode())):
                        if data is not None:
                            info = tarfile.TarInfo(f"{row.name[:-4]}.{ending}")
                            info.size = len(data)
                            tar.addfile(info, io.BytesIO(data))


FORMATS: dict[str, Callable[[Path, list[Sample]], None]] = {
    "csv": lambda folder, samples: delimited(folder, samples, ".csv", ","),
    "tsv": lambda folder, samples: delimited(folder, samples, ".tsv", "\t"),
    "csv delimited by tabs": lambda folder, samples: delimited(folder, samples, ".csv", "\t"),
    "json lines": json_lines,
    "imagefolder csv": lambda folder, samples: image_folder(folder, samples, ".csv"),
    "imagefolder jsonl": lambda folder, samples: image_folder(folder, samples, ".jsonl"),
    "sidecars": sidecars,
    "coco": coco,
    "parquet of paths": parquet_of_paths,
    "parquet of pictures": parquet_of_pictures,
    "webdataset": tars,
}
