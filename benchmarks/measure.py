"""CPU per picture of ``measure`` against the naive way and against the floor, on photo-like JPEGs made here.

    python benchmarks/measure.py [--pictures 60]

Naive: ``Image.open().load()``, ``imagehash.phash``, SHA-256. Floor: read, SHA-256 and a decode at reduced scale alone.
All three take turns on the same files; each figure is the median of 5 rounds.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import imagehash
from PIL import Image

sys.path[:0] = [str(Path(__file__).resolve().parent), str(Path(__file__).resolve().parent.parent)]

from drawings import photo_like  # noqa: E402

from pytest_clipdata.images.facts import Limits  # noqa: E402
from pytest_clipdata.images.measure import REDUCED_SIDE, measure  # noqa: E402


def naive(path: Path) -> None:
    data = path.read_bytes()
    hashlib.sha256(data).hexdigest()
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        imagehash.phash(picture)


def floor(path: Path) -> None:
    data = path.read_bytes()
    hashlib.sha256(data).hexdigest()
    with Image.open(io.BytesIO(data)) as picture:
        picture.draft("L", (REDUCED_SIDE, REDUCED_SIDE))
        picture.load()


def ours(path: Path) -> None:
    measure(path, Limits(), pixels=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=60)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / f"{number}.jpg" for number in range(args.pictures)]
        for number, path in enumerate(paths):
            photo_like(number).save(path, quality=86)
        size = sum(path.stat().st_size for path in paths) / len(paths) / 1e3
        used: dict[str, list[float]] = {}
        ways: tuple[Callable[[Path], None], ...] = (naive, floor, ours)
        for _ in range(5):
            for way in ways:
                start = time.process_time()
                for path in paths:
                    way(path)
                used.setdefault(way.__name__, []).append(1e3 * (time.process_time() - start) / len(paths))
    median = {name: statistics.median(times) for name, times in used.items()}
    print(f"{args.pictures} JPEGs of 1000x1000, {size:.0f} kB on average; CPU ms per picture")
    for name, value in median.items():
        print(f"  {name:8s}{value:8.2f}")
    print(f"ours / naive {median['ours'] / median['naive']:.3f} (to reach 0.40)")
    print(f"ours / floor {median['ours'] / median['floor']:.3f} (to reach 1.35)")


if __name__ == "__main__":
    main()
