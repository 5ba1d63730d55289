"""How much memory the process that pytest runs in takes for rows, a fifth of them bad, by engine.

    python benchmarks/spark_rows.py [--rows N] [--engines local,spark] [--master local[2]]

Prints the peak (``VmHWM``) of that one process: neither of the workers that decode nor of Spark's Java. Says whether
``findings.json`` of all engines is the same to the byte.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from million_rows import COLOURS, THINGS, draw

IMAGES = 100


def write_csv(path: Path, names: list[str], rows: int) -> None:
    """Rows of which every fifth is bad: half of these have a text of one word, the others a file that is missing."""
    r = random.Random(0)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image_path", "text", "label"])
        for number in range(rows):
            text = f"{r.choice(COLOURS)} cotton {r.choice(THINGS)} number {number} with {r.choice(COLOURS)} stitching"
            name = r.choice(names)
            if number % 5 == 0:
                text, name = (f"{r.choice(THINGS)}", name) if number % 2 else (text, f"images/lost-{number}.jpg")
            writer.writerow([name, text, r.choice(["match", "mismatch"])])


def peak(command: list[str], folder: Path) -> tuple[float, float, str]:
    """Peak memory in GB of the process itself, wall seconds and output of a command."""
    start, highest = time.perf_counter(), 0
    with tempfile.TemporaryFile("w+") as told:
        process = subprocess.Popen(
            command, cwd=folder, stdout=told, stderr=subprocess.STDOUT, env=os.environ | {"CI": "1"}
        )
        while process.poll() is None:
            try:
                status = Path(f"/proc/{process.pid}/status").read_text()
            except OSError:  # it has just ended
                break
            highest = max([highest, *map(int, re.findall(r"VmHWM:\s+(\d+) kB", status))])
            time.sleep(0.05)
        process.wait()
        told.seek(0)
        return highest / 1e6, time.perf_counter() - start, told.read()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--engines", default="local,spark")
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--report", action="store_true", help="write reports too, and compare findings.json")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "images").mkdir()
        write_csv(folder / "train.csv", draw(folder, IMAGES), asked.rows)
        told = set()
        for engine in asked.engines.split(","):
            command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--clip-dataset", ".", "-q"]
            command += ["--clip-smoke", "off", "--clip-engine", engine, "--tb", "line"]
            command += ["--clip-set", f"engine.master={asked.master}"] if engine == "spark" else []
            command += ["--clip-report", f"{name}-{engine}"] if asked.report else []
            gigabytes, seconds, output = peak(command, folder)
            print(f"{engine:6} {asked.rows:,} rows: peak {gigabytes:.2f} GB, {seconds:.0f} s", flush=True)
            print("       " + "\n       ".join(output.strip().splitlines()[-8:]), flush=True)
            if asked.report:
                told.add(Path(f"{name}-{engine}", "findings.json").read_bytes())
        if asked.report:
            print("findings.json is the same" if len(told) == 1 else "findings.json differs")


if __name__ == "__main__":
    main()
