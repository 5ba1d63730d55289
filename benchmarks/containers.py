"""Pictures in tars and in Parquet against loose files: how fast they are judged, and in how much memory.

    python benchmarks/containers.py [--pictures 1000] [--side 1000] [--rounds 3] [--gigabytes 10] [--json FILE]

The same seeded photos (1000x1000, about 260 kB) lie as files named by a CSV, in tar shards and in Parquet shards of row
groups of 100; one more Parquet has all of them in one row group. They are measured in turns, without a cache, from
finding the sources to the facts of every pixel. CPU is that of the whole process tree. For memory shards of the size
asked for are made (photos again and again, each with other bytes at its end) and judged by a run of pytest; the figure
is the largest sum of all processes' own share of memory (PSS) that was seen in samples five times a second.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

from drawings import photo_like  # noqa: E402
from speed import command  # noqa: E402

_PER_SHARD = 250
_STRUCT = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_MEASURE = """
import sys, time
from pathlib import Path
from pytest_clipdata.facts.step import Needs
from pytest_clipdata.reading.dataset import discover
from pytest_clipdata.running.load_settings import load_settings
from pytest_clipdata.running.run import DatasetRun
from pytest_clipdata.settings.options import RunOptions
(dataset,) = discover([Path(sys.argv[1])])
options = RunOptions(top=Path(sys.argv[1]), workers=int(sys.argv[2]) or None)
start = time.perf_counter()
run = DatasetRun(dataset, load_settings(dataset, options), options)
images = run.engine.images(Needs.PIXELS)
print(len(images), sum(image.width is not None for image in images.values()), time.perf_counter() - start)
"""


def photo(number: int, side: int) -> bytes:
    out = io.BytesIO()
    photo_like(number, side).save(out, "JPEG", quality=86)
    return out.getvalue()


def photos(count: int, side: int) -> list[bytes]:
    with ProcessPoolExecutor() as pool:
        return list(pool.map(photo, range(count), repeat(side), chunksize=16))


def text(number: int) -> str:
    return f"A photograph of a landscape with the number {number} beside the road"


def write_loose(folder: Path, pictures: list[bytes]) -> None:
    (folder / "images").mkdir(parents=True)
    lines = ["filepath\ttitle"]
    for number, data in enumerate(pictures):
        (folder / f"images/{number:06}.jpg").write_bytes(data)
        lines.append(f"images/{number:06}.jpg\t{text(number)}")
    (folder / "train.csv").write_text("\n".join(lines))


def write_tar(path: Path, pictures: dict[int, bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for number, data in pictures.items():
            for ending, content in (("jpg", data), ("txt", text(number).encode())):
                info = tarfile.TarInfo(f"{number:06}.{ending}")
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))


def write_parquet(path: Path, pictures: dict[int, bytes], group: int = 100) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    images = pa.array([{"bytes": data, "path": f"{number:06}.jpg"} for number, data in pictures.items()], _STRUCT)
    pq.write_table(pa.table({"image": images, "text": [*map(text, pictures)]}), path, row_group_size=group)


def shards(pictures: list[bytes]) -> Iterator[tuple[int, dict[int, bytes]]]:
    for start in range(0, len(pictures), _PER_SHARD):
        yield start // _PER_SHARD, dict(enumerate(pictures[start : start + _PER_SHARD], start))


def write_all(folder: Path, count: int, side: int) -> float:
    """Write the same photos in each layout; returns how many bytes one has on average."""
    pictures = photos(count, side)
    write_loose(folder / "loose", pictures)
    for number, some in shards(pictures):
        write_tar(folder / f"tar/train-{number:05}.tar", some)
        write_parquet(folder / f"parquet/train-{number:05}.parquet", some)
    write_parquet(folder / "one_group/train.parquet", dict(enumerate(pictures)), group=count)
    return statistics.mean(map(len, pictures))


def speed(folder: Path, count: int, side: int, rounds: int, workers: int) -> dict[str, object]:
    size = write_all(folder, count, side)
    walls: dict[str, list[float]] = {name: [] for name in ("loose", "tar", "parquet", "one_group")}
    cpus: dict[str, list[float]] = {name: [] for name in walls}
    for _ in range(rounds):
        for name in walls:
            _, cpu, output = command([sys.executable, "-c", _MEASURE, str(folder / name), str(workers)], folder)
            measured, decoded, wall = output.split()[-3:]
            if int(measured) != count or int(decoded) != count:
                raise SystemExit(f"{name}: {measured} of {count} measured, {decoded} decoded\n{output}")
            walls[name].append(float(wall))
            cpus[name].append(cpu)
            print(f"{name}: {wall} s, CPU {cpu:.1f} s", file=sys.stderr, flush=True)
    best = {name: statistics.median(times) for name, times in walls.items()}
    cost = {name: statistics.median(times) for name, times in cpus.items()}
    return {
        "pictures": count,
        "bytes of a picture": round(size),
        "pictures a second": {name: round(count / wall, 1) for name, wall in best.items()},
        "speed over loose files": {name: round(best["loose"] / wall, 2) for name, wall in best.items()},
        "cpu ms a picture": {name: round(1e3 * cpu / count, 2) for name, cpu in cost.items()},
    }


def memory(folder: Path, gigabytes: float, side: int, kind: str, workers: int) -> dict[str, object]:
    """The peak of a run over shards of ``gigabytes`` in all."""
    pictures = photos(_PER_SHARD, side)
    size, number = 0, 0
    while size < gigabytes * 1e9:
        some = {number * _PER_SHARD + at: data + b"%d" % number for at, data in enumerate(pictures)}
        path = folder / f"train-{number:05}.{kind}"
        (write_tar if kind == "tar" else write_parquet)(path, some)
        size += path.stat().st_size
        number += 1
    arguments = [sys.executable, "-m", "pytest", "--clip-dataset", str(folder), "--clip-smoke", "off", "-q"]
    arguments += ["-k", "columns or decodable or resolution", *(["--clip-workers", str(workers)] if workers else [])]
    start = time.perf_counter()
    process = subprocess.Popen(arguments, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(pss, tree(process.pid))))
        time.sleep(0.2)
    assert process.stdout is not None
    output = process.stdout.read()
    measured = next((line for line in output.splitlines() if "images measured" in line), output[-500:])
    return {
        "shards": number,
        "gigabytes": round(size / 1e9, 2),
        "peak MB of all processes": peak >> 20,
        "seconds": round(time.perf_counter() - start, 1),
        "said": measured.strip(),
    }


def tree(pid: int) -> Iterator[int]:
    """A process and those that it started."""
    yield pid
    try:
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
    except OSError:  # it has ended meanwhile
        return
    for child in children:
        yield from tree(child)


def pss(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--side", type=int, default=1000, help="width and height of a photo in pixels")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--gigabytes", type=float, default=10)
    parser.add_argument("--workers", type=int, default=0, help="0: one for each CPU")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    figures: dict[str, object] = {"cpus": os.cpu_count(), "load before": [round(load, 1) for load in os.getloadavg()]}
    with tempfile.TemporaryDirectory() as folder:
        figures["speed"] = speed(Path(folder), asked.pictures, asked.side, asked.rounds, asked.workers)
    for kind in ("tar", "parquet") if asked.gigabytes else ():
        with tempfile.TemporaryDirectory() as folder:
            figures[f"memory of {kind}"] = memory(Path(folder), asked.gigabytes, asked.side, kind, asked.workers)
    text_of_figures = json.dumps(figures, indent=1)
    print(text_of_figures)
    if asked.json is not None:
        asked.json.write_text(text_of_figures)


if __name__ == "__main__":
    main()
