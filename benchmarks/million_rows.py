"""1,000,000 rows over 2,000 pictures: time, rows/s and peak memory, against Great Expectations itself.

    python benchmarks/million_rows.py [--rows N] [--images N]

Peak memory is that of the largest process (``ru_maxrss``); decoding workers are small beside it.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image, ImageDraw

COLOURS = ["red", "blue", "green", "black", "white", "navy", "teal", "olive", "purple", "orange"]
THINGS = ["shirt", "dress", "jacket", "skirt", "mug", "chair", "lamp", "bottle", "shoe", "hat"]


def draw(folder: Path, count: int) -> list[str]:
    """Seeded pictures of 256x256: coloured polygons, no two alike."""
    names = []
    for number in range(count):
        r = random.Random(number)
        image = Image.new("RGB", (256, 256), tuple(r.randrange(200, 256) for _ in range(3)))
        pen = ImageDraw.Draw(image)
        for _ in range(14):
            corners = [(r.randrange(256), r.randrange(256)) for _ in range(3)]
            pen.polygon(corners, fill=tuple(r.randrange(256) for _ in range(3)))
        names.append(f"images/{number}.jpg")
        image.save(folder / names[-1], quality=88)
    return names


def write_csv(path: Path, names: list[str], rows: int) -> None:
    r = random.Random(0)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["image_path", "text", "label"])
        for number in range(rows):
            text = f"{r.choice(COLOURS)} cotton {r.choice(THINGS)} number {number} with {r.choice(COLOURS)} stitching"
            writer.writerow([r.choice(names), text, ("match", "mismatch")[number % 2]])


def measured(arguments: list[str], folder: Path) -> tuple[float, float, str]:
    """Wall seconds, peak memory in GB and output of a command."""
    code = "import sys,subprocess,resource;p=subprocess.run(sys.argv[1:]);"
    code += "print('PEAK',resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss);sys.exit(p.returncode)"
    start = time.perf_counter()
    watched = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(watched, cwd=folder, capture_output=True, text=True, env={**os.environ, "CI": "1"})
    peak = int(re.findall(r"PEAK (\d+)", done.stdout)[-1]) / 1e6
    return time.perf_counter() - start, peak, done.stdout + done.stderr


GREAT_EXPECTATIONS = """
import json, sys, time, pandas as pd
start = time.perf_counter()
import great_expectations as gx
print("IMPORT", time.perf_counter() - start)
facts = pd.read_parquet(sys.argv[1] + "/facts.parquet")
text = open(sys.argv[1] + "/train.csv/suite.json").read()
suite = gx.ExpectationSuite(**json.loads(text))
facts.index = pd.Index(facts["line"].to_numpy())
used = {c for c in facts.columns if '"' + c + '"' in text}
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = {"globally": False}
batch = context.data_sources.add_pandas("p").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
start = time.perf_counter()
batch = batch.get_batch({"dataframe": facts[[c for c in facts.columns if c in used]]})
batch.validate(suite, result_format={"result_format": "COMPLETE", "return_unexpected_index_query": False})
print("SECONDS", time.perf_counter() - start)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--images", type=int, default=2_000)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "images").mkdir()
        write_csv(folder / "train.csv", draw(folder, asked.images), asked.rows)
        time.sleep(2.5)  # younger files are not trusted by their times
        run = [sys.executable, "-m", "pytest", "--clip-dataset", ".", "--clip-smoke", "off", "-q"]
        table = {}
        for label, extra in (
            ("cold, with report", ["--clip-report", "report"]),
            ("cold verdict", ["--clip-set", "row_count.min=99"]),
            ("replay", ["--clip-set", "row_count.min=99"]),
        ):
            wall, peak, output = measured([*run, *extra], folder)
            table[label] = {"wall_s": round(wall, 1), "rows_per_s": round(asked.rows / wall), "peak_GB": round(peak, 2)}
            print(f"{label:18}", table[label], output.strip().splitlines()[-2:], flush=True)
        _, _, output = measured([sys.executable, "-c", GREAT_EXPECTATIONS, "report"], folder)
        found = [float(seconds) for seconds in re.findall(r"(?:IMPORT|SECONDS) ([\d.]+)", output)]
        if len(found) != 2:
            raise SystemExit(output[-500:])
        table["Great Expectations alone"] = {"import_s": round(found[0], 1), "validate_s": round(found[1], 1)}
        table["ours / Great Expectations, imports included"] = round(table["cold verdict"]["wall_s"] / sum(found), 2)
        print(json.dumps(table, indent=1))


if __name__ == "__main__":
    main()
