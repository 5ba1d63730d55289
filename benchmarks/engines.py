"""What ``local[2]`` of Spark costs beside the local engine, in one run: wall and CPU of both, and their ratios.

    python benchmarks/engines.py [--pictures N] [--rows N] [--master local[2]] [--folder KEPT]

Pictures are drawn with seeds, about 400 px; rows name them at random. Both engines start cold, with nothing remembered,
and the CPU is that of a run with all that it started (Linux: whose parent goes first is counted too). The two
``findings.json`` must be the same. For the cost of a row from 1M to 4M rows run it twice with the same ``--folder``.
"""

from __future__ import annotations

import argparse
import csv
import ctypes
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageDraw

ENGINES = ("local", "spark")
COLOURS = ("red", "blue", "green", "black", "white", "navy", "teal", "olive", "purple", "orange")
THINGS = ("shirt", "dress", "jacket", "skirt", "mug", "chair", "lamp", "bottle", "shoe", "hat")
_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER


def draw(folder: Path, count: int) -> list[str]:
    """Seeded pictures of some 400 x 400: shapes on a ramp, no two alike. Those that are there are kept."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    names = [f"images/{number}.jpg" for number in range(count)]
    for number, name in enumerate(names):
        if (folder / name).exists():
            continue
        r = random.Random(number)
        width, height = r.randrange(360, 440), r.randrange(360, 440)
        picture = Image.linear_gradient("L").resize((width, height)).convert("RGB")
        pen = ImageDraw.Draw(picture)
        for _ in range(20):
            corners = [(r.randrange(width), r.randrange(height)) for _ in range(3)]
            pen.polygon(corners, fill=tuple(r.randrange(256) for _ in range(3)))
        picture.save(folder / name, quality=88)
    return names


def write(folder: Path, names: list[str], rows: int) -> None:
    r = random.Random(0)
    with (folder / "train.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image_path", "text", "label"])
        for number in range(rows):
            text = f"{r.choice(COLOURS)} cotton {r.choice(THINGS)} number {number} with {r.choice(COLOURS)} stitching"
            name = names[number] if number < len(names) else r.choice(names)
            writer.writerow([name, text, ("match", "mismatch")[number % 2]])


def costs(folder: Path, engine: str, master: str) -> tuple[float, float, bytes]:
    """Wall and CPU seconds of a cold run, and its ``findings.json``."""
    out = folder / f"report-{engine}"
    command = [sys.executable, "-m", "pytest", "-q", "--disable-plugin-autoload", "-p", "pytest_clipdata.plugin"]
    command += ["--clip-dataset=data", "-p", "no:cacheprovider", "--clip-smoke=off", f"--clip-engine={engine}"]
    command += [f"--clip-set=engine.master={master}", f"--clip-report={out}"]
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    wall = time.perf_counter() - start
    if done.returncode not in (0, 1):
        sys.exit(done.stdout + done.stderr)
    end = time.monotonic() + 20
    while time.monotonic() < end:  # what outlived its parent: the Pythons of executors, for a moment
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.1)
        except ChildProcessError:
            break
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return wall, cpu, (out / "findings.json").read_bytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=3_000)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    with tempfile.TemporaryDirectory(prefix="clipdata-") as temporary:
        folder = asked.folder or Path(temporary)
        write(folder / "data", draw(folder / "data", asked.pictures), asked.rows)
        print(f"{asked.pictures:,} pictures, {asked.rows:,} rows, {os.cpu_count()} cores")
        found = {}
        for engine in ENGINES:
            found[engine] = costs(folder, engine, asked.master)
            print(f"{engine:5}  wall {found[engine][0]:7.1f} s  cpu {found[engine][1]:7.1f} s", flush=True)
        (wall, cpu, here), (spark_wall, spark_cpu, there) = found["local"], found["spark"]
        print(f"ratio  wall {spark_wall / wall:7.2f}    cpu {spark_cpu / cpu:7.2f}")
        print("findings.json is the same" if here == there else "findings.json DIFFERS")
        sys.exit(here != there)


if __name__ == "__main__":
    main()
