"""Load: many small images and many rows through the whole tool; does it stay flat, and does Ctrl-C lose anything?

    python benchmarks/load.py [--images 100000] [--rows 1000000] [--workers N] [--least 224] [--most 224]

Three runs of ``pytest --clip-dataset`` over one dataset with one cache, each a process of its own: one interrupted by
SIGINT after a third of the pictures' time, one that goes on from there to the end, one over unchanged data. Reported:
time, what was measured and what was known, peak memory of pytest and of all its processes, the most open files, and
the slope of memory in images while measuring (least squares over the second half of them, when all imports are done;
Linux's /proc).
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

COLOURS = ["red", "blue", "green", "black", "white", "navy", "teal", "olive", "purple", "orange"]
THINGS = ["shirt", "dress", "jacket", "skirt", "mug", "chair", "lamp", "bottle", "shoe", "hat"]


def draw(folder: Path, count: int, least: int, most: int) -> None:
    """Seeded square JPEGs with sides of ``least`` to ``most`` pixels: coloured polygons, no two alike."""
    folder.mkdir()
    for number in range(count):
        r = random.Random(number)
        side = r.randint(least, most)
        image = Image.new("RGB", (side, side), tuple(r.randrange(150, 256) for _ in range(3)))
        pen = ImageDraw.Draw(image)
        for _ in range(6):
            corners = [(r.randrange(side), r.randrange(side)) for _ in range(3)]
            pen.polygon(corners, fill=tuple(r.randrange(256) for _ in range(3)))
        out = io.BytesIO()
        image.save(out, "jpeg", quality=80)
        (folder / f"{number}.jpg").write_bytes(out.getvalue())


def write_rows(folder: Path, count: int, images: int) -> None:
    for name, start, end in (("train", 0, count * 8 // 10), ("val", count * 8 // 10, count)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["image_path", "text", "label"])
            own = range(images * 8 // 10) if name == "train" else range(images * 8 // 10, images)
            for number in range(start, end):
                r = random.Random(-number)
                text = f"{r.choice(COLOURS)} {r.choice(THINGS)} with article number {number}"
                rows.writerow([f"images/{own[number % len(own)]}.jpg", text, ("match", "mismatch")[number % 2]])


def known(cache: Path) -> int:
    """Entries in the cache so far: two for each image."""
    try:
        with sqlite3.connect(f"file:{cache / 'clipdata.sqlite3'}?mode=ro", uri=True, timeout=0.2) as store:
            (table,) = store.execute("select name from sqlite_master where type = 'table' limit 1").fetchone()
            return int(store.execute(f"select count(*) from {table}").fetchone()[0])
    except (sqlite3.Error, TypeError):
        return 0


def family(pid: int) -> list[int]:
    """The process and its children."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        tasks = [Path(f"/proc/{pid}/task/{task}/children") for task in os.listdir(f"/proc/{pid}/task")]  # noqa: PTH208
        children += [child for task in tasks for child in task.read_text().split()]
    except OSError:
        return [pid]
    return [pid, *map(int, dict.fromkeys(children))]


def sample(pid: int) -> tuple[float, float, int]:
    """MiB of pytest, MiB of it and its workers, and open files of all."""
    sizes, files = [], 0
    for member in family(pid):
        try:
            sizes.append(int(Path(f"/proc/{member}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20)
            files += len(os.listdir(f"/proc/{member}/fd"))  # noqa: PTH208
        except OSError:
            continue
    return (sizes[0] if sizes else 0.0), sum(sizes), files


def run(folder: Path, workers: int | None, interrupt_at: int | None) -> str:
    cache = folder / "kept"
    arguments = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--tb=no", "--clip-dataset=data"]
    arguments += ["--clip-smoke=off", f"--clip-cache={cache}", *([f"--clip-workers={workers}"] if workers else [])]
    before, samples, sent = known(cache), [], None
    started = time.monotonic()
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(arguments, cwd=folder, stdout=log, stderr=log, env=os.environ | {"CI": "1"})
        while process.poll() is None:
            time.sleep(0.25)
            entries = known(cache) - before
            samples.append((entries / 2, *sample(process.pid)))
            if interrupt_at is not None and entries / 2 > interrupt_at and sent is None:
                process.send_signal(signal.SIGINT)
                sent = time.monotonic()
    seconds = time.monotonic() - started
    effort = re.search(r"data: (.*)", (folder / "log").read_text(errors="replace"))
    table = np.array(samples[:-1] or [(0, 0, 0, 0)])
    done = table[:, 0]
    rising = (done > 0.5 * done.max()) & (done < 0.98 * done.max())
    slope = np.polyfit(done[rising], table[rising, 1], 1)[0] * 1024 if rising.sum() > 4 and not sent else float("nan")
    stopped = f", ended {time.monotonic() - sent:.1f} s after SIGINT" if sent else ""
    memory = "" if np.isnan(slope) else f", {slope:.2f} KiB an image while measuring"
    return (
        f"exit {process.returncode}, {seconds:.1f} s{stopped}; {effort.group(1) if effort else 'no summary'}; "
        f"peak {table[:, 1].max():.0f} MiB, with workers {table[:, 2].max():.0f} MiB, "
        f"{table[:, 3].max():.0f} open files{memory}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--least", type=int, default=224, metavar="PIXELS")
    parser.add_argument("--most", type=int, default=224, metavar="PIXELS")
    asked = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job inherits that it is ignored
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        (folder / "pytest.ini").write_text("[pytest]\n")
        draw(folder / "data" / "images", asked.images, asked.least, asked.most)
        write_rows(folder / "data", asked.rows, asked.images)
        print(f"{asked.images:,} images, {asked.rows:,} rows")
        time.sleep(2.5)  # younger files are hashed again
        print("interrupted:", run(folder, asked.workers, asked.images // 3))
        print("  in the cache:", f"{known(folder / 'kept') // 2:,} images")
        print("resumed:    ", run(folder, asked.workers, None))
        print("unchanged:  ", run(folder, asked.workers, None))


if __name__ == "__main__":
    main()
