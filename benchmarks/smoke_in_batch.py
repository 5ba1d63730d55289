"""The trial of the in-batch contrastive loss for rows without labels: verdicts, steps and the bound, seed after seed.

    python benchmarks/smoke_in_batch.py [--seeds 100]

The kinds of data are those of benchmarks/smoke.py, their match rows alone. Pictures are decoded in this process, which
is what the workers would give. Prints Markdown.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import smoke

from pytest_clipdata.images.drawing import for_clip
from pytest_clipdata.images.facts import Drawn, Limits
from pytest_clipdata.reading.blob import Blob
from pytest_clipdata.smoke.pixels import clip_pixels
from pytest_clipdata.smoke.run import run_smoke
from pytest_clipdata.smoke.tiny import LEARNING_RATE, SIDE
from pytest_clipdata.smoke.values import Pair

GOOD = (
    smoke.photos_and_sentences,
    smoke.eight_pictures_eight_texts,
    smoke.products_on_white,
    smoke.eight_colours_crossed,
    smoke.three_rows_a_label,
    smoke.long_texts,
)
BAD = {
    smoke.blank_pictures: "blank",
    smoke.sixteen_bit_pictures: "saturated",
    smoke.one_picture_in_many_files: "identical_pictures",
    smoke.one_text: "identical_tokens",
    smoke.texts_that_differ_behind_77_tokens: "identical_tokens",
}


def repeated_captions(folder: Path, rng: np.random.Generator) -> list[Pair]:
    """Sixty pictures with ten texts: what repeats must not count as a mismatch."""
    images, texts = smoke.photos(folder, rng, 60), smoke.sentences(rng, 10)
    return smoke.rows((image, texts[i % 10], True) for i, image in enumerate(images))


def shuffled_pairs(folder: Path, rng: np.random.Generator) -> list[Pair]:
    """Every picture with another's text: sixteen of them can be learned by rote, so this cannot be seen."""
    return smoke.rows(zip(smoke.photos(folder, rng, 40), smoke.sentences(rng, 40), [True] * 40, strict=True))


@dataclass(frozen=True)
class Here:
    """Decodes in this process."""

    def pictures(self, paths: Sequence[Any], side: int) -> Iterator[Drawn]:
        for path in paths:
            yield for_clip(Blob.of(path), Limits(), side=side)


def trial(kind: smoke.Kind, right: str, seeds: int) -> str:
    outcomes: Counter[str] = Counter()
    steps, sizes, shares, seconds = [], [], [], []
    for seed in range(seeds):
        with tempfile.TemporaryDirectory() as folder:
            pairs = [pair for pair in kind(Path(folder), np.random.default_rng(seed)) if pair.matches]
            pairs = [replace(pair, pair_key=f"{pair.row}") for pair in pairs]
            began = process_time()
            result = run_smoke(pairs, device="cpu", seed=seed, in_batch=True, opening=Here())
            seconds.append(process_time() - began)
        outcomes[smoke.verdict(result)] += 1
        if losses := result.figures.get("losses"):
            steps.append(result.figures["steps"])
            sizes.append(result.figures["pairs"])
            shares.append(min(losses) / result.figures["entropy"])
    said = ", ".join(f"{outcome} {count}" for outcome, count in outcomes.most_common())
    batch = f"{min(sizes)} .. {max(sizes)}" if sizes else "-"
    spread = f"{statistics.median(steps):.0f} / {max(steps)}" if steps else "-"
    lowest = f"{min(shares):.2f} .. {max(shares):.2f}" if shares else "-"
    cost = f"{statistics.median(seconds):.2f} / {max(seconds):.2f}"
    name = kind.__name__.replace("_", " ")
    return f"| {name} | {outcomes[right]}/{seeds} | {said} | {batch} | {spread} | {lowest} | {cost} |"


def bound_alone(seeds: int) -> None:
    """The bound with the checks before it switched off, on batches of sixteen of which one side tells nothing."""
    from pytest_clipdata.smoke.process import undisturbed
    from pytest_clipdata.smoke.tiny import tiny_model
    from pytest_clipdata.smoke.tokens import tiny_tokens
    from pytest_clipdata.smoke.train import Batch, Terms, train

    for name, pictures, texts in (("one picture", 1, 16), ("one text", 16, 1), ("two pictures", 2, 16)):
        failed, lowest = 0, []
        for seed in range(seeds):
            rng = np.random.default_rng(seed)
            seen = [clip_pixels(smoke.photo(rng), SIDE) for _ in range(pictures)]
            ids, mask, vocabulary = tiny_tokens([smoke.sentence(rng, i % texts) if texts > 1 else "one text"
                                                 for i in range(16)])  # fmt: skip
            given = {"pixel_values": np.stack([seen[i % pictures] for i in range(16)])}
            batch = Batch(given, ids, mask, np.ones(16, np.float32), tuple(range(16)))
            with undisturbed("cpu", seed, threads=1):
                terms = Terms("cpu", None, LEARNING_RATE, in_batch=True)
                run = train(tiny_model(vocabulary), batch, terms)
            failed += bool(run.failures)
            lowest.append(min(run.losses) / run.entropy)
        print(f"| {name} | {failed}/{seeds} | {min(lowest):.4f} .. {max(lowest):.4f} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=100)
    seeds = parser.parse_args().seeds
    print("| data | right | verdicts | batch | steps, median / most | lowest loss / log n | CPU s |")
    print("|---|---|---|---|---|---|---|")
    kinds = dict.fromkeys((*GOOD, repeated_captions), "passed") | BAD | {shuffled_pairs: "not_learned_in_batch"}
    for kind, right in kinds.items():
        print(trial(kind, right, seeds), flush=True)
    print("\n| the bound alone | failed | lowest loss / log n |\n|---|---|---|")
    bound_alone(seeds)


if __name__ == "__main__":
    main()
