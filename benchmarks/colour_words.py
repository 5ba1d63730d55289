"""Can it be told that a picture does not show the colour that its text names? The review of a check `colour_words`.

    python benchmarks/colour_words.py FOLDER

Pictures of FOLDER name their colour at the end of the stem (``mh01-orange_main.jpg``). A named colour is missing if
fewer than a share of the foreground's pixels have it: hue within a tolerance of the word's own in CIELAB, and a chroma.
Foreground is what differs from the median of the border. Tolerance, chroma and share are tuned on half of the colours
and reported on the others. Prints Markdown.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: CSS named colours (W3C, CSS Color Module Level 4), where a name means the word as people use it.
HUES = {
    "red": (200, 20, 30), "orange": (255, 140, 0), "yellow": (240, 210, 30), "green": (30, 130, 50),
    "blue": (40, 70, 190), "purple": (128, 0, 128), "pink": (255, 120, 170), "brown": (139, 69, 19),
}  # fmt: skip
TUNED, REPORTED = ("blue", "yellow", "purple", "brown"), ("red", "green", "orange")


def lab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB 0..255 (n, 3) as CIELAB under D65."""
    linear = np.where(rgb / 255 <= 0.04045, rgb / 255 / 12.92, ((rgb / 255 + 0.055) / 1.055) ** 2.4)
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ matrix.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], axis=1)


def foreground(path: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Hue in degrees and chroma of the pixels that are not background."""
    with Image.open(path) as opened:
        pixels = np.asarray(opened.convert("RGB").resize((112, 112), Image.Resampling.BOX), dtype=np.float64)
    border = np.concatenate([pixels[:3].reshape(-1, 3), pixels[:, :3].reshape(-1, 3), pixels[:, -3:].reshape(-1, 3)])
    front = pixels.reshape(-1, 3)[np.abs(pixels - np.median(border, axis=0)).max(axis=2).ravel() > 24]
    values = lab(front)
    return np.degrees(np.arctan2(values[:, 2], values[:, 1])) % 360, np.hypot(values[:, 1], values[:, 2])


def shares(seen: tuple[NDArray[np.float64], NDArray[np.float64]], tolerance: float, chroma: float) -> dict[str, float]:
    hue, strength = seen
    found = {}
    for word, rgb in HUES.items():
        _, a, b = lab(np.array([rgb], dtype=np.float64))[0]
        apart = np.abs((hue - np.degrees(np.arctan2(b, a)) + 180) % 360 - 180)
        found[word] = float(((apart < tolerance) & (strength > chroma)).mean()) if len(hue) else 1.0
    return found


Counts = dict[str, tuple[int, int, int, int]]


def rates(tables: Iterable[tuple[str, dict[str, float]]], least: float, words: Iterable[str]) -> Counts:
    """By true colour: pictures, false alarms, exchanged names (every other word), those of them found."""
    by: Counts = {}
    for true, found in tables:
        if true in words:
            n, false, exchanged, told = by.get(true, (0, 0, 0, 0))
            others = [found[word] < least for word in HUES if word != true]
            by[true] = n + 1, false + (found[true] < least), exchanged + len(others), told + sum(others)
    return by


def total(by: Counts) -> tuple[float, float]:
    n, false, exchanged, told = (sum(column) for column in zip(*by.values(), strict=True))
    return false / n, told / exchanged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    named = [(match[1], path) for path in sorted(folder.iterdir()) if (match := re.search(r"-([a-z]+)_", path.name))]
    seen = [(word, foreground(path)) for word, path in named if word in HUES]
    best: tuple[bool, float, float, tuple[float, float, float]] | None = None
    for tolerance, chroma in product((15, 20, 25, 30, 40, 50), (5, 8, 12, 18, 25)):
        tables = [(word, shares(values, tolerance, chroma)) for word, values in seen]
        for least in (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2):
            false, told = total(rates(tables, least, TUNED))
            good = false <= 0.02
            rank = (good, told if good else -false, told, (tolerance, chroma, least))
            best = rank if best is None else max(best, rank)
    assert best is not None
    tolerance, chroma, least = best[3]
    print(f"hue within {tolerance} degrees, chroma over {chroma}, missing under {least:.1%} of the foreground\n")
    print("| colours | true colour | pictures | false | exchanged names found |\n|---|---|---|---|---|")
    tables = [(word, shares(values, tolerance, chroma)) for word, values in seen]
    for name, words in (("tuned on", TUNED), ("not tuned on", REPORTED)):
        by = rates(tables, least, words)
        for word, (n, false, exchanged, told) in by.items():
            print(f"| {name} | {word} | {n} | {false} | {told}/{exchanged} |")
        print("| {} | all | {} | {:.1%} | {:.1%} |".format(name, sum(n for n, *_ in by.values()), *total(by)))


if __name__ == "__main__":
    main()
