"""One peer of catalogue.py at its defaults, in an interpreter of its own: pairs of files that it calls the same.

PYTHON benchmarks/catalogue_peers.py NAME FOLDER OUT.json
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

Pairs = Iterator[tuple[str, str]]


def imagehash(folder: Path) -> Pairs:
    """Its 64-bit pHash, at most 10 bits apart."""
    import imagehash as library
    import numpy as np
    from PIL import Image

    names, codes = sorted(path.name for path in folder.iterdir()), []
    for name in names:
        with Image.open(folder / name) as picture:
            codes.append(int(str(library.phash(picture.convert("RGB"))), 16))
    values = np.array(codes, dtype=np.uint64)
    bits = np.unpackbits(values.view(np.uint8).reshape(-1, 8), axis=1)
    for i in range(len(bits)):
        for n in np.flatnonzero((bits[i + 1 :] != bits[i]).sum(axis=1) <= 10):
            yield names[i], names[i + 1 + int(n)]


def cleanvision(folder: Path) -> Pairs:
    """Its exact and near duplicates."""
    from cleanvision import Imagelab

    lab = Imagelab(data_path=str(folder), verbose=False)
    lab.find_issues({"exact_duplicates": {}, "near_duplicates": {}}, n_jobs=2, verbose=False)
    for kind in ("exact_duplicates", "near_duplicates"):
        for names in lab.info[kind]["sets"]:
            yield from combinations((Path(name).name for name in names), 2)


def fastdup(folder: Path) -> Pairs:
    """Its documented threshold of duplicates."""
    import fastdup as library

    with tempfile.TemporaryDirectory() as work:
        run = library.create(work_dir=work, input_dir=str(folder))
        run.run(ccthreshold=0.96, verbose=False, num_images=0)
        table = run.similarity()
    near = table[table["distance"] >= 0.96]
    for a, b in zip(near["filename_from"], near["filename_to"], strict=True):
        yield Path(a).name, Path(b).name


def imagededup(folder: Path) -> Pairs:
    """Its PHash, at most 10 bits apart."""
    from imagededup.methods import PHash

    found = PHash(verbose=False).find_duplicates(image_dir=str(folder), max_distance_threshold=10)
    yield from ((name, other) for name, others in found.items() for other in others if name < other)


PEERS: dict[str, Callable[[Path], Pairs]] = {
    "imagehash": imagehash,
    "cleanvision": cleanvision,
    "fastdup": fastdup,
    "imagededup": imagededup,
}

if __name__ == "__main__":
    pairs = sorted({(min(pair), max(pair)) for pair in PEERS[sys.argv[1]](Path(sys.argv[2]))})
    Path(sys.argv[3]).write_text(json.dumps(pairs))
