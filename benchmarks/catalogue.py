"""How often different pictures of a catalogue are called the same, and how well copies of them are found.

    python benchmarks/catalogue.py FOLDER... [--copies 60] [--half tuned|held-out] [--peer NAME=PYTHON ...]
                                   [--sizes 1500 3000 6000] [--look-alikes 20000] [--montage FILE] [--json FILE]

Every picture of a folder is another product, or another colour of one: the negatives. Of two that are called the same
the truth is told by their pixels: at 256x256, means of 8x8 pixels, RGB; if no mean differs by 14 levels or more,
upright or mirrored, they are twins, else the pictures are false alarms. Copies of a seeded sample are the positives:
one of each kind, compared with its original. P5 is the precision if 5 % of a set were copies: .05 recall / (.05 recall
+ .95 false alarms), over the nine ``MAIN`` kinds. ``--half`` takes the pictures whose name's SHA-256 is even or odd.
Seconds are CPU of all processes; of a whole run with its start-up, as peers are measured, for originals and copies
together. A peer (``catalogue_peers.py``) runs in the interpreter that is named for it.

``--look-alikes`` makes so many pictures of those of each folder by small changes of hue and crop, and times search and
looks for a fourth of them and for all.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from catalogue_peers import PEERS  # noqa: E402
from copies import KINDS, MAIN, copy, crop, opened  # noqa: E402

from pytest_clipdata.images.facts import ImageFacts, Limits  # noqa: E402
from pytest_clipdata.images.workers.pool import measure_all  # noqa: E402
from pytest_clipdata.reading.blob import Blob  # noqa: E402
from pytest_clipdata.running.engines.looks import LocalLooks  # noqa: E402
from pytest_clipdata.running.memory.cache import Cache  # noqa: E402
from pytest_clipdata.similarity.match import SamePicture  # noqa: E402

TWIN = 14.0  #: levels
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif"}
Ids = tuple[int, int]
Key = tuple[str, int]  #: kind of a copy, number of its original


def pictures(folder: Path, half: str | None) -> list[Path]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
    if half is None:
        return paths
    return [path for path in paths if (hashlib.sha256(path.name.encode()).digest()[0] % 2 == 0) == (half == "tuned")]


def is_twin(a: Path, b: Path) -> bool:
    means = []
    for path in (a, b):
        small = np.asarray(opened(path).resize((256, 256), Image.Resampling.LANCZOS), dtype=np.float32)
        means.append(small.reshape(32, 8, 32, 8, 3).mean(axis=(1, 3)))
    return min(float(np.abs(means[0] - other).max()) for other in (means[1], means[1][:, ::-1])) < TWIN


def used() -> float:
    """CPU seconds of this process and those that it waited for."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in spent)


def measured(paths: list[Path]) -> list[ImageFacts]:
    """The facts of pictures; the SHA-256 stands for the file's name, so that equal files stay two."""
    facts: dict[int, ImageFacts] = {}
    with measure_all([Blob.of(path) for path in paths], pixels=True, limits=Limits(), workers=2) as measuring:
        facts.update(measuring)
    return [replace(facts[n], sha256=str(n)) for n in range(len(paths))]


class Ours:
    def __init__(self, paths: list[Path], facts: list[ImageFacts]) -> None:
        self._facts, self._cache = facts, Cache(None)
        blobs = {str(n): Blob.of(path) for n, path in enumerate(paths)}
        self._looks = LocalLooks(blobs, SamePicture(), Limits(), self._cache.looks, 2)

    def near(self, some: list[int]) -> list[Ids]:
        found = self._looks.near([self._facts[n] for n in some])
        return sorted((some[i], some[j]) for i, others in found.items() for j in others if i < j)

    def same(self, pairs: list[Ids]) -> list[Ids]:
        said = self._looks.look([(self._facts[i], self._facts[j]) for i, j in pairs])
        return [pair for pair, copied in zip(pairs, said, strict=True) if copied is not None]


def ours(paths: list[Path], keys: dict[int, Key]) -> tuple[list[Ids], set[Key]]:
    """(pairs of originals called the same; copies found); ``keys`` tells which of the files are copies."""
    mine = Ours(paths, measured(paths))
    originals = [n for n in range(len(paths)) if n not in keys]
    same = mine.same(mine.near(originals))
    pairs = [(original, n) for n, (_, original) in keys.items()]
    near: set[Ids] = set()
    for kind in KINDS:
        near |= set(mine.near(originals + [n for n, key in keys.items() if key[0] == kind]))
    return same, {keys[n] for _, n in mine.same([pair for pair in pairs if pair in near])}


def whole_run(command: list[str]) -> tuple[float, float]:
    """(CPU seconds, seconds) of a process and its children."""
    before, start = used(), time.perf_counter()
    done = subprocess.run(command, capture_output=True, env=os.environ | {"PYTHONPATH": str(HERE.parent)})
    if done.returncode not in (0, 1):  # 1: findings
        raise RuntimeError(done.stderr.decode()[-400:])
    return used() - before, time.perf_counter() - start


def our_run(paths: list[Path]) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as name:
        table = Path(name) / "train.csv"
        with table.open("w", newline="") as file:
            csv.writer(file).writerows([("image_path", "text", "label"), *((p, "a picture", "match") for p in paths)])
        only = [sys.executable, "-m", "pytest", "-q", "--clip-dataset", str(table), "-k", "duplicate_images"]
        return whole_run([*only, "-p", "no:cacheprovider", "--rootdir", name, "--clip-cache", f"{name}/cache"])


def peer(name: str, python: str, folder: Path, numbers: dict[str, int]) -> tuple[list[Ids], float, float]:
    """(pairs of files called the same, CPU seconds, seconds)."""
    with tempfile.TemporaryDirectory() as out:
        cpu, wall = whole_run([python, str(HERE / "catalogue_peers.py"), name, str(folder), f"{out}/pairs.json"])
        pairs = json.loads(Path(f"{out}/pairs.json").read_text())
    return [(numbers[a], numbers[b]) for a, b in pairs], cpu, wall


def growth(paths: list[Path], facts: list[ImageFacts], sizes: list[int]) -> None:
    for size in sizes:
        mine = Ours(paths, facts)
        start, began = used(), time.perf_counter()
        near = mine.near(list(range(size)))
        searched = used()
        same = mine.same(near)
        print(
            f"  {size}: search {searched - start:.1f} s, {len(near)} looks {used() - searched:.1f} s of CPU; together"
            f" {time.perf_counter() - began:.1f} s on the clock; {len(same)} pairs are the same"
        )


def look_alikes(files: list[Path], count: int, folder: Path) -> list[Path]:
    """Pictures of the files, the first of each as it is, the others with another hue and slightly cropped."""
    rng, made = np.random.default_rng(5), []
    for n in range(count):
        picture = opened(files[n % len(files)])
        if n >= len(files):
            hue, saturation, value = picture.convert("HSV").split()
            by = int(rng.integers(10, 240))
            turned = hue.point([(level + by) % 256 for level in range(256)])
            picture = Image.merge("HSV", (turned, saturation, value)).convert("RGB")
            picture = crop(picture, *rng.uniform(0, 0.03, 4))
        made.append(folder / f"{n:06d}.jpg")
        picture.save(made[-1], quality=92)
    return [made[n] for n in rng.permutation(count)]


def report(name: str, files: list[Path], same: list[Ids], found: set[Key], sampled: int) -> dict[str, float]:
    wrong = [pair for pair in same if not is_twin(files[pair[0]], files[pair[1]])]
    alarms = 1000 * len({n for pair in wrong for n in pair}) / len(files)
    recall = {kind: sum(key[0] == kind for key in found) / sampled for kind in KINDS}
    main = float(np.mean([recall[kind] for kind in MAIN]))
    p5 = 0.05 * main / max(1e-9, 0.05 * main + 0.95 * alarms / 1000)
    print(f"  {name}: false alarms per 1,000 {alarms:.2f} ({len(same)} pairs, {len(wrong)} false)")
    print(f"    recall {main:.3f}, P5 {p5:.3f}; " + ", ".join(f"{kind} {value:.3f}" for kind, value in recall.items()))
    return {"alarms": alarms, "recall": main, "P5": p5} | recall


def montage(files: list[Path], same: list[Ids], out: Path) -> None:
    """Pairs called the same, side by side, to be looked at; a red bar beside those that are no twins."""
    columns, shown = 8, same[:160]
    sheet = Image.new("RGB", (columns * 212, max(1, -(-len(shown) // columns)) * 130), "grey")
    for n, pair in enumerate(shown):
        left, top = (n % columns) * 212, (n // columns) * 130
        for side, number in enumerate(pair):
            small = opened(files[number])
            small.thumbnail((100, 125))
            sheet.paste(small, (left + 6 + side * 102, top))
        if not is_twin(files[pair[0]], files[pair[1]]):
            sheet.paste("red", (left, top, left + 5, top + 125))
    sheet.save(out)


def judged(folder: Path, args: argparse.Namespace) -> dict[str, dict[str, float]]:
    files = pictures(folder, args.half)
    print(f"{folder.name}: {len(files)} pictures {args.half or ''}", flush=True)
    chosen = np.random.default_rng(14).permutation(len(files))[: args.copies].tolist()
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(name) / f"o{n:06d}{path.suffix}" for n, path in enumerate(files)]
        for path, file in zip(paths, files, strict=True):
            path.write_bytes(file.read_bytes())
        keys: dict[int, Key] = {}
        for n in chosen:
            picture = opened(files[n])
            for number, kind in enumerate(KINDS):
                keys[len(paths)] = kind, n
                paths.append(Path(name) / f"c{n:06d}-{number:02d}{'.webp' if kind == 'webp' else '.jpg'}")
                paths[-1].write_bytes(copy(kind, picture, files[n].name))
        same, found = ours(paths, keys)
        figures = {"ours": report("ours", files, same, found, len(chosen))}
        if args.montage:
            montage(files, same, args.montage)
        numbers = {path.name: n for n, path in enumerate(paths)}
        for each in args.peer:
            peer_name, _, python = each.partition("=")
            pairs, cpu, wall = peer(peer_name, python, Path(name), numbers)
            same = [pair for pair in pairs if not keys.keys() & set(pair)]
            found = {keys[b] for a, b in map(sorted, pairs) if b in keys and keys[b][1] == a}
            figures[peer_name] = report(peer_name, files, same, found, len(chosen)) | {"cpu": cpu, "wall": wall}
            print(f"    whole run of {len(paths)} files: {cpu:.1f} s of CPU, {wall:.1f} s on the clock", flush=True)
        if args.peer:
            cpu, wall = our_run(paths)
            figures["ours"] |= {"cpu": cpu, "wall": wall}
            print(f"  ours: whole run of {len(paths)} files: {cpu:.1f} s of CPU, {wall:.1f} s on the clock", flush=True)
        if args.sizes:
            some = paths[: max(args.sizes)]
            growth(some, measured(some), args.sizes)
        if args.look_alikes:
            made = look_alikes(files, args.look_alikes, Path(name))
            growth(made, measured(made), [args.look_alikes // 4, args.look_alikes])
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--copies", type=int, default=60, help="pictures of a folder that copies are made of")
    parser.add_argument("--half", choices=("tuned", "held-out"))
    parser.add_argument("--peer", action="append", default=[], help=f"NAME=PYTHON, NAME one of {', '.join(PEERS)}")
    parser.add_argument("--sizes", type=int, nargs="*", default=[], help="numbers of pictures to time")
    parser.add_argument("--look-alikes", type=int, default=0)
    parser.add_argument("--montage", type=Path, help="write the pairs of the last folder that are called the same here")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    figures = {folder.name: judged(folder, args) for folder in args.folders}
    if args.json:
        args.json.write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
