"""Near pairs among a million hashes: 10 % copies with 1 to 10 bits flipped, one hash shared by a tenth of the pictures.

    python benchmarks/neighbours.py [--radius 10] [--sure 7]

Prints CPU time and peak memory at 100,000 and 1,000,000, their ratio, and what share of brute force's pairs among
20,000 is found, within ``--sure`` bits (all) and within the radius. Equal hashes are collapsed first, as in
``similarity``, whose radius and sure bits are the defaults here.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from pytest_clipdata.similarity.neighbours import near_pairs  # noqa: E402


def hashes(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    out = rng.integers(0, 1 << 64, count, dtype=np.uint64)
    tenth = count // 10
    copies = out[tenth : 2 * tenth].copy()
    for flip in range(10):
        some = np.arange(tenth) % 10 >= flip
        copies[some] ^= np.uint64(1) << rng.integers(0, 64, int(some.sum()), dtype=np.uint64)
    out[2 * tenth : 3 * tenth] = copies
    out[:tenth] = out[0]
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--radius", type=int, default=10)
    parser.add_argument("--sure", type=int, default=7)
    args = parser.parse_args()
    few = np.unique(hashes(20_000))
    i, j, _ = near_pairs(few, None, args.radius, args.sure)
    found = set(zip(i.tolist(), j.tolist(), strict=True))
    for bits in (args.sure, args.radius):
        brute = {
            (n, n + 1 + int(m))
            for n in range(len(few))
            for m in np.flatnonzero(np.bitwise_count(few[n + 1 :] ^ few[n]) <= bits)
        }
        print(
            f"of {len(brute):,d} pairs within {bits} bits among 20,000, {len(brute & found) / len(brute):.4f} are found"
        )
    took = {}
    for count in (100_000, 1_000_000):
        every = hashes(count)
        start = time.process_time()
        values = np.unique(every)
        pairs = near_pairs(values, None, args.radius, args.sure)
        took[count] = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{count:>9,d} hashes, {len(pairs[0]):>7,d} pairs: {took[count]:6.2f} s, peak {peak:.2f} GiB")
    print(f"ratio {took[1_000_000] / took[100_000]:.1f} (to reach 15)")


if __name__ == "__main__":
    main()
