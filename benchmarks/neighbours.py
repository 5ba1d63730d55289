"""The search among many signatures: seconds, memory and what it finds of planted copies.

    python benchmarks/neighbours.py [--count 1000000] [--copies 0.1] [--flips 20] [--seed 1]

Signatures are random; the last tenth are copies of others with 0 to ``--flips`` of the 255 bits of each view flipped.
Brute force compares copies of a sample with every signature.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from pathlib import Path

import numpy as np

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from pytest_clipdata.images.signature import BOX_CELLS, VIEWS, WHOLE_CELLS, Signatures  # noqa: E402
from pytest_clipdata.similarity.candidates import candidate_pairs  # noqa: E402


def planted(count: int, copies: int, flips: int, seed: int) -> Signatures:
    """Random signatures, of which the last ``copies`` are copies of others."""
    rng = np.random.default_rng(seed)
    bits = rng.integers(0, 1 << 64, (count, VIEWS, 4), dtype=np.uint64)
    sure = np.full_like(bits, 0xFFFFFFFFFFFFFFFF)
    sure[..., 0] ^= np.uint64(1) << np.uint64(63)  # the mean
    whole = rng.integers(0, 256, (count, WHOLE_CELLS, WHOLE_CELLS, 3), dtype=np.uint8)
    boxed = rng.integers(0, 256, (count, BOX_CELLS, BOX_CELLS, 3), dtype=np.uint8)
    of = rng.integers(0, count - copies, copies)
    flipped = rng.integers(0, flips + 1, copies)
    for start in range(0, copies, 10_000):
        some = slice(start, min(start + 10_000, copies))
        size = some.stop - some.start
        for view in range(VIEWS):
            rank = rng.random((size, 255)).argsort(axis=1).argsort(axis=1) < flipped[some, None]
            mask = np.zeros((size, 256), dtype=np.uint8)
            mask[:, 1:] = rank
            words = np.packbits(mask, axis=1).view(">u8").astype(np.uint64)
            bits[count - copies + start : count - copies + some.stop, view] = bits[of[some], view] ^ words
    whole[count - copies :], boxed[count - copies :] = whole[of], boxed[of]
    return Signatures(bits, sure, whole, boxed, np.zeros((count, 4), dtype=np.float32))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--copies", type=float, default=0.1)
    parser.add_argument("--flips", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    copies = int(args.count * args.copies)
    signatures = planted(args.count, copies, args.flips, args.seed)
    start, began = time.perf_counter(), time.process_time()
    i, j = candidate_pairs(signatures)
    print(f"{args.count} signatures: {time.perf_counter() - start:.1f} s, CPU {time.process_time() - began:.1f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB, pairs {len(i)}")
    found = set(zip(i.tolist(), j.tolist(), strict=True))
    rng = np.random.default_rng(2)
    missed = total = 0
    for copy in rng.permutation(copies)[:300].tolist():
        n = args.count - copies + copy
        differ = np.bitwise_count(signatures.bits[:, 0] ^ signatures.bits[n, 0]).sum(axis=1, dtype=np.int64)
        near = np.flatnonzero(differ <= args.flips)
        near = near[near != n]
        total += len(near)
        missed += sum((min(n, m), max(n, m)) not in found for m in near.tolist())
    print(f"of {total} pairs that brute force finds for a sample, found {1 - missed / max(1, total):.4f}")


if __name__ == "__main__":
    main()
