"""How fast: our measuring against the naive way, its floor and the peers; cold, warm, replayed and idle runs.

    python benchmarks/speed.py [--jpegs 1000] [--pngs 200] [--rounds 5] [--json FILE] [--peer NAME=PYTHON ...]

Makes its own seeded corpus (photo-like JPEGs of 1000x1000 and about 260 kB, PNGs with transparency, a train and a val
CSV with two rows a picture) and measures everything in one run, in turns; figures are medians. CPU is that of the whole
process tree. A peer is named with the Python of the environment in which it is installed, for instance
``--peer cleanvision=/tmp/peers/bin/python``; cleanvision, imagededup and fastdup are known.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import imagehash
from PIL import Image, ImageDraw

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

from drawings import photo_like  # noqa: E402

from pytest_clipdata.images.facts import Limits  # noqa: E402
from pytest_clipdata.images.measure import measure  # noqa: E402
from pytest_clipdata.images.visibility import REDUCED_SIDE  # noqa: E402
from pytest_clipdata.images.workers.pool import measure_all  # noqa: E402
from pytest_clipdata.reading.blob import Blob  # noqa: E402

PEERS = {
    "cleanvision": "from cleanvision import Imagelab; lab = Imagelab(data_path=DIR, verbose=False);"
    " lab.find_issues({'exact_duplicates': {}, 'near_duplicates': {}}, n_jobs=1, verbose=False)",
    "imagededup": "from imagededup.methods import PHash; PHash(verbose=False).find_duplicates("
    "image_dir=DIR, num_enc_workers=0, num_dist_workers=0)",
    "fastdup": "import fastdup, tempfile; fd = fastdup.create(tempfile.mkdtemp(), DIR); fd.run(num_threads=1)",
}


def corpus(folder: Path, jpegs: int, pngs: int) -> tuple[list[Path], list[Path]]:
    """The pictures and the CSVs, two rows a picture, four fifths in train.csv."""
    (folder / "images").mkdir()
    photos = [folder / "images" / f"{number:04}.jpg" for number in range(jpegs)]
    for number, path in enumerate(photos):
        photo_like(number).save(path, quality=86)
    cutouts = [folder / "images" / f"{number:04}.png" for number in range(pngs)]
    for number, path in enumerate(cutouts):
        picture = photo_like(10_000 + number, side=512)
        mask = Image.new("L", picture.size, 0)
        ImageDraw.Draw(mask).ellipse((40, 40, picture.width - 40, picture.height - 40), fill=255)
        picture.putalpha(mask)
        picture.save(path)
    rows = {"train.csv": ["image_path,text,label"], "val.csv": ["image_path,text,label"]}
    for number, path in enumerate([*photos, *cutouts]):
        for label in ("match", "mismatch"):
            text = f"seeded {label} caption of picture number {number} with seven words"
            rows["val.csv" if number % 5 == 0 else "train.csv"].append(f"images/{path.name},{text},{label}")
    for name, lines in rows.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return photos, cutouts


def naive(path: Path) -> None:
    data = path.read_bytes()
    hashlib.sha256(data).hexdigest()
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        imagehash.phash(picture)


def floor(path: Path) -> None:
    """Read, SHA-256 and Pillow's decode at reduced scale alone."""
    data = path.read_bytes()
    hashlib.sha256(data).hexdigest()
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("L", (REDUCED_SIDE, REDUCED_SIDE))
        picture.load()


def ours(path: Path) -> None:
    measure(Blob.of(path), Limits(), pixels=True)


def per_picture(paths: list[Path], ways: tuple[Callable[[Path], None], ...], rounds: int) -> dict[str, float]:
    """Median CPU milliseconds per picture of each way, in turns over the same files."""
    used: dict[str, list[float]] = {way.__name__: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            start = time.process_time()
            for path in paths:
                way(path)
            used[way.__name__].append(1e3 * (time.process_time() - start) / len(paths))
    return {name: round(statistics.median(times), 2) for name, times in used.items()}


def command(arguments: list[str], folder: Path) -> tuple[float, float, str]:
    """Wall and CPU seconds of a command with all its children, and its output; Python keeps what it compiles."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, env=environment)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, done.stdout + done.stderr


def peers(folder: Path, count: int, pythons: dict[str, str], rounds: int) -> dict[str, float]:
    """CPU milliseconds per picture of each peer, beyond its import."""
    found = {}
    for name, python in pythons.items():
        whole, start_up = [], []
        for _ in range(rounds):
            code = PEERS[name].replace("DIR", repr(str(folder / "jpegs")))
            _, cpu, output = command([python, "-c", f"if __name__ == '__main__':\n  {code}"], folder)
            whole.append(cpu)
            start_up.append(command([python, "-c", code.split(";")[0]], folder)[1])
            if "Traceback" in output:
                print(f"{name}: {output[-400:]}", file=sys.stderr)
        found[name] = round(1e3 * (statistics.median(whole) - statistics.median(start_up)) / count, 1)
    return found


def wall_of_measuring(paths: list[Path], workers: int) -> float:
    start = time.perf_counter()
    with measure_all([Blob.of(path) for path in paths], pixels=True, limits=Limits(), workers=workers) as measuring:
        for _ in measuring:
            pass
    return time.perf_counter() - start


def runs(folder: Path, paths: list[Path], rounds: int) -> dict[str, object]:
    """Cold, replayed and partly changed runs of the plugin; and what it costs a run without data."""
    python = [sys.executable, "-m", "pytest"]
    data = [*python, "--clip-dataset", ".", "--clip-smoke", "off", "-q", "-p", "no:randomly"]
    time.sleep(2.5)  # younger files are not trusted by their times
    cold, _, output = command(data, folder)
    measured = re.findall(r"([\d,]+) images? measured", output)
    bare, second, stats = [], [], []
    for _ in range(rounds):
        bare.append(command([*python, "--version"], folder)[0])
        start = time.perf_counter()
        for path in paths:
            path.stat()
        stats.append(time.perf_counter() - start)
        wall, _, output = command(data, folder)
        second.append(wall)
    replayed = "verdicts from the cache" in output
    paths[0].write_bytes(paths[0].read_bytes() + b"\0")
    old = time.time() - 10
    os.utime(paths[0], (old, old))
    time.sleep(2.5)
    changed = re.findall(r"([\d,]+) images? measured", command(data, folder)[2])
    base = statistics.median(bare) + statistics.median(stats)
    empty = folder / "empty"
    empty.mkdir(exist_ok=True)
    with_plugin, without = [], []
    for _ in range(2 * rounds):
        with_plugin.append(command([*python, "--co", "-q"], empty)[0])
        without.append(command([*python, "--co", "-q", "-p", "no:clipdata"], empty)[0])
    return {
        "cold_wall_s": round(cold, 2),
        "cold_measured": measured,
        "replay_wall_s": round(statistics.median(second), 3),
        "replayed": replayed,
        "version_plus_stat_s": round(base, 3),
        "replay / (version + stat)": round(statistics.median(second) / base, 2),
        "one_changed_measured": changed,
        "plugin_idle_ms": round(1e3 * (statistics.median(with_plugin) - statistics.median(without)), 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jpegs", type=int, default=1000)
    parser.add_argument("--pngs", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PYTHON")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photos, cutouts = corpus(folder, asked.jpegs, asked.pngs)
        (folder / "jpegs").mkdir()
        for path in photos:
            (folder / "jpegs" / path.name).hardlink_to(path)
        sample = photos[:: max(1, len(photos) // 100)]
        cpu = per_picture(sample, (naive, floor, ours), asked.rounds)
        png = per_picture(cutouts[::4] or photos[:1], (naive, ours), asked.rounds)
        peer = peers(folder, len(photos), dict(entry.split("=", 1) for entry in asked.peer), min(asked.rounds, 3))
        walls = {n: [wall_of_measuring(photos, n) for _ in range(min(asked.rounds, 3))] for n in (1, 2)}
        table: dict[str, object] = {
            "picture_kB": round(sum(path.stat().st_size for path in photos) / len(photos) / 1e3),
            "CPU ms per JPEG": cpu,
            "ours / naive": round(cpu["ours"] / cpu["naive"], 3),
            "ours / floor": round(cpu["ours"] / cpu["floor"], 3),
            "CPU ms per PNG": png,
            "PNG ours / naive": round(png["ours"] / png["naive"], 3),
            "CPU ms per JPEG, peers": peer,
            **{f"ours / {name}": round(cpu["ours"] / value, 3) for name, value in peer.items()},
            "wall, 2 workers / 1": round(statistics.median(walls[2]) / statistics.median(walls[1]), 3),
            **runs(folder, [*photos, *cutouts], asked.rounds),
        }
    for key, value in table.items():
        print(f"{key:30} {value}")
    if asked.json:
        asked.json.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
